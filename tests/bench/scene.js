// The picture at the ceiling of AKS in headless Chromium without a GPU, 1440 by 900: layout, frames along a path of the camera,
// hits, and memory; then the same boxes and lines in sigma.js with the same path. Prints one line of JSON.
// `node scene.js FOLDER`: the folder holds the wasm module of `scene/` with its JavaScript.

import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { serve } from "../browser/site.js";

const here = dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(join(here, "../browser/package.json"))("playwright-core");
const [built, FRAMES = "240", nodes = "5000"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "underlay-scene-"));
copyFileSync(join(here, "scene/index.html"), join(folder, "index.html"));
for (const file of ["scene.js", "scene_bg.wasm"]) copyFileSync(join(built, file), join(folder, file));
copyFileSync(join(here, "node_modules/sigma/dist/sigma.min.js"), join(folder, "sigma.min.js"));
copyFileSync(join(here, "node_modules/graphology/dist/graphology.umd.min.js"), join(folder, "graphology.min.js"));

const server = await serve(folder);
const browser = await chromium.launch({
  executablePath: process.env.UNDERLAY_CHROMIUM ?? "/usr/bin/chromium",
  // WebGL is imitated by the processor, which the peer needs; everything else is as where there is no GPU.
  args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--enable-precise-memory-info", "--js-flags=--expose-gc"],
});

/** A page, and the work of each frame along the path: `draw(part)` draws one. */
async function path(page, frames = Number(FRAMES)) {
  return page.evaluate(async (frames) => {
    const work = [];
    const gaps = [];
    let last = 0;
    let sharp = 0;
    await new Promise((done) => {
      let at = 0;
      const step = (now) => {
        if (last) gaps.push(now - last);
        last = now;
        if (at > frames) return done();
        const began = performance.now();
        window.draw(at / frames);
        work.push(performance.now() - began);
        sharp += window.bench?.is_sharp() ?? 1;
        at += 1;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    const share = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];
    // A frame is dropped when the next one comes later than one and a half of 60 a second.
    const dropped = gaps.filter((gap) => gap > 25).length / gaps.length;
    return { median: share(work, 0.5), p95: share(work, 0.95), worst: Math.max(...work), gap: share(gaps, 0.95), dropped, sharp: sharp / work.length };
  }, frames);
}

async function open() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(300_000);
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(server.address);
  return page;
}

async function own() {
  const page = await open();
  const laid = await page.evaluate(async (nodes) => {
    const { default: start, Bench } = await import("./scene.js");
    const { memory } = await start();
    const canvas = (id) => document.getElementById(id);
    const bench = new Bench(nodes, canvas("first"), canvas("second"));
    const [things, edges] = bench.size();
    const before = memory.buffer.byteLength;
    let began = performance.now();
    bench.lay_out();
    const layout = performance.now() - began;
    began = performance.now();
    bench.frame(0);
    const first = performance.now() - began;
    began = performance.now();
    const hits = bench.hits(10_000);
    const hit = (performance.now() - began) / 10_000;
    window.draw = (part) => bench.frame(part);
    window.bench = bench;
    window.wasm = memory;
    return { things, edges, layout, first, hit, hits, answer: before / 1e6, wasm: memory.buffer.byteLength / 1e6 };
  }, Number(nodes));
  const moving = await path(page);
  const regrouped = await page.evaluate(() => {
    const began = performance.now();
    window.bench.group("namespace");
    window.bench.frame(0);
    return performance.now() - began;
  });
  const fields = await path(page);
  const heap = await page.evaluate(() => (gc?.(), performance.memory.usedJSHeapSize / 1e6));
  const memory = (await page.evaluate(() => window.wasm.buffer.byteLength / 1e6)) + heap;
  await page.close();
  return { ...laid, moving, regrouped, fields, memory };
}

/** As many boxes and lines, placed on the same grid, drawn by sigma.js along the same path. */
async function peer(things, lines) {
  const page = await open();
  await page.addScriptTag({ url: "graphology.min.js" });
  await page.addScriptTag({ url: "sigma.min.js" });
  const made = await page.evaluate(
    async ([things, lines]) => {
      for (const id of ["first", "second"]) document.getElementById(id).remove();
      const began = performance.now();
      const graph = new graphology.Graph();
      const side = Math.ceil(Math.sqrt(things));
      for (let i = 0; i < things; i += 1) graph.addNode(i, { x: i % side, y: Math.floor(i / side), size: 1, color: "#2a7a65" });
      for (let i = 0; i < lines; i += 1) graph.addEdge(i % 12, (i * 2 + 12) % things, { size: 0.5, color: "#3f6288" });
      const sigma = new Sigma(graph, document.getElementById("sigma"), { renderLabels: false, enableEdgeEvents: false });
      const layout = performance.now() - began;
      window.draw = (part) => {
        const depth = 1 - Math.abs(part * 2 - 1);
        sigma.getCamera().setState({ ratio: 2 ** (-depth * 7), x: 0.6 + 0.02 * part, y: 0.5 });
        sigma.render ? sigma.render() : sigma.refresh({ skipIndexation: true });
        // What was asked of the GPU counts when it is done, as the picture's own work does.
        for (const canvas of document.querySelectorAll("#sigma canvas")) {
          const gl = canvas.getContext("webgl2");
          if (gl) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
        }
      };
      window.draw(0);
      return { layout };
    },
    [things, lines],
  );
  // A frame of the peer takes seconds without a GPU: fewer of the same path.
  const moving = await path(page, Math.ceil(Number(FRAMES) / 40));
  const memory = await page.evaluate(() => (gc?.(), performance.memory.usedJSHeapSize / 1e6));
  await page.close();
  return { ...made, moving, memory };
}

const picture = await own();
let sigma = null;
try {
  sigma = await peer(picture.things, picture.edges);
} catch (error) {
  sigma = { error: String(error).split("\n")[0] };
}
console.log(JSON.stringify({ browser: `Chromium ${browser.version()}`, picture, sigma }));
await browser.close();
await server.close();
