// The module that `module.js` drives, in a browser's worker.
onmessage = async (e) => {
  const { instance } = await WebAssembly.instantiateStreaming(fetch('engine.wasm'), {});
  const engine = instance.exports;
  const began = performance.now();
  engine.generate(e.data);
  engine.settle();
  const seconds = (performance.now() - began) / 1e3;
  postMessage({ tuples: engine.tuples(), seconds, retained: engine.retained(), peak: engine.memory.buffer.byteLength });
};
