// The main job on the sample capture: open, look, click, brush, save.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { summary } from "./captures.js";
import { by, launch, openSample, places, rested, visit, walkTree } from "./visit.js";

const A_POD = /^Pod bg76s/;
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test("the sample shows the lab: gateway subnet, instance, node, pods", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  const tree = (await walkTree(page)).join("\n");
  for (const name of ["10.13.100.0/24", "10.13.100.6", "vmss000000", "Internet"]) {
    assert.ok(tree.includes(name), `${name} is not in the tree:\n${tree}`);
  }
  assert.equal(tree.match(/^Pod .* [\d,]+ flows/gm)?.length, 4, tree);
  assert.match(tree, /^Pod bg76s, failing/m);
  assert.match(tree, /^Denied 37 times to node/m);
  await end();
});

test("a pod clicked in the tree is told of in the inspector", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await walkTree(page, A_POD);
  const inspector = by(page, "inspector");
  await inspector.getByText("Pod in ").first().waitFor();
  const told = await inspector.textContent();
  assert.match(told, /Pod in /);
  assert.match(told, /yadaapi-5f9f964f75-bg76s.*10\.244\.0\.131.*vmss000000/s);
  await end();
});

test("a pod clicked in the picture is selected", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await rested(page);
  const box = await by(page, "canvas").boundingBox();
  let found = "";
  search: for (let y = 0.95; y > 0.05; y -= 0.06) {
    for (let x = 0.95; x > 0.3; x -= 0.05) {
      await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
      await rested(page);
      found = await page.evaluate(() => location.hash);
      if (found.includes("sel=pod")) break search;
    }
  }
  assert.match(found, /sel=pod/, "no place of the picture is a pod");
  await by(page, "inspector").getByText("Pod in ").first().waitFor();
  await end();
});

test("brushing the timeline changes the numbers, and the whole range brings them back", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await walkTree(page, A_POD);
  const peers = by(page, "peers");
  await peers.waitFor();
  const whole = await peers.textContent();
  const handle = by(page, "brush-start");
  await handle.focus();
  for (let minute = 0; minute < 40; minute += 1) await handle.press("ArrowRight");
  const shown = (text) => page.waitForFunction((text) => document.querySelector('[data-testid="peers"]')?.textContent === text, text);
  await page.waitForFunction((text) => !["", text].includes(document.querySelector('[data-testid="peers"]')?.textContent ?? ""), whole);
  await by(page, "whole-range").click();
  await shown(whole);
  await end();
});

test("the saved summary is the command's, byte for byte", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await by(page, "export").click();
  const [download] = await Promise.all([page.waitForEvent("download"), by(page, "export-summary").click()]);
  const saved = readFileSync(await download.path(), "utf8");
  assert.ok(saved.length > 1000, "the summary is empty");
  assert.equal(saved, summary(places.sample));
  await end();
});
