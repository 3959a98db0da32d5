// Drives the engine as a WebAssembly module: `node module.js MODULE LOG ROW…`, one line of JSON a row. Node has the same compiler as Chromium.

import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";

const [wasm, log, ...rows] = process.argv.slice(2);
const code = await WebAssembly.compile(readFileSync(wasm));
const fresh = async () => (await WebAssembly.instantiate(code, {})).exports;
const seconds = (work) => {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
};
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const PIECE = 1 << 20;

/** Reads a text that lies in memory, as a slab of a file does. */
function read(engine, text) {
  engine.open(text.length);
  const at = engine.buffer();
  let heap = new Uint8Array(engine.memory.buffer);
  for (let from = 0; from < text.length; from += PIECE) {
    const piece = text.subarray(from, from + PIECE);
    if (heap.buffer !== engine.memory.buffer) heap = new Uint8Array(engine.memory.buffer);
    heap.set(piece, at);
    engine.push(piece.length);
  }
  engine.finish();
}

function questions(engine) {
  const names = new TextDecoder().decode(new Uint8Array(engine.memory.buffer, engine.buffer(), engine.filters())).split(" ");
  // What the first question of all makes is kept.
  const first = seconds(() => engine.pairs(0, 0, 59)) + seconds(() => engine.timeline(0));
  const three = (work) => median([0, 1, 2].map(() => seconds(work)));
  const filters = names.map((filter, number) => ({
    filter,
    pairs: three(() => engine.pairs(number, 0, 59)),
    half: three(() => engine.pairs(number, 15, 44)),
    timeline: three(() => engine.timeline(number)),
  }));
  const group = seconds(() => engine.group());
  const percentile = (times) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
  const picture = (first, width) => seconds(() => engine.picture(first, first + width - 1));
  const brush95 = percentile(Array.from({ length: 55 }, (_, first) => picture(first, 5)));
  const wide95 = percentile(Array.from({ length: 30 }, (_, first) => picture(first, 30)).slice(1));
  // From one half of the hour to the other, so that nothing of the one before is of use.
  const jump95 = percentile(Array.from({ length: 20 }, (_, at) => picture((at % 2) * 30, 30)));
  const listed95 = percentile(Array.from({ length: 55 }, (_, first) => seconds(() => engine.pairs(0, first, first + 4))));
  return { first, filters, group, brush95, wide95, jump95, listed95 };
}

const measures = {
  async module() {
    const text = new Uint8Array(statSync(log).size);
    const file = openSync(log);
    for (let at = 0; at < text.length; ) at += readSync(file, text, at, text.length - at);
    closeSync(file);
    const times = [];
    let settle = [];
    let engine;
    // The first rounds run while the compiler still works.
    for (let round = 0; round < 6; round += 1) {
      engine = await fresh();
      times.push(seconds(() => read(engine, text)));
      settle.push(seconds(() => engine.settle()));
    }
    engine = await fresh();
    read(engine, text);
    return {
      bytes: text.length,
      read: median(times.slice(1)),
      settle: median(settle.slice(1)),
      retained: engine.retained(),
      peak: engine.memory.buffer.byteLength,
    };
  },
  async "module-query"() {
    const engine = await fresh();
    // As many bytes as have ten million rows.
    engine.generate(3.3e9);
    const settle = seconds(() => engine.settle());
    return { tuples: engine.tuples(), rows: engine.rows(), settle, ...questions(engine) };
  },
  async "module-findings"() {
    const engine = await fresh();
    engine.capture(60, 30);
    // Asked first, so that probes and witnesses are heard for them.
    const findings = seconds(() => engine.capture_findings(1, 0));
    const picture = seconds(() => engine.capture_picture());
    const range = (first, width) => seconds(() => engine.capture_findings(first, first + width - 1));
    const five = median([3, 4, 5, 6, 7].map((first) => range(first, 5)));
    const half = median([0, 30, 0, 30, 0].map((first) => range(first, 30)));
    return { picture, findings, five, half, peak: engine.memory.buffer.byteLength };
  },
  async "module-stream"() {
    const engine = await fresh();
    const began = performance.now();
    engine.generate(7.5e9);
    const peakRead = engine.memory.buffer.byteLength;
    engine.settle();
    const took = (performance.now() - began) / 1e3;
    return { tuples: engine.tuples(), seconds: took, retained: engine.retained(), peakRead, peak: engine.memory.buffer.byteLength };
  },
};

for (const row of rows) {
  try {
    console.log(JSON.stringify({ row, ...(await measures[row]()) }));
  } catch (error) {
    console.log(JSON.stringify({ row, error: String(error) }));
  }
}
