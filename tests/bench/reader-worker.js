// Reads as the product's coordinator does (app/worker/src/files.rs): slabs of 4 MiB, the first of 1 MiB, at most three on their way to the worker
// that takes them and, here, throws them away.
const take = (port) => {
  const began = performance.now();
  port.onmessage = (e) => {
    if (e.data === null) return postMessage(performance.now() - began);
    port.postMessage(e.data.byteLength);
  };
};
const discard = async (files, port) => {
  let wanted = 3, more;
  port.onmessage = () => { wanted += 1; more?.(); };
  for (const file of files) {
    for (let at = 0, size = 1 << 20; at < file.size; at += size, size = 4 << 20) {
      while (wanted === 0) await new Promise((done) => (more = done));
      wanted -= 1;
      const slab = await file.slice(at, at + size).arrayBuffer();
      port.postMessage(slab, [slab]);
    }
  }
  port.postMessage(null);
};
onmessage = async (e) => {
  const [work, files, port] = e.data;
  if (work === 'take') return take(files);
  if (work === 'discard') return discard(files, port);
  const began = performance.now();
  for (const file of files) JSON.parse(await file.text());
  postMessage(performance.now() - began);
};
