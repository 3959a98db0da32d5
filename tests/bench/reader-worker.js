// Reads as the product's parsing worker does (app/worker/src/files.rs): slabs of 8 MiB, the first of 1 MiB, the next always on its way.
onmessage = async (e) => {
  const [work, files] = e.data;
  const began = performance.now();
  for (const file of files) {
    if (work === 'parse') { JSON.parse(await file.text()); continue; }
    let at = 0;
    const ask = (size) => {
      if (at >= file.size) return null;
      const slab = file.slice(at, at + size).arrayBuffer();
      at += size;
      return slab;
    };
    let next = ask(1 << 20);
    while (next) {
      await next;
      next = ask(8 << 20);
    }
  }
  postMessage(performance.now() - began);
};
