// What one does with the picture: group, fold, hide, trace; drag, wheel, pinch and stay; walk by keys. Always the tree, which says
// what the canvas shows, and the address, which Back undoes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { by, launch, openSample, visit, walkTree } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const camera = (page) => by(page, "main").getAttribute("data-camera");
const settled = (page, before) =>
  page.waitForFunction((before) => document.querySelector("[data-testid=main]").dataset.camera !== before, before);
const pods = (words) => words.filter((text) => /^Pod /.test(text)).length;

async function sample(options) {
  const opened = await visit(browser, options);
  await openSample(opened.page);
  return opened;
}

test("a link into a capture says what it waits for, and shows it once the files are there", async () => {
  const prepare = (page) => page.addInitScript(() => history.replaceState(null, "", "#v1/topology?sel=pod:yada/yadaapi-5f9f964f75-bg76s"));
  const { page, end } = await visit(browser, { prepare });
  await by(page, "landing").getByText("This link shows a part of a capture").waitFor();
  await openSample(page);
  await by(page, "inspector").getByText("Pod in yada").waitFor();
  assert.match(await by(page, "inspector").textContent(), /yadaapi-5f9f964f75-bg76s/);
  await end();
});

test("every grouping holds the same pods, and Back undoes it", async () => {
  const { page, end } = await sample();
  const all = pods(await walkTree(page));
  assert.ok(all > 4);
  for (const [name, word] of [["namespace", /^Namespace yada,/], ["workload", /^Workload yadaapi,/], ["zone", /^(Zone|Node)/]]) {
    await by(page, "Group by").selectOption(name);
    await page.waitForFunction((name) => location.hash.includes(`group=${name}`), name);
    const words = await walkTree(page);
    assert.ok(words.some((text) => word.test(text)), `${name}:\n${words.join("\n")}`);
    assert.equal(pods(words), all, name);
  }
  const back = (name) => page.waitForFunction((name) => document.querySelector('[data-testid="Group by"]').value === name, name);
  await back("zone");
  // Walking the tree selects: each step back undoes one selection, then the grouping.
  for (let steps = 0; steps < 200 && page.url().includes("group=zone"); steps += 1) await page.evaluate(() => history.back());
  await back("workload");
  await end();
});

test("services have a lane on demand, and their traffic is said to be derived", async () => {
  const { page, end } = await sample();
  assert.ok(!(await walkTree(page)).some((text) => /^Service /.test(text)));
  await by(page, "services").click();
  const words = await walkTree(page);
  assert.ok(words.some((text) => /^Service yadaapi, .*derived from its pods/.test(text)), words.join("\n"));
  assert.ok(words.some((text) => /^Route /.test(text)));
  await end();
});

test("a state of encryption that is switched off takes its edges out of picture and tree", async () => {
  const { page, end } = await sample();
  const sent = async () => (await walkTree(page)).filter((text) => /^Sends /.test(text)).length;
  const all = await sent();
  await by(page, "encryption").click();
  const state = by(page, "encryption-state").first();
  await state.click();
  assert.equal(await state.getAttribute("aria-pressed"), "false");
  assert.ok((await sent()) < all);
  await state.click();
  assert.equal(await sent(), all);
  await end();
});

test("a node is collapsed and says what it holds; hiding and keeping alone come back", async () => {
  const { page, end } = await sample();
  const whole = (await walkTree(page)).length;
  await walkTree(page, /^Node .*vmss000000/);
  const actions = by(page, "actions");
  await actions.getByRole("button", { name: "Collapse" }).click();
  const folded = await walkTree(page);
  assert.ok(folded.some((text) => /^Node .*failing.*collapsed/.test(text)), folded.join("\n"));
  assert.equal(pods(folded), 0);
  await walkTree(page, /^Node .*vmss000000/);
  await actions.getByRole("button", { name: "Expand" }).click();
  await walkTree(page, /^Pod bg76s/);
  await actions.getByRole("button", { name: "Hide" }).click();
  const away = by(page, "away");
  await away.getByText("1 thing is hidden").waitFor();
  assert.ok(!(await walkTree(page)).some((text) => /^Pod bg76s/.test(text)));
  await away.getByRole("button", { name: "Show all" }).click();
  await walkTree(page, /^Pod bg76s/);
  await page.keyboard.press("o");
  await away.getByText(/^Only 1 thing/).waitFor();
  await page.keyboard.press("Escape");
  await away.getByRole("button", { name: "Show all" }).click();
  assert.equal((await walkTree(page)).length, whole);
  await end();
});

for (const ratio of [1, 2]) {
  test(`drag, wheel, pinch and resize move the camera, at ${ratio} device pixels`, async () => {
    const { page, context, end } = await sample();
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setDeviceMetricsOverride", { width: 1440, height: 900, deviceScaleFactor: ratio, mobile: false });
    const box = await by(page, "canvas").boundingBox();
    const [x, y] = [box.x + box.width * 0.2, box.y + box.height * 0.85];
    assert.equal(await camera(page), "fit");
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y - 40, { steps: 4 });
    await page.mouse.up();
    await settled(page, "fit");
    const dragged = await camera(page);
    await page.mouse.wheel(0, -400);
    await settled(page, dragged);
    const scale = async () => Number((await camera(page)).split(",")[0]);
    const zoomed = await scale();
    assert.ok(zoomed > Number(dragged.split(",")[0]));
    const touch = (type, points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    await touch("touchStart", [[x - 20, y]]);
    await touch("touchStart", [[x - 20, y], [x + 20, y]]);
    for (let apart = 30; apart <= 80; apart += 10) await touch("touchMove", [[x - apart, y], [x + apart, y]]);
    await touch("touchEnd", []);
    await page.waitForFunction((zoomed) => Number(document.querySelector("[data-testid=main]").dataset.camera.split(",")[0]) > zoomed * 1.5, zoomed);
    const canvas = page.locator(".stage canvas").first();
    const wide = await canvas.evaluate((canvas) => [canvas.width, canvas.clientWidth]);
    assert.ok(Math.abs(wide[0] - wide[1] * ratio) <= 1, `${wide}`);
    await page.keyboard.press("0");
    await page.waitForFunction(() => document.querySelector("[data-testid=main]").dataset.camera === "fit");
    await end();
  });
}

test("the tree is walked by keys alone: everything it shows can be focused and selected", async () => {
  const { page, end } = await sample();
  const tree = by(page, "tree");
  await tree.focus();
  const seen = new Set();
  for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowLeft"]) {
    await page.keyboard.press(key);
    const active = await tree.getAttribute("aria-activedescendant");
    assert.ok(active, key);
    assert.equal(await page.locator(`[id="${active}"]`).count(), 1);
    seen.add(active);
  }
  assert.ok(seen.size > 3, [...seen].join(" "));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector('[data-testid="tree"] [aria-selected="true"]'));
  for (const key of ["g", "r", "?"]) await page.keyboard.press(key);
  await page.getByRole("dialog").getByText("next grouping").waitFor();
  assert.match(page.url(), /group=zone/);
  assert.match(page.url(), /services=1/);
  await end();
});
