// The two painters of cells: what the GPU draws is what the processor draws, and a context that is lost is taken over without a gap
// and given back. There is no GPU here: the address asks for WebGL, which Chromium imitates.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { generated } from "./captures.js";
import { by, drawn, readFiles, rested, visit } from "./visit.js";

const CLUSTER = "--nodes 60 --pods-per-node 12 --services 8 --gateway-instances 3 --minutes 2 --requests 400 --probe-interval-ms 0 --denied 2 --platform 0 --egress 2 --east-west 4 --failing-pods 6 --earlier-copies 0 --cut-copies 0 --rejected 0 --flow-logs 1";

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.UNDERLAY_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  });
});
after(() => browser.close());

/** Asks for a painter by the address, and remembers the contexts that the page makes. */
const painter = (asked) => (page) =>
  page.addInitScript((asked) => {
    if (asked) history.replaceState(null, "", asked);
    window.contexts = [];
    const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, options) {
      const context = get.call(this, kind, options);
      if (kind === "webgl2" && context) window.contexts.push(context);
      return context;
    };
  }, asked);

const drawnBy = (page, name) => page.locator(`.stage[data-painter="${name}"]`).waitFor();

/** The pixels of the canvas that is seen, once the picture stands still. */
async function pixels(page) {
  await rested(page);
  return page.evaluate(() => document.querySelector(".stage canvas:not(.away)").toDataURL());
}

/** Share of points of two pictures that differ by more than the smoothing of an edge. */
const difference = (page, one, other) =>
  page.evaluate(
    async (urls) => {
      const data = await Promise.all(
        urls.map(async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext("2d");
          context.fillRect(0, 0, image.width, image.height);
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, image.width, image.height).data;
        }),
      );
      let odd = 0;
      for (let at = 0; at < data[0].length; at += 4) odd += [0, 1, 2].some((i) => Math.abs(data[0][at + i] - data[1][at + i]) > 32);
      return odd / (data[0].length / 4);
    },
    [one, other],
  );

/** A cluster drawn by a painter, which the address asks for or not. */
async function cluster(t, name, asked = `?painter=${name}`) {
  const visited = await visit(browser, { prepare: painter(asked), reducedMotion: "reduce" });
  await readFiles(visited.page, generated(t, CLUSTER.split(" ")), "folder-input");
  await by(visited.page, "open-topology").click();
  await drawn(visited.page);
  await drawnBy(visited.page, name);
  return visited;
}

test("the GPU draws what the processor draws, and a context that is lost leaves no gap", async (t) => {
  const processor = await cluster(t, "cpu");
  const expected = await pixels(processor.page);
  await processor.end();

  const { page, end } = await cluster(t, "webgl2");
  const drawnByGpu = await pixels(page);
  assert.ok((await difference(page, expected, drawnByGpu)) < 0.004, "both painters draw the same");

  // In every frame after the loss the picture is whole.
  const least = await page.evaluate(async () => {
    const seen = () => document.querySelector(".stage canvas:not(.away)");
    const painted = () => {
      const { data } = seen().getContext("2d").getImageData(0, 0, seen().width, seen().height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) count += data[at] > 0;
      return count;
    };
    const before = painted();
    window.lose = window.contexts[0].getExtension("WEBGL_lose_context");
    window.lose.loseContext();
    let least = 1;
    for (let frame = 0; frame < 20; frame += 1) {
      await new Promise((later) => requestAnimationFrame(later));
      least = Math.min(least, painted() / before);
    }
    return least;
  });
  assert.ok(least > 0.98, `of the picture only ${least} was left`);
  await drawnBy(page, "cpu");
  assert.ok((await difference(page, expected, await pixels(page))) < 0.004, "the processor goes on");
  await page.evaluate(() => window.lose.restoreContext());
  await drawnBy(page, "webgl2");
  assert.ok((await difference(page, drawnByGpu, await pixels(page))) < 0.001, "the GPU has it back");
  await end({ forgive: /CONTEXT_LOST|context lost/i });
});

test("an imitated GPU is not chosen", async (t) => {
  const { page, end } = await cluster(t, "cpu", "");
  await pixels(page);
  await end();
});
