// Times one file through the baseline page and through the real page, in turns, in one Chromium. Prints one line of JSON.

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../browser/site.js";
import { by, launch, places, visit } from "../browser/visit.js";

const [file, rounds = "3"] = process.argv.slice(2);
const megabytes = statSync(file).size / 1e6;
const browser = await launch();

/** Seconds from the choice of the file to the end of the script's work. */
async function baseline() {
  const server = await serve(dirname(fileURLToPath(import.meta.url)));
  const page = await browser.newPage();
  await page.goto(`${server.address}baseline.html`);
  await page.locator("#files").setInputFiles(file);
  await page.waitForFunction(() => window.baseline, null, { timeout: 600_000 });
  const { ms, tuples } = await page.evaluate(() => window.baseline);
  await page.close();
  await server.close();
  return { seconds: ms / 1e3, tuples };
}

/** Seconds from the choice of the file to the end of reading, and to the picture. The page itself keeps the times. */
async function product() {
  const { page, context, server } = await visit(browser);
  await by(page, "landing").waitFor();
  await page.evaluate(() => {
    addEventListener("change", () => (window.began ??= performance.now()), { capture: true });
    new MutationObserver(() => {
      const now = performance.now();
      if (!window.read && document.querySelector('[data-testid="progress"][data-reading="false"]')) {
        window.read = now;
        document.querySelector('[data-testid="open-topology"]').click();
      }
      if (window.read && !window.drawn && document.querySelector('main[data-ready="true"]')) window.drawn = now;
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await by(page, "file-input").setInputFiles(file);
  await page.waitForFunction(() => window.drawn, null, { timeout: 600_000 });
  const times = await page.evaluate(() => ({ read: window.read - window.began, drawn: window.drawn - window.began }));
  await context.close();
  await server.close();
  return { read: times.read / 1e3, drawn: times.drawn / 1e3 };
}

/** How long an empty page takes until one can use it. */
async function firstLoad() {
  const server = await serve(places.site);
  const page = await browser.newPage();
  await page.goto(server.address);
  await by(page, "open-sample").waitFor();
  const ms = await page.evaluate(() => performance.now());
  await page.close();
  await server.close();
  return ms / 1e3;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const scripts = [];
const products = [];
const loads = [];
for (let round = 0; round < Number(rounds); round += 1) {
  scripts.push(await baseline());
  products.push(await product());
  loads.push(await firstLoad());
}
const result = {
  megabytes,
  tuples: scripts[0].tuples,
  browser: `Chromium ${browser.version()}`,
  baseline: median(scripts.map(({ seconds }) => seconds)),
  read: median(products.map(({ read }) => read)),
  drawn: median(products.map(({ drawn }) => drawn)),
  load: median(loads),
};
console.log(JSON.stringify(result));
await browser.close();
