// What says something opens to where it stands, also where it is a number: values of metrics, requests, probes. Like findings stand under
// one row. The report of an import is read in a narrow window, too.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { flowLog, folder } from "./captures.js";
import { by, drawn, launch, openSample, readFiles, violations, visit, walkTree } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The sample with the pod selected that is not well. */
async function unwellPod(page) {
  await openSample(page);
  await by(page, "rail-list").locator("button[aria-pressed]", { hasText: "bg76s" }).click();
  await page.waitForFunction(() => location.hash.includes("sel=pod"));
}

test("a witness by a metric opens to the value in its file, by the keyboard", async () => {
  const { page, end } = await visit(browser);
  await unwellPod(page);
  const source = by(page, "witnesses").getByRole("button", { name: /^Source: Healthy targets/ });
  await source.focus();
  await page.keyboard.press("Enter");
  const sheet = by(page, "object-sheet");
  await sheet.getByTestId("object-text").waitFor();
  assert.match(await sheet.locator("h2").textContent(), /^BackendHealthyTargets$/);
  assert.match(await sheet.textContent(), /metrics\.json/);
  assert.match(await sheet.locator("mark").textContent(), /^"average": ?\d/);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await sheet.getByTestId("object-text").waitFor({ state: "detached" });
  assert.ok(await source.evaluate((button) => button === document.activeElement), "the focus is back");
  await end();
});

test("a witness by the access log opens to its rows, as they stand in the file", async () => {
  const { page, end } = await visit(browser);
  await unwellPod(page);
  await by(page, "witnesses").getByRole("button", { name: /^Rows: [\d,]+ requests/ }).click();
  await by(page, "source-row").first().waitFor();
  assert.match(await by(page, "source-totals").textContent(), /^[\d,]+ of [\d,]+ requests$/);
  const rows = await page.locator("[data-testid=source-rows] tr.raw code").allTextContents();
  for (const raw of rows) assert.match(JSON.stringify(JSON.parse(raw)), /10\.244\.0\.131/);
  const heads = await by(page, "source-rows").locator("th").allTextContents();
  assert.deepEqual(heads, ["Time, UTC", "Client", "Front end", "Backend", "Status", "Taken", "First byte", "Request"]);
  assert.deepEqual(await violations(page), []);
  await end();
});

test("probes open to the tuples that they are told from, and clients to their requests", async () => {
  const { page, end } = await visit(browser);
  await unwellPod(page);
  await by(page, "probes").getByTestId("rows").first().click();
  await by(page, "source-row").first().waitFor();
  for (const text of await by(page, "source-row").allTextContents()) {
    assert.match(text, /10\.13\.100\.\d+:\d+10\.244\.0\.131:8080/);
  }
  await page.keyboard.press("Escape");
  await page.evaluate(() => (location.hash = "#v1/topology?sel=group:clients"));
  const inspector = by(page, "inspector");
  await inspector.getByRole("button", { name: /^[\d,]+: Requests of / }).click();
  await page.waitForFunction(() => /requests$/.test(document.querySelector("[data-testid=source-totals]")?.textContent ?? ""));
  await end();
});

test("a subnet opens to its virtual network with its own lines marked", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await walkTree(page, /[Ss]ubnet/);
  await page.waitForFunction(() => location.hash.includes("sel=subnet"));
  await by(page, "inspector").getByRole("button", { name: /^Source: / }).first().click();
  const text = by(page, "object-text");
  await text.waitFor();
  assert.match(await text.locator("mark").textContent(), /"addressPrefix(es)?": ?\[?\s*"10\.13\./);
  assert.ok((await text.textContent()).length > (await text.locator("mark").textContent()).length, "the rest is there, too");
  await end();
});

/** A pod with its endpoint. */
const pod = (number) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: `web-${number}`, namespace: "shop" },
  spec: { nodeName: "node-1", containers: [{ name: "web", ports: [{ containerPort: 8080 }] }] },
  status: { podIP: `10.244.0.${number}`, phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
});

const unhealthy = (numbers) => ({
  services: [
    {
      serviceName: "shop/web/8080",
      serviceHealth: [{ endpoints: numbers.map((number) => ({ address: `10.244.0.${number}`, health: { status: "UNHEALTHY" } })) }],
    },
  ],
});

test("more than a few like findings are one row that opens, by mouse and by keys", async (t) => {
  const { page, end } = await visit(browser);
  const numbers = Array.from({ length: 25 }, (_, at) => at);
  const path = folder(t, {
    "log.json": flowLog(3, 25),
    "pods.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: numbers.map(pod) }),
    "health.json": JSON.stringify(unhealthy(numbers)),
  });
  await readFiles(page, ["log.json", "pods.json", "health.json"].map((name) => join(path, name)));
  await by(page, "open-topology").click();
  await drawn(page);
  const group = by(page, "findings").locator('[data-rule="backend-unhealthy"]');
  const head = group.locator("> button");
  assert.match(await head.textContent(), /^critical: Pod … .*25 like findings$/);
  assert.equal(await group.locator("li").count(), 0);
  await head.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll('[data-rule="backend-unhealthy"] li[data-finding]').length === 25);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Enter");
  await group.locator("li").first().waitFor({ state: "detached" });
  // Keys go through single findings, whatever row they stand under.
  await page.keyboard.press("]");
  await group.locator('li[data-finding] > button[aria-expanded="true"]').waitFor();
  await page.waitForFunction(() => document.activeElement?.closest("li[data-finding]"));
  assert.equal(await head.getAttribute("aria-expanded"), "true");
  await head.click();
  await group.locator("li").first().waitFor({ state: "detached" });
  assert.doesNotMatch(await page.evaluate(() => location.hash), /finding=/);
  await end();
});

for (const width of [600, 390]) {
  test(`the report needs no sideways scrolling in a window of ${width}`, async (t) => {
    const { page, end } = await visit(browser, { size: [width, 800] });
    const path = folder(t, {
      "bad.json": flowLog(2, 5).replace("10.13.100.6", "10.13.100.600"),
      "page.html": "<!doctype html><html><body>none</body></html>",
      "log.json": flowLog(3, 4, "002248DDEEFF"),
    });
    await readFiles(page, ["bad.json", "page.html", "log.json"].map((name) => join(path, name)));
    await page.locator('[data-testid="report-row"]').nth(2).waitFor();
    await page.getByRole("button", { name: "Show", exact: true }).first().click();
    const wide = await by(page, "report").evaluate((table) => [table.scrollWidth, table.clientWidth]);
    assert.ok(wide[0] <= wide[1], `${wide}`);
    for (const row of await by(page, "report-row").all()) {
      const [note, whole] = [await row.locator("td.w").boundingBox(), await row.boundingBox()];
      assert.ok(note.width > whole.width * 0.7 && note.x >= 0 && note.x + note.width <= width, JSON.stringify(note));
    }
    assert.deepEqual(await violations(page), []);
    await end();
  });
}
