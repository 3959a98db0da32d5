// From a number back to its rows, from a note to the text; which NIC has which minute; what is declared, taken out, put back.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { after, before, test } from "node:test";
import { flowLog, folder, summary, zip } from "./captures.js";
import { by, drawn, launch, openSample, picture, places, readFiles, violations, visit } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function save(page) {
  await by(page, "export").click();
  const [download] = await Promise.all([page.waitForEvent("download"), by(page, "export-summary").click()]);
  return readFileSync(await download.path(), "utf8");
}

const tableOf = async (page) => {
  await by(page, "open-topology").click();
  await drawn(page);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await by(page, "table").locator("tbody tr").first().waitFor();
};

const raw = (page) => page.locator("[data-testid=source-rows] tr.raw code").allTextContents();

for (const [name, pack] of [
  ["log.json", (text) => text],
  ["log.json.gz", (text) => gzipSync(text)],
  ["log.zip", (text) => zip({ "PT1H.json": text })],
  ["wide.json", (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")])],
]) {
  test(`a row of the table opens to the tuples as they stand in ${name}`, async (t) => {
    const { page, end } = await visit(browser);
    const text = flowLog(3, 4);
    const path = folder(t, { [name]: pack(text) });
    await readFiles(page, [join(path, name)]);
    await tableOf(page);
    await by(page, "table").locator("[data-testid=rows]").first().click();
    await by(page, "source-row").first().waitFor();
    for (const tuple of await raw(page)) assert.ok(text.includes(`"${tuple}"`), tuple);
    const totals = await by(page, "source-totals").textContent();
    assert.match(totals, /^3 of 3 rows in 3 records, 3 counted/);
    assert.equal((await raw(page)).length, 3);
    await end();
  });
}

test("long lists come in parts, follow the time range, and a pair has its own", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "log.json": flowLog(60, 10).replace(/10\.244\.0\.\d+/g, "10.244.0.1") });
  await readFiles(page, [join(path, "log.json")]);
  await tableOf(page);
  await by(page, "table").locator("[data-testid=rows]").first().click();
  await by(page, "more-sources").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=source-row]").length === 400);
  await page.keyboard.press("Escape");
  await by(page, "table").locator("button.row").first().click();
  await by(page, "inspector").locator(".pairs [data-testid=rows]").first().click();
  await by(page, "source-row").first().waitFor();
  assert.match(await by(page, "source-totals").textContent(), /^200 of 600 rows in 60 records/);
  await page.keyboard.press("Escape");
  for (let step = 0; step < 3; step += 1) await by(page, "brush-start").press("PageUp");
  await page.waitForFunction(() => location.hash.includes("range="));
  await by(page, "inspector").locator(".pairs [data-testid=rows]").first().click();
  await page.waitForFunction(() => /^150 of 150 rows in 15 records/.test(document.querySelector("[data-testid=source-totals]")?.textContent ?? ""));
  await end();
});

test("a file that is gone by then is named, and no row is made up", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "log.json": flowLog(2, 2) });
  await readFiles(page, [join(path, "log.json")]);
  await tableOf(page);
  writeFileSync(join(path, "log.json"), flowLog(2, 2).replaceAll("300", "301"));
  await by(page, "table").locator("[data-testid=rows]").first().click();
  await by(page, "sources").getByRole("alert").waitFor();
  assert.match(await by(page, "sources").getByRole("alert").textContent(), /log\.json cannot be read again/);
  assert.equal(await by(page, "source-row").count(), 0);
  await end({ forgive: /NotReadableError|ERR_UPLOAD_FILE_CHANGED/ });
});

test("a note opens to the text around its place", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "bad.json": flowLog(2, 5).replace("10.13.100.6", "10.13.100.600") });
  await readFiles(page, [join(path, "bad.json")]);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await by(page, "show-text").first().click();
  await by(page, "snippet").waitFor();
  assert.match(await by(page, "snippet").textContent(), /"flowTuples":\["\d+,10\.13\.100\.600,/);
  assert.equal(await by(page, "snippet").locator("mark").textContent(), '"');
  await end();
});

test("hours of one NIC are one line, and each NIC has its minutes and holes", async (t) => {
  const { page, end } = await visit(browser);
  const root = "logs/resourceId=/A/FLOWLOGS";
  const files = {};
  for (const mac of ["002248AABBCC", "002248DDEEFF"]) {
    for (let hour = 0; hour < 6; hour += 1) {
      if (mac === "002248DDEEFF" && hour === 3) continue;
      const shifted = flowLog(60, 1, mac).replace(/17581\d{8}/g, (time) => String(Number(time) + hour * 3_600_000));
      files[`${root}/y=2025/m=09/d=18/h=0${hour}/m=00/macAddress=${mac}/PT1H.json`] = shifted;
    }
  }
  const path = folder(t, files);
  await readFiles(page, join(path, "logs"), "folder-input");
  assert.equal(await by(page, "report-group").count(), 2);
  assert.equal(await by(page, "report-row").count(), 0);
  await page.getByRole("button", { name: "Show 6 files" }).click();
  assert.equal(await by(page, "report-row").count(), 6);
  await by(page, "tab-nics").click();
  await by(page, "nic-row").nth(1).waitFor();
  const rows = await by(page, "nic-row").allTextContents();
  assert.match(rows[0], /002248AABBCC.*360 of 360no hole/);
  assert.match(rows[1], /002248DDEEFF.*300 of 360\d\d:\d\d–\d\d:\d\d/);
  await end();
});

test("what is taken out can be put back, and what is declared is the command's option", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "a.json": flowLog(3, 4), "b.json": flowLog(3, 4, "002248DDEEFF").replaceAll("10.244.", "10.245.") });
  const [a, b] = [join(path, "a.json"), join(path, "b.json")];
  await readFiles(page, [a, b]);
  await page.getByRole("button", { name: "Take out b.json" }).click();
  await by(page, "taken-out").waitFor();
  await by(page, "open-topology").click();
  await drawn(page);
  assert.equal(await save(page), summary(a));
  await by(page, "declare-it").click();
  await page.getByRole("button", { name: "Put back b.json" }).click();
  await page.locator('[data-testid="report-row"][data-path="b.json"]').waitFor();
  const field = by(page, "declare-gateway");
  await field.fill("10.13.100.0/33");
  await field.press("Enter");
  await by(page, "declare").getByText("A prefix ends at /32 for IPv4.").waitFor();
  await field.fill("10.13.100.9/24");
  await field.press("Enter");
  await by(page, "declare").getByText("10.13.100.0/24").waitFor();
  await by(page, "declare-pods").fill("10.244.0.0/15");
  await by(page, "declare-pods").press("Enter");
  await by(page, "declare").getByText("10.244.0.0/15").waitFor();
  await by(page, "open-topology").click();
  await drawn(page);
  assert.equal(await save(page), summary("--gateway-subnet", "10.13.100.0/24", "--pod-cidr", "10.244.0.0/15", a, b));
  await page.goBack();
  await by(page, "start-anew").click();
  await by(page, "landing").waitFor();
  await readFiles(page, [a]);
  assert.equal(await by(page, "declare").locator("li").count(), 0, "the next capture is another network's");
  await end();
});

for (const theme of ["dark", "light"]) {
  for (const size of [
    [1440, 900],
    [1024, 768],
  ]) {
    test(`rows, notes and coverage, ${theme}, ${size.join(" by ")}`, async (t) => {
      const { page, end } = await visit(browser, { theme, size });
      const name = (screen) => `${screen}-${theme}-${size.join("x")}`;
      const path = folder(t, { "bad.json": flowLog(2, 5).replace("10.13.100.6", "10.13.100.600") });
      await readFiles(page, places.sample, "folder-input");
      await readFiles(page, [join(path, "bad.json")]);
      const found = {};
      await page.locator('[data-testid="report-row"][data-path="bad.json"]').getByRole("button", { name: "Show", exact: true }).click();
      await by(page, "show-text").first().click();
      await by(page, "snippet").waitFor();
      await picture(page, name("note"));
      found.note = await violations(page);
      await by(page, "tab-nics").click();
      await by(page, "nic-row").first().waitFor();
      await picture(page, name("nics"));
      found.nics = await violations(page);
      await tableOf(page);
      await by(page, "table").locator("[data-testid=rows]").first().click();
      await by(page, "source-row").first().waitFor();
      await picture(page, name("rows"));
      found.rows = await violations(page);
      assert.deepEqual(found, { note: [], nics: [], rows: [] });
      await end();
    });
  }
}

test("numbers that are of no one thing open to their rows", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  const rows = async (button) => {
    const words = await button.innerText();
    await button.click();
    await by(page, "source-row").first().waitFor();
    const totals = await by(page, "source-totals").innerText();
    await page.keyboard.press("Escape");
    await by(page, "sources").waitFor({ state: "hidden" });
    return [words, Number(totals.match(/of ([\d,]+) rows?/)[1].replaceAll(",", ""))];
  };
  const layers = await page.locator(".legend").getByTestId("rows").all();
  let sum = 0;
  for (const layer of layers) {
    // Probes and users have the same connections: which is which is told by time and size.
    if (!/Probes/.test(await layer.getAttribute("aria-label"))) sum += (await rows(layer))[1];
  }
  const [words, all] = await rows(by(page, "status").getByTestId("rows").first());
  assert.equal(words, "8,922");
  assert.deepEqual([sum, all], [8922, 8922]);
  // What was rejected is in the report, which opens to its text; so does what is counted in files.
  await by(page, "status").getByRole("button", { name: "3", exact: true }).click();
  const log = page.locator('[data-testid="report-row"][data-format="vnet-flow-log"]');
  assert.deepEqual(await rows(log.getByRole("button", { name: "8,922: Rows" })), ["8,922", 8922]);
  await log.getByRole("button", { name: "3", exact: true }).click();
  await by(page, "show-text").first().waitFor();
  await page.getByRole("button", { name: /^39: Records of lab\/kubernetes.json/ }).click();
  assert.match(await by(page, "object-text").innerText(), /"kind": "(List|Pod|Node)"|"items"/);
  await page.keyboard.press("Escape");
  await by(page, "tab-nics").click();
  assert.deepEqual(await rows(by(page, "nics").getByTestId("rows").first()), ["60 of 60", 8922]);
  await end();
});
