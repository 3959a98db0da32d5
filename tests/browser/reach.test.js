// For every eye and hand: 400 % zoom, text spacing, forced colours, reduced motion, and axe-core in the states that other tests
// pass by.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { flowLog, folder } from "./captures.js";
import { by, drawn, launch, openSample, picture, places, readFiles, rested, violations, visit, walkTree, wear } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** How far the page can be scrolled to the side, and controls that no scrolling of the page brings into view. */
const outOfReach = (page) =>
  page.evaluate(() => {
    const sideways = document.documentElement.scrollWidth - innerWidth;
    const lost = [];
    for (const control of document.querySelectorAll("button, input, select, a[href], [tabindex='0']")) {
      if (!control.checkVisibility({ visibilityProperty: true }) || control.closest("dialog:not([open])")) continue;
      control.scrollIntoView({ block: "center", inline: "center" });
      const box = control.getBoundingClientRect();
      const seen = box.width > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
      if (!seen) lost.push(control.outerHTML.slice(0, 120));
    }
    return { sideways, lost };
  });
const nothing = { sideways: 0, lost: [] };

test("at 400 % every control is in reach and nothing but the drawing and tables scrolls both ways", async () => {
  const { page, end } = await visit(browser, { size: [360, 225] });
  assert.deepEqual(await outOfReach(page), nothing);
  await readFiles(page, places.sample, "folder-input");
  assert.deepEqual(await outOfReach(page), nothing);
  await by(page, "open-topology").click();
  await drawn(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Escape");
  assert.deepEqual(await outOfReach(page), nothing);
  await walkTree(page, /^Pod bg76s/);
  await by(page, "inspector").getByText("Pod in ").first().waitFor();
  assert.deepEqual(await outOfReach(page), nothing);
  assert.ok(await by(page, "actions").getByRole("button", { name: "Only this" }).isVisible());
  assert.ok(await by(page, "timeline").getByText("Healthy targets").first().isVisible(), "lanes have their names");
  await page.keyboard.press("2");
  await page.locator("table").first().waitFor();
  assert.deepEqual(await outOfReach(page), nothing);
  assert.deepEqual(await violations(page), []);
  await end();
});

test("in a wide window its areas scroll and the page does not, whatever is open", async () => {
  const { page, end } = await visit(browser);
  await openSample(page);
  await by(page, "findings").getByRole("button").first().click();
  await by(page, "findings").getByText("What would refute this").first().waitFor();
  await walkTree(page, /^Pod bg76s/);
  await by(page, "inspector").getByText("Pod in ").first().waitFor();
  for (const [key, name] of [["1", "topology"], ["2", "table"], ["3", "charts"]]) {
    await page.keyboard.press(key);
    await page.waitForFunction((name) => location.hash.includes(`/${name}`), name);
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight), 0, name);
  }
  await end();
});

test("wider text spacing cuts nothing off", async () => {
  const { page, end } = await visit(browser, { size: [1280, 900] });
  await wear(page, "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  const cut = () =>
    page.evaluate(() => {
      const found = [];
      for (const element of document.querySelectorAll("button, h1, h2, h3, p, label, dt, dd, li, small, span")) {
        const style = getComputedStyle(element);
        const hides = style.overflowX === "hidden" || style.overflowY === "hidden";
        // An ellipsis with the whole text as title or elsewhere is no loss; what screen readers alone get is not drawn.
        if (!hides || style.textOverflow === "ellipsis" || element.closest(".sr, .tree-mirror, svg, code")) continue;
        if (!element.checkVisibility() || !element.textContent.trim()) continue;
        if (element.scrollHeight > element.clientHeight + 2 || element.scrollWidth > element.clientWidth + 2) {
          found.push(element.outerHTML.slice(0, 120));
        }
      }
      for (const button of document.querySelectorAll(".btn, .lg, .view-tab")) {
        if (button.checkVisibility() && button.scrollHeight > button.clientHeight + 2) found.push(button.outerHTML.slice(0, 120));
      }
      return found;
    });
  assert.deepEqual(await cut(), []);
  await openSample(page);
  assert.deepEqual(await cut(), []);
  await walkTree(page, /^Pod bg76s/);
  await by(page, "inspector").getByText("Pod in ").first().waitFor();
  assert.deepEqual(await cut(), []);
  await end();
});

test("forced colours are all there is in the picture, and reduced motion moves at once", async () => {
  const { page, end } = await visit(browser, { forcedColors: "active", reducedMotion: "reduce", size: [1280, 800] });
  await openSample(page);
  await rested(page);
  const strange = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement("i"));
    const system = ["Canvas", "CanvasText", "GrayText", "Highlight", "HighlightText"].map((name) => {
      probe.style.color = name;
      return getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
    });
    probe.remove();
    // Anti-aliasing mixes two of them: every pixel lies between some two.
    const between = (pixel) =>
      system.some((a) =>
        system.some((b) => {
          const d = [0, 1, 2].map((i) => b[i] - a[i]);
          const length = d[0] ** 2 + d[1] ** 2 + d[2] ** 2;
          const t = length ? Math.min(1, Math.max(0, [0, 1, 2].reduce((sum, i) => sum + (pixel[i] - a[i]) * d[i], 0) / length)) : 0;
          return [0, 1, 2].every((i) => Math.abs(a[i] + d[i] * t - pixel[i]) < 24);
        }),
      );
    let [count, odd] = [0, 0];
    for (const canvas of document.querySelectorAll(".stage canvas")) {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4 * 7) {
        if (data[at + 3] < 250) continue;
        count += 1;
        odd += between([data[at], data[at + 1], data[at + 2]]) ? 0 : 1;
      }
    }
    return { drawn: count > 1000, odd: odd / count < 0.01 };
  });
  assert.deepEqual(strange, { drawn: true, odd: true });
  const camera = () => by(page, "main").getAttribute("data-camera");
  await walkTree(page, /^Pod bg76s/);
  await by(page, "tree").focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("[data-testid=main]").dataset.camera !== "fit");
  const first = await camera();
  await rested(page);
  assert.equal(await camera(), first);
  assert.deepEqual(await violations(page), []);
  await end();
});

for (const theme of ["dark", "light"]) {
  test(`axe-core finds nothing in the states between, ${theme}`, async () => {
    const { page, end } = await visit(browser, { theme, size: [1280, 800] });
    await openSample(page);
    const found = {};
    const look = async (state) => (found[state] = await violations(page));
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("next grouping").waitFor();
    await look("help");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: "next grouping" }).waitFor();
    await look("commands");
    await page.keyboard.press("Escape");
    await by(page, "findings").getByRole("button").first().click();
    await by(page, "findings").getByText("What would refute this").first().waitFor();
    await look("finding");
    for (const kind of [/^Node /, /^Gateway instance 10.13.100.7/, /^AGC subnet/, /^Virtual network/, /^Sends .* to pod/, /^Clients /]) {
      await walkTree(page, kind);
      await look(`${kind}`);
    }
    for (const key of ["g", "e", "r", "l"]) await page.keyboard.press(key);
    await look("arranged");
    for (const [key, name] of [["3", "charts"], ["2", "table"]]) {
      await page.keyboard.press(key);
      await page.waitForFunction((name) => location.hash.includes(name), name);
      await look(name);
    }
    assert.deepEqual(wrong(found), {});
    await end();
  });

  test(`axe-core finds nothing while files are read, in files that are broken, in matrix and requests, ${theme}`, async (t) => {
    let release;
    const held = new Promise((go) => (release = go));
    // Without its worker's module the page waits, as it does while much is read.
    const prepare = (page) => page.route("**/underlay-worker_bg.wasm", (route) => held.then(() => route.continue()));
    const { page, end } = await visit(browser, { theme, prepare, size: [1280, 800] });
    const found = {};
    const look = async (state) => {
      await picture(page, `${state}-${theme}`);
      found[state] = await violations(page);
    };
    const path = folder(t, { "cut.json": flowLog(3, 3).slice(0, -200), "notes.txt": "Dear colleague", "empty.json": "" });
    await by(page, "file-input").setInputFiles(["cut.json", "notes.txt", "empty.json"].map((name) => join(path, name)));
    await page.locator('[data-testid="progress"][data-reading="true"]').waitFor();
    await look("reading");
    release();
    await page.locator('[data-testid="progress"][data-reading="false"]').waitFor();
    await look("broken-files");
    await readFiles(page, places.sample, "folder-input");
    await by(page, "open-topology").click();
    await drawn(page);
    await page.keyboard.press("3");
    await by(page, "charts-matrix").click();
    await by(page, "matrix").waitFor();
    await look("matrix");
    await by(page, "charts-requests").click();
    await by(page, "requests").locator("tbody .link").first().click();
    await by(page, "journey").getByText("Which flow carried it").waitFor();
    await look("request");
    assert.deepEqual(wrong(found), {});
    await end();
  });
}

/** Of what axe-core found in each state, the states in which it found something. */
const wrong = (found) => Object.fromEntries(Object.entries(found).filter(([, list]) => list.length));
