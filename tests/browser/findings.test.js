// Findings in the rail: open one, follow its evidence to the rows of the files and its subject to the picture, and back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { by, drawn, launch, places, readFiles, violations, visit } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The sample, drawn, with a finding of this kind open. */
async function opened(page, finding) {
  await readFiles(page, places.sample, "folder-input");
  await by(page, "open-topology").click();
  await drawn(page);
  const item = by(page, "findings").locator(`li[data-finding="${finding}"]`).first();
  await item.locator("> button").click();
  return item;
}

test("a finding says why it matters, what would refute it and where to read on", async () => {
  const { page, end } = await visit(browser);
  const item = await opened(page, "backend-unhealthy");
  const text = await item.textContent();
  assert.match(text, /The gateway sends it no requests: the other targets carry its load/);
  assert.match(text, /What would refute this/);
  const link = item.getByRole("link", { name: "Documentation" });
  assert.match(await link.getAttribute("href"), /^https:\/\/learn\.microsoft\.com\//);
  await end();
});

test("evidence opens to the rows of its pair, as they stand in the files", async () => {
  const { page, end } = await visit(browser);
  const item = await opened(page, "backend-unhealthy");
  await item.getByTestId("rows").first().click();
  const rows = by(page, "source-row");
  await rows.first().waitFor();
  for (const text of (await rows.allTextContents()).slice(0, 5)) {
    assert.match(text, /10\.13\.100\.6:\d+10\.244\.0\.131:8080/);
  }
  await end();
});

test("evidence of an object opens to its own lines in its file, with what matters marked, by the keyboard", async () => {
  const { page, end } = await visit(browser);
  const item = await opened(page, "backend-unhealthy");
  await item.getByTestId("object").first().focus();
  await page.keyboard.press("Enter");
  const sheet = by(page, "object-sheet");
  const text = sheet.getByTestId("object-text");
  await text.waitFor();
  assert.match(await text.textContent(), /yada\/yadaapi/);
  assert.match(await text.locator("mark").textContent(), /UNHEALTHY/i);
  assert.match(await sheet.getByTestId("object-place").textContent(), /^line \d+, byte [\d,]+, at serviceHealth/);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await text.waitFor({ state: "detached" });
  await end();
});

test("a pod in the inspector, and each witness that is an object, open to its text", async () => {
  const { page, end } = await visit(browser);
  await opened(page, "backend-unhealthy");
  const inspector = page.locator("aside.insp, [data-testid=inspector]").first();
  await inspector.getByRole("button", { name: /^Source: yadaapi-/ }).click();
  const text = by(page, "object-text");
  await text.waitFor();
  assert.match(await text.textContent(), /"?kind"?: "?Pod/);
  await page.keyboard.press("Escape");
  await text.waitFor({ state: "detached" });
  await by(page, "witnesses").getByRole("button", { name: /^Source: Pod / }).click();
  await text.waitFor();
  assert.match(await text.locator("mark").textContent(), /Ready/);
  await end();
});

test("an open finding selects its subject, and the subject leads back to it", async () => {
  const { page, end } = await visit(browser);
  await opened(page, "backend-unhealthy");
  const back = by(page, "findings-of").getByRole("button", { name: /calls it UNHEALTHY/ });
  await back.click();
  const open = by(page, "findings").locator("button[aria-expanded='true']");
  assert.match(await open.textContent(), /calls it UNHEALTHY/);
  await end();
});
