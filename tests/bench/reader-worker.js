// Reads as the product's coordinator does (app/worker/src/files.rs): a stream fills buffers of 4 MiB, the first of them in part, and at most three
// are on their way to the worker that takes them and, here, gives them back without a look.
const take = (port) => {
  const began = performance.now();
  port.onmessage = (e) => {
    if (e.data === null) return postMessage(performance.now() - began);
    port.postMessage(e.data.buffer, [e.data.buffer]);
  };
};
const discard = async (files, port) => {
  const room = [];
  let wanted = 3, more;
  port.onmessage = (e) => { wanted += 1; room.push(e.data); more?.(); };
  for (const file of files) {
    const reader = file.stream().getReader({ mode: 'byob' });
    for (let at = 0, most = 256 << 10; at < file.size; most = Math.min(most * 2, 4 << 20)) {
      while (wanted === 0) await new Promise((done) => (more = done));
      wanted -= 1;
      const end = Math.min(most, file.size - at);
      let buffer = room.pop() ?? new ArrayBuffer(4 << 20), filled = 0, done = false;
      while (filled < end && !done) {
        const read = await reader.read(new Uint8Array(buffer, filled, Math.min(256 << 10, end - filled)));
        ({ done } = read);
        ({ buffer } = read.value);
        filled += read.value.length;
      }
      at += end;
      port.postMessage(new Uint8Array(buffer, 0, filled), [buffer]);
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
