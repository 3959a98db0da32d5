// Everything by keyboard: the key map of the help, level by level out with Escape, one more selected, commands, keys that are off.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { by, drawn, launch, openSample, visit, walkTree } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const holds = (page, part) => page.waitForFunction((part) => location.hash.includes(part), part);
const lacks = (page, part) => page.waitForFunction((part) => !location.hash.includes(part), part);
const focused = (page) =>
  page.evaluate(() => document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent ?? "");

test("each key does what the help says of it, and Ctrl Z takes it back", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  for (const [key, part] of [["g", "group=zone"], ["r", "services=1"], ["e", "encryption=1"], ["p", "hide="], ["2", "/table"]]) {
    await page.keyboard.press(key);
    await holds(page, part);
    await page.keyboard.press("Control+z");
    await lacks(page, part);
  }
  await page.keyboard.press("3");
  await holds(page, "/charts");
  await page.keyboard.press("1");
  await holds(page, "/topology");
  await page.keyboard.press(".");
  await holds(page, "range=");
  const range = () => page.evaluate(() => location.hash.match(/range=(\d+)-(\d+)/).slice(1).map(Number));
  const [first, last] = await range();
  await page.keyboard.press(".");
  await page.waitForFunction((first) => location.hash.includes(`range=${first + 1}-`), first);
  await page.keyboard.press(",");
  await page.keyboard.press("Shift+ArrowRight");
  await page.waitForFunction((last) => location.hash.includes(`-${last + 1}`), last);
  assert.deepEqual(await range(), [first, last + 1]);
  await page.keyboard.press("4");
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "rail-list");
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "find");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "next grouping" }).waitFor();
  await page.keyboard.type("encryption");
  await page.keyboard.press("Enter");
  await holds(page, "encryption=1");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog");
  await help.getByText("encryption of edges").waitFor();
  // Somebody who speaks to the computer turns single letters off; chords and arrows stay.
  await by(page, "letters").uncheck();
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
  await page.keyboard.press("g");
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "next grouping" }).waitFor();
  assert.ok(!page.url().includes("group="));
  await end();
});

test("arrows go in, along edges and out again; Escape goes out level by level", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await walkTree(page, /^Gateway instance 10.13.100.6/);
  await by(page, "tree").focus();
  assert.match(await focused(page), /^Gateway instance 10.13.100.6/);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(page), /^(Sends|Probes) /);
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(page), /^(Sends|Probes) /);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(page), /^Pod /);
  await page.keyboard.press("ArrowLeft");
  assert.match(await focused(page), /^Gateway instance/);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await holds(page, "sel=pod");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+Enter");
  await by(page, "actions").getByText("2 things").waitFor();
  assert.equal(await page.locator('[data-testid="tree"] [aria-selected="true"]').count(), 2);
  await page.keyboard.press("Escape");
  await by(page, "actions").getByText("2 things").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await lacks(page, "sel=");
  const levels = [];
  for (let level = 0; level < 4; level += 1) {
    await page.keyboard.press("Escape");
    levels.push((await focused(page)).split(" ")[0]);
  }
  assert.deepEqual(levels, ["Node", "Node", "Virtual", "Virtual"]);
  await end();
});

test("the Tab key meets every control once and its focus is always seen", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  const met = [];
  await page.getByRole("button", { name: "Sample capture" }).focus();
  for (let steps = 0; steps < 90; steps += 1) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const style = getComputedStyle(element);
      const around = element.closest(".omni, .handle");
      const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const inside = [...element.querySelectorAll("i")].some((part) => ring(getComputedStyle(part)));
      const box = element.getBoundingClientRect();
      return {
        what: `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent.slice(0, 40)}`,
        seen: ring(style) || inside || (around && ring(getComputedStyle(around))),
        inWindow: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
      };
    });
    if (!now) break;
    met.push(now);
  }
  assert.deepEqual(met.filter(({ seen, inWindow }) => !seen || !inWindow), []);
  const words = met.map(({ what }) => what).join("\n");
  for (const part of ["Find a pod", "What edges are", "Encryption", "Fit", "Topology. Arrow keys", "Export", "Shorter range"]) {
    assert.ok(words.includes(part), `${part} is not met:\n${words}`);
  }
  await end();
});

test("the focus is where one can see it after every screen, menu and panel", async () => {
  const { page, end } = await visit(browser);
  const at = () => page.evaluate(() => `${document.activeElement.tagName} ${document.activeElement.textContent.trim()}`);
  const lands = (on, like) => page.locator(`${on}:focus`, like).waitFor();
  const first = { hasText: /^Import report$/ };
  await by(page, "open-sample").focus();
  await page.keyboard.press("Enter");
  await drawn(page);
  await lands("main.main");
  // A menu takes the focus and gives it back.
  await page.getByRole("button", { name: "Sample capture" }).focus();
  await page.keyboard.press("Enter");
  await lands("button", first);
  await page.keyboard.press("ArrowUp");
  assert.equal(await at(), "BUTTON Close this capture");
  await page.keyboard.press("Escape");
  assert.equal(await at(), "BUTTON Sample capture");
  // A panel that closes leaves it where it was before.
  const pod = by(page, "rail-list").locator("button[aria-pressed]").first();
  await pod.focus();
  await page.keyboard.press("Enter");
  const inspector = by(page, "inspector");
  await inspector.getByRole("button", { name: "Copy name" }).focus();
  await page.keyboard.press("Escape");
  await inspector.waitFor({ state: "hidden" });
  await lands("[data-testid='rail-list'] [aria-pressed='false']");
  // A screen that goes leaves it to the main part of the next one.
  await page.keyboard.press("2");
  await by(page, "table").waitFor();
  await page.getByRole("button", { name: "Sample capture" }).focus();
  await page.keyboard.press("Enter");
  await lands("button", first);
  await page.keyboard.press("Enter");
  await by(page, "report").waitFor();
  await lands("main");
  await by(page, "start-anew").focus();
  await page.keyboard.press("Enter");
  await by(page, "open-sample").waitFor();
  await lands("main");
  await end();
});
