// Files of every kind, by every way in, and the report that says what became of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bytesOf, flowLog, folder, generated, sampleFiles, summary, zip } from "./captures.js";
import { by, drawn, launch, places, readFiles, visit } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The report as `{path: [format, text]}`. */
const report = (page) =>
  by(page, "report-row").evaluateAll((rows) =>
    Object.fromEntries(rows.map((row) => [row.dataset.path, [row.dataset.format, row.textContent]])),
  );

async function save(page) {
  await by(page, "export").click();
  const [download] = await Promise.all([page.waitForEvent("download"), by(page, "export-summary").click()]);
  return readFileSync(await download.path(), "utf8");
}

async function toPicture(page) {
  await by(page, "open-topology").click();
  await drawn(page);
}

test("a chosen folder is read, reported and drawn, and its summary is the command's", async () => {
  const { page, end } = await visit(browser);
  await readFiles(page, places.sample, "folder-input");
  const rows = await report(page);
  assert.deepEqual(Object.keys(rows).sort(), sampleFiles().map(([path]) => `lab/${path}`).sort());
  await toPicture(page);
  assert.equal(await save(page), summary(places.sample));
  await end();
});

test("a zip is the same capture as the files in it", async (t) => {
  const { page, end } = await visit(browser);
  const packed = zip(Object.fromEntries(sampleFiles().map(([path, disk]) => [path, bytesOf(disk)])));
  const path = join(folder(t, { "capture.zip": packed }), "capture.zip");
  await readFiles(page, [path]);
  await toPicture(page);
  assert.equal(await save(page), summary(path));
  await end();
});

test("a flow log without a whole record, or without flows in it, answers no question", async (t) => {
  const { page, end } = await visit(browser);
  const whole = flowLog(1, 5);
  const empty = whole.replace(/"flowTuples":\[[^\]]*\]/g, '"flowTuples":[]');
  const path = join(folder(t, { "cut.json": whole.slice(0, 420), "empty.json": empty, "whole.json": whole }), "cut.json");
  await readFiles(page, [path, path.replace("cut.json", "empty.json")]);
  const panel = page.getByRole("complementary", { name: "What you can ask now" });
  assert.equal((await report(page))["cut.json"][0], "vnet-flow-log");
  await panel.locator(".need").getByText("Who talked to whom").waitFor();
  assert.equal(await panel.locator(".ask li").count(), 0);
  await readFiles(page, [path.replace("cut.json", "whole.json")]);
  await panel.locator(".ask").getByText("Who talked to whom").waitFor();
  await end();
});

for (const workers of [1, 2, 4]) {
  test(`${workers} parsing workers read the files of several nodes as the command does`, async (t) => {
    const path = generated(t, ["--nodes", "6", "--pods-per-node", "5", "--minutes", "3", "--flow-logs", "2", "--seed", "7"]);
    const { page, end } = await visit(browser, { workers });
    await readFiles(page, path, "folder-input");
    await toPicture(page);
    // The coordinator is one more.
    assert.equal(page.workers().length, workers + 1);
    assert.equal(await save(page), summary(path));
    await end();
  });
}

test("files dropped on the page are read, and a second drop joins the first", async (t) => {
  const { page, end } = await visit(browser);
  const path = folder(t, { "first.json": flowLog(3, 4), "second.json": flowLog(3, 4, "002248DDEEFF") });
  for (const name of ["first.json", "second.json"]) {
    const transfer = await page.evaluateHandle(
      ([name, text]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], name));
        return transfer;
      },
      [name, readFileSync(join(path, name), "utf8")],
    );
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    await page.locator(`[data-testid="report-row"][data-path="${name}"]`).waitFor();
  }
  const rows = await report(page);
  assert.deepEqual(Object.values(rows).map(([format]) => format), ["vnet-flow-log", "vnet-flow-log"]);
  await toPicture(page);
  assert.equal(await save(page), summary(join(path, "first.json"), join(path, "second.json")));
  await end();
});

test("whatever is wrong with a file, it has its line and the rest is read", async (t) => {
  const { page, errors, end } = await visit(browser);
  const good = flowLog(4, 3);
  const files = {
    "good.json": good,
    "cut.json": flowLog(4, 3, "002248DDEEFF").slice(0, -700),
    "one-bad-tuple.json": flowLog(2, 5, "002248111111").replace("10.13.100.6", "10.13.100.600"),
    "empty.json": "",
    "picture.json": Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), Buffer.alloc(300, 7)]),
    "letter.txt": "Dear colleague, please find attached what you asked for.",
    "utf16.json": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(flowLog(2, 2, "002248222222"), "utf16le")]),
  };
  const path = folder(t, files);
  await readFiles(page, Object.keys(files).map((name) => join(path, name)));
  const rows = await report(page);
  assert.deepEqual(
    Object.fromEntries(Object.entries(rows).map(([name, [format]]) => [name, format])),
    {
      "good.json": "vnet-flow-log",
      "cut.json": "vnet-flow-log",
      "one-bad-tuple.json": "vnet-flow-log",
      "empty.json": "unknown",
      "picture.json": "unknown",
      "letter.txt": "unknown",
      "utf16.json": "vnet-flow-log",
    },
  );
  for (const name of ["cut.json", "one-bad-tuple.json", "empty.json", "picture.json", "letter.txt"]) {
    assert.match(rows[name][1], /[A-Z][a-z]+ .*\./, `${name} has no sentence: ${rows[name][1]}`);
  }
  assert.deepEqual(errors, []);
  await toPicture(page);
  await end();
});
