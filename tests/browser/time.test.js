// Time: the timeline's tracks, playback that the picture follows, jumps to problems, the clock; the matrix of instances and pods by
// pointer and keyboard; a request end to end; charts that are read, listed and saved.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { by, launch, openSample, visit } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function sample(options) {
  const opened = await visit(browser, options);
  await openSample(opened.page);
  return opened;
}

const charts = async (page, part) => {
  await page.keyboard.press("3");
  await by(page, `charts-${part}`).click();
};

test("playing moves the playhead and the picture, and jumps stop at problems", async () => {
  const { page, end } = await sample();
  const timeline = by(page, "timeline");
  const whole = await timeline.locator(".tl-main .tl-head").innerText();
  await by(page, "speed").selectOption("300");
  await by(page, "play").focus();
  await page.keyboard.press("Space");
  await by(page, "play-stop").waitFor();
  await page.waitForFunction(() => /^09:(0[5-9]|[1-5])/.test(document.querySelector(".play .at").textContent));
  await page.keyboard.press("Space");
  assert.equal(await by(page, "play").getAttribute("aria-label"), "Play");
  const at = await timeline.locator(".play .at").innerText();
  await by(page, "problem-next").click();
  assert.notEqual(await timeline.locator(".play .at").innerText(), at);
  assert.notEqual((await timeline.locator(".tl-main .t-failing").innerText()).trim(), "");
  await by(page, "play-stop").click();
  await page.waitForFunction((whole) => document.querySelector(".tl-main .tl-head").innerText === whole, whole);
  await end();
});

test("every time is labelled with its clock, and the clock can be changed", async () => {
  const { page, end } = await sample({ timezoneId: "Asia/Kolkata" });
  assert.equal(await by(page, "zone").innerText(), "UTC");
  await by(page, "zone").click();
  assert.equal(await by(page, "zone").innerText(), "UTC+05:30");
  assert.match(await by(page, "brush-start").getAttribute("aria-valuetext"), /^14:30 UTC\+05:30$/);
  assert.match(await by(page, "status").innerText(), /Local time, UTC\+05:30/);
  // What the engine says is told by the same clock, short, and so are the rows that it rests on.
  const finding = by(page, "findings").locator('li[data-finding="backend-unhealthy"]').first();
  await finding.locator("> button").click();
  const line = finding.getByRole("listitem").filter({ hasText: "answer's size changed" });
  await line.getByText("bytes at 15:01:15 UTC+05:30.").waitFor();
  await line.getByRole("button", { name: /^Rows/ }).click();
  await by(page, "source-row").first().waitFor();
  assert.equal(await by(page, "source-rows").locator("thead th").first().innerText(), "Time, UTC+05:30");
  assert.match(await by(page, "source-row").first().locator("td").first().innerText(), /^14:3\d:/);
  await end();
});

test("the matrix is walked by keys, says its cells in words, and opens the traffic of one", async () => {
  const { page, end } = await sample();
  await charts(page, "matrix");
  const first = page.locator("[data-cell='0-0']");
  await first.focus();
  assert.match(await first.textContent(), /^10\.13\.100\.6 to yadaapi-\S+: \d+ probes, \d+ request flows/);
  await page.keyboard.press("ArrowRight");
  const silent = page.locator(":focus");
  assert.match(await silent.textContent(), /^10\.13\.100\.7 to .*nothing, silent$/);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator(":focus").getAttribute("data-cell"), "1-0");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("page=matrix") && location.hash.includes("edge="));
  await end();
});

test("a request is followed end to end, and its way shown in the picture", async () => {
  const { page, end } = await sample();
  await charts(page, "requests");
  await page.getByRole("button", { name: "5xx only" }).click();
  await page.locator("[data-testid=requests] tbody .link").first().click();
  const journey = by(page, "journey");
  await journey.locator(".jh li").nth(5).waitFor();
  const hops = await journey.locator(".jh").innerText();
  for (const word of ["Client", "Front end", "Gateway instance", "Route", "Service", "Pod", "Node"]) assert.ok(hops.includes(word), hops);
  assert.match(await journey.innerText(), /known|inferred/);
  await by(page, "journey-path").click();
  await page.waitForFunction(() => location.hash.startsWith("#v1/topology") && location.hash.includes("way="));
  await end();
});

test("a chart is read by keys, listed as a table and saved in three forms", async () => {
  const { page, end } = await sample();
  await charts(page, "all");
  const card = page.locator("[data-chart=probes]");
  await card.locator(".chart").focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await card.locator(".chart-legend").innerText(), /Answered\s*\d+[\s\S]*UTC/);
  await card.getByRole("button", { name: "Numbers" }).click();
  assert.ok((await card.locator("tbody tr").count()) > 10);
  for (const [name, head] of [["CSV", /^time,Answered,Unanswered/], ["SVG", /^<svg/], ["PNG", /^.PNG/]]) {
    const waiting = page.waitForEvent("download");
    await card.getByRole("button", { name, exact: true }).click();
    const saved = readFileSync(await (await waiting).path());
    assert.match(saved.toString("latin1").slice(0, 60), head, name);
  }
  await end();
});
