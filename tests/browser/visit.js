// Opens the built page and watches it: every request and every error of the console is kept, so that a test can say that
// there was none.

import assert from "node:assert/strict";
import { mkdirSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "./site.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const places = {
  root,
  site: process.env.UNDERLAY_SITE ?? join(root, "dist"),
  siteWithFaults: process.env.UNDERLAY_SITE_WITH_FAULTS ?? join(root, "target", "site-with-faults"),
  command: process.env.UNDERLAY_COMMAND ?? join(root, "target", "debug", "underlay"),
  sample: join(root, "samples", "lab"),
  screenshots: process.env.UNDERLAY_SCREENSHOTS ?? join(root, "target", "screenshots"),
};

const NAMES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** A headless Chromium. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.UNDERLAY_CHROMIUM ?? NAMES.find((name) => existsSync(name)),
    args: FLAGS,
  });

/**
 * Opens the page in a fresh context, after `prepare` has had it; with so many parsing `workers`; further options are the context's. `visit.end()` closes it and fails on any request to another host, any that the page has
 * no business to make, and any error of the console.
 */
export async function visit(browser, { site = places.site, prefix = "/", theme = "dark", size = [1440, 900], prepare = null, workers = 0, ...media } = {}) {
  const server = await serve(site, prefix, workers);
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] },
    colorScheme: theme,
    acceptDownloads: true,
    ...media,
  });
  const page = await context.newPage();
  // Longer than any wait of a machine that is busy with other things: what never comes fails all the same.
  page.setDefaultTimeout(60_000);
  await prepare?.(page);
  const requests = [];
  const errors = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(server.address);
  // Until the page has started it hears nothing.
  await page.locator("#boot").waitFor({ state: "detached" });
  const end = async ({ forgive = /$^/ } = {}) => {
    await context.close();
    await server.close();
    const own = requests.filter((url) => !/^(blob|data):/.test(url));
    assert.deepEqual(own.filter((url) => !url.startsWith(server.address)), [], "requests to other places");
    assert.deepEqual(errors.filter((error) => !forgive.test(error)), [], "errors in the console");
  };
  return { page, context, server, requests, errors, end };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with the page as it is now, one line a rule. */
export async function violations(page) {
  // Evaluated, not added as a script, which the page's policy would rightly block.
  if (await page.evaluate(() => typeof axe === "undefined")) await page.evaluate(axe);
  const result = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/** Wears a style sheet as a person's own would be worn: the page's policy has no say in it. */
export const wear = (page, css) =>
  page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }, css);

/** The element that the page marks with `data-testid`. */
export const by = (page, id) => page.locator(`[data-testid="${id}"]`);

/** Waits for the picture of the capture. */
export const drawn = (page) => page.locator('main[data-ready="true"]').waitFor({ timeout: 120_000 });

/** Waits until what was asked for is painted, and the picture is whole and stands still. */
export async function rested(page) {
  // Whatever changed has asked for a frame by the first one, and got it by the second.
  await page.evaluate(() => new Promise((later) => requestAnimationFrame(() => requestAnimationFrame(later))));
  await page.locator('main[data-resting="true"]').waitFor();
}

/** Opens the sample capture and waits for its picture. */
export async function openSample(page) {
  await by(page, "open-sample").click();
  await drawn(page);
}

/**
 * Walks the tree that stands behind the picture, branch by branch as assistive technology would, until an item's words match.
 * That item is then selected. Gives the words of all items that were met.
 */
export async function walkTree(page, wanted = /$^/) {
  const items = page.locator('[data-testid="tree"] [role="treeitem"]');
  await items.first().waitFor({ state: "attached" });
  const met = new Map();
  const opened = new Set();
  for (;;) {
    const now = await items.evaluateAll((rows) =>
      rows.map((row) => ({ id: row.id, words: row.textContent, below: row.hasAttribute("aria-expanded") })),
    );
    for (const { id, words } of now) met.set(id, words);
    const found = now.find(({ words }) => wanted.test(words));
    const next = found ?? now.find(({ id, below }) => below && !opened.has(id));
    if (!next) return [...met.values()];
    opened.add(next.id);
    await page.locator(`[id="${next.id}"]`).dispatchEvent("click");
    await page.waitForFunction((id) => document.getElementById(id)?.getAttribute("aria-selected") === "true", next.id);
    if (found) return [...met.values()];
  }
}

/** Hands files to the page as its file dialog would, waits until they are read, and goes on to the picture if there is one. */
export async function readFiles(page, files, input = "file-input") {
  await by(page, input).setInputFiles(files);
  await by(page, "report").waitFor();
  await page.locator('[data-testid="progress"][data-reading="false"]').waitFor({ timeout: 240_000 });
}

/** Keeps a picture of the page for people to look at. */
export async function picture(page, name) {
  mkdirSync(places.screenshots, { recursive: true });
  await page.screenshot({ path: join(places.screenshots, `${name}.png`) });
}
