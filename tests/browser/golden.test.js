// The picture as it was accepted: the sample and a cluster of 120 nodes, in both themes, at three zoom levels. Texts are not painted,
// since fonts differ from machine to machine; lines, boxes, marks and cells must be where they were. To accept a new picture, run
// with UNDERLAY_UPDATE=1 and look at what has changed.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { generated } from "./captures.js";
import { by, drawn, launch, openSample, places, readFiles, rested, visit, wear } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Share of points of the picture, after halving its size, that may differ by more than a little: edges are smoothed differently. */
const MOST = 0.004;
const golden = join(places.root, "tests", "browser", "golden");

/** Texts are measured by the scene and painted by the browser; only the second is left out. */
const withoutTexts = (page) =>
  page.addInitScript(() => {
    CanvasRenderingContext2D.prototype.fillText = () => {};
  });

/** The picture once two in a row are the same. */
async function settled(page) {
  let last = null;
  for (let tries = 0; tries < 40; tries += 1) {
    await rested(page);
    const now = await by(page, "canvas").screenshot({ animations: "disabled" });
    if (last?.equals(now)) return now;
    last = now;
  }
  throw new Error("the picture does not come to rest");
}

/** Share of points that differ. */
const difference = (page, one, other) =>
  page.evaluate(
    async (urls) => {
      const points = await Promise.all(
        urls.map(async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width / 2, image.height / 2);
          const context = canvas.getContext("2d");
          context.imageSmoothingQuality = "high";
          context.drawImage(image, 0, 0, canvas.width, canvas.height);
          return context.getImageData(0, 0, canvas.width, canvas.height).data;
        }),
      );
      const [a, b] = points;
      if (a.length !== b.length) return 1;
      let odd = 0;
      for (let at = 0; at < a.length; at += 4) {
        odd += [0, 1, 2].some((i) => Math.abs(a[at + i] - b[at + i]) > 14) ? 1 : 0;
      }
      return odd / (a.length / 4);
    },
    [one, other].map((png) => `data:image/png;base64,${png.toString("base64")}`),
  );

async function compare(page, name) {
  const now = await settled(page);
  const path = join(golden, `${name}.png`);
  if (process.env.UNDERLAY_UPDATE || !existsSync(path)) {
    assert.ok(process.env.UNDERLAY_UPDATE, `${path} is missing`);
    mkdirSync(golden, { recursive: true });
    return writeFileSync(path, now);
  }
  const share = await difference(page, now, readFileSync(path));
  if (share > MOST) {
    mkdirSync(places.screenshots, { recursive: true });
    writeFileSync(join(places.screenshots, `${name}.png`), now);
    return `${name}: ${(share * 100).toFixed(2)} % differ`;
  }
}

const CLUSTER = "--nodes 120 --pods-per-node 8 --services 12 --gateway-instances 4 --silent-instances 1 --minutes 2 --requests 800 --probe-interval-ms 0 --denied 4 --platform 0 --egress 4 --east-west 10 --failing-pods 6 --earlier-copies 0 --cut-copies 0 --rejected 0 --flow-logs 1";

for (const [capture, zooms] of [
  ["sample", ["fit", "2,-620,-380", "4,-1900,-900"]],
  ["120 nodes", ["fit", "2,-300,-200", "8,-2600,-1300"]],
]) {
  test(`the picture of ${capture} is the accepted one`, async (t) => {
    const { page, end } = await visit(browser, { prepare: withoutTexts, reducedMotion: "reduce" });
    if (capture === "sample") {
      await openSample(page);
    } else {
      await readFiles(page, generated(t, CLUSTER.split(" ")), "folder-input");
      await by(page, "open-topology").click();
      await drawn(page);
    }
    // The drawing alone, at a size that no font changes.
    await wear(page, ".headline,.ctl,.crumbs,.minimap{display:none!important}.stage{background:var(--canvas);position:fixed!important;left:0;top:0;width:720px;height:480px;z-index:99}");
    const found = [];
    for (const theme of ["dark", "light"]) {
      for (const [level, zoom] of zooms.entries()) {
        if (zoom === "fit") await page.keyboard.press("0");
        else await page.evaluate((zoom) => (location.hash = `#v1/topology?cam=${zoom}`), zoom);
        await page.waitForFunction(
          (zoom) => zoom === document.querySelector("[data-testid=main]").dataset.camera.replace(/\.0+(?=,|$)/g, ""),
          zoom,
        );
        found.push(await compare(page, `${capture.replace(" ", "-")}-${level}-${theme}`));
      }
      await page.getByRole("button", { name: "Switch theme" }).click();
    }
    assert.deepEqual(found.filter(Boolean), []);
    await end();
  });
}
