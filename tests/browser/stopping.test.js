// What ends early: reading that the person cancels, a worker that fails, a file that is gone.

import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { flowLog, folder } from "./captures.js";
import { by, launch, places, readFiles, visit } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const formats = (page) =>
  by(page, "report-row").evaluateAll((rows) => Object.fromEntries(rows.map((row) => [row.dataset.path, row.dataset.format])));

test("cancelling in the middle forgets this go and keeps what was there", async (t) => {
  const { page, end } = await visit(browser);
  const big = flowLog(60, 20_000);
  const path = folder(t, { "small.json": flowLog(2, 2) });
  for (let file = 0; file < 6; file += 1) {
    writeFileSync(join(path, `big-${file}.json`), big.replaceAll("002248AABBCC", `00224800000${file}`));
  }
  await readFiles(page, [join(path, "small.json")]);
  // Pressed in the page, some frames after it is there: all would be read by the time that a busy machine comes to press it from outside.
  await page.evaluate(() => {
    let seen = 0;
    const press = () => {
      const button = document.querySelector("[data-testid=cancel]");
      seen += button ? 1 : 0;
      if (seen > 5) button.click();
      else requestAnimationFrame(press);
    };
    press();
  });
  await by(page, "file-input").setInputFiles(Array.from({ length: 6 }, (_, file) => join(path, `big-${file}.json`)));
  await page.locator('[data-testid="progress"][data-reading="false"]').waitFor();
  assert.deepEqual(await formats(page), { "small.json": "vnet-flow-log" });
  await readFiles(page, [join(path, "big-0.json")]);
  assert.deepEqual(Object.keys(await formats(page)).sort(), ["big-0.json", "small.json"], "reading goes on after a cancel");
  await end();
});

test("a worker that panics is named with its file, and the other files are there", async (t) => {
  assert.ok(existsSync(places.siteWithFaults), "the site with faults is not built");
  const { page, end } = await visit(browser, { site: places.siteWithFaults });
  const path = folder(t, {
    "a.json": flowLog(5, 5),
    "b-fault.json": "underlay-fault: panic",
    "c.json": flowLog(5, 5, "002248DDEEFF"),
  });
  await readFiles(page, ["a.json", "b-fault.json", "c.json"].map((name) => join(path, name)));
  const failure = by(page, "worker-failed");
  await failure.waitFor();
  assert.match(await failure.textContent(), /b-fault\.json/);
  const rows = await formats(page);
  assert.equal(rows["a.json"], "vnet-flow-log");
  assert.equal(rows["c.json"], "vnet-flow-log");
  await end({ forgive: /a fault was asked for by the file|unreachable/ });
});

test("a file that is gone when it is read has its line", async (t) => {
  let release;
  const held = new Promise((go) => (release = go));
  // Without its worker's module the page waits: the file vanishes after the page was told of it, before its turn comes.
  const prepare = (page) => page.route("**/underlay-worker_bg.wasm", (route) => held.then(() => route.continue()));
  const { page, end } = await visit(browser, { prepare });
  const path = folder(t, { "here.json": flowLog(4, 4), "gone.json": flowLog(2, 2, "002248DDEEFF") });
  await by(page, "file-input").setInputFiles([join(path, "here.json"), join(path, "gone.json")]);
  await page.locator('[data-testid="progress"][data-reading="true"]').waitFor();
  rmSync(join(path, "gone.json"));
  release();
  await page.locator('[data-testid="report-row"][data-path="here.json"][data-format="vnet-flow-log"]').waitFor();
  const gone = page.locator('[data-testid="report-row"][data-path="gone.json"]');
  await gone.waitFor();
  assert.match(await gone.textContent(), /could not be read/i);
  await end({ forgive: /NotFoundError|NotReadableError|ERR_FILE_NOT_FOUND/ });
});

test("a file that was gone before it was read is not called empty", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "gone.json": flowLog(2, 2) });
  // The page is given a handle whose file is deleted before the page looks at it.
  await page.evaluate(() => {
    window.late = document.createElement("input");
    window.late.type = "file";
    window.late.id = "late";
    document.body.append(window.late);
  });
  await page.locator("#late").setInputFiles([join(path, "gone.json")]);
  rmSync(join(path, "gone.json"));
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(window.late.files[0]);
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  const gone = page.locator('[data-testid="report-row"][data-path="gone.json"]');
  await gone.waitFor();
  assert.match(await gone.textContent(), /could not be read to its end: it is not there any more/);
  await end({ forgive: /NotFoundError|NotReadableError|ERR_FILE_NOT_FOUND/ });
});

test("a parsing worker that is ended is said, and everything is there all the same", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "a.json": flowLog(5, 5), "b.json": flowLog(5, 5, "002248DDEEFF") });
  await readFiles(page, ["a.json", "b.json"].map((name) => join(path, name)));
  for (const worker of page.workers()) {
    const name = await worker.evaluate(() => self.name);
    if (name.startsWith("shard")) await worker.evaluate(() => self.close());
  }
  await by(page, "worker-failed").waitFor();
  assert.match(await by(page, "worker-failed").textContent(), /ended it\. What it held is read again/);
  await by(page, "worker-failed").getByRole("button", { name: "Continue" }).click();
  await page.locator('[data-testid="progress"][data-reading="false"]').waitFor();
  const rows = await formats(page);
  assert.deepEqual(rows, { "a.json": "vnet-flow-log", "b.json": "vnet-flow-log" });
  await by(page, "open-topology").click();
  await page.locator('main[data-ready="true"]').waitFor();
  await end();
});

test("when the session's worker is ended, one press begins again with the same files", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "a.json": flowLog(5, 5), "b.json": flowLog(5, 5, "002248DDEEFF") });
  await readFiles(page, ["a.json", "b.json"].map((name) => join(path, name)));
  const names = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.name)));
  await page.workers()[names.indexOf("coordinator")].evaluate(() => self.close());
  await by(page, "start-again").click();
  await page.locator('[data-testid="report-row"][data-path="b.json"]').waitFor();
  await page.locator('[data-testid="progress"][data-reading="false"]').waitFor();
  assert.deepEqual(Object.keys(await formats(page)).sort(), ["a.json", "b.json"]);
  await end();
});

test("memory that runs out costs the file that was read, and is said", async (t) => {
  const { page, end } = await visit(browser, { site: places.siteWithFaults });
  const path = folder(t, { "a.json": flowLog(5, 5), "hoard.json": "underlay-fault: memory" });
  await readFiles(page, ["a.json", "hoard.json"].map((name) => join(path, name)));
  await by(page, "worker-failed").waitFor();
  assert.match(await by(page, "worker-failed").textContent(), /no more memory/);
  await by(page, "worker-failed").getByRole("button", { name: "Continue" }).click();
  await page.locator('[data-testid="progress"][data-reading="false"]').waitFor();
  const hoard = page.locator('[data-testid="report-row"][data-path="hoard.json"]');
  assert.match(await hoard.textContent(), /Left out: memory ran out/);
  assert.equal((await formats(page))["a.json"], "vnet-flow-log");
  await end({ forgive: /unreachable|memory/ });
});
