// The rows that need a browser: `node measure.js LOG FOLDER ROUNDS ROW…`, one line of JSON a row. The baseline page and the real page read the
// same files in the same Chromium, in turns. How many workers parse is settled by who serves the site: nothing of this is in the shipped one.

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execFileSync } from "node:child_process";
import { serve } from "../browser/site.js";
import { by, launch, places, visit } from "../browser/visit.js";

const [log, folder, rounds, ...rows] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const browser = await launch();
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const each = async (work) => {
  const results = [];
  for (let round = 0; round < Number(rounds); round += 1) results.push(await work());
  return results;
};

/** Answers of `tests/bench`'s own pages: the plain script, reading alone, `JSON.parse` alone. */
async function plain(page, files, ask) {
  const server = await serve(here);
  const tab = await browser.newPage();
  await tab.goto(`${server.address}${page}`);
  await aMoment(tab);
  await tab.locator("#files").setInputFiles(files);
  const result = await ask(tab);
  await tab.close();
  await server.close();
  return result;
}

const baseline = (files) =>
  plain("baseline.html", files, async (tab) => {
    await tab.waitForFunction(() => window.baseline, null, { timeout: 600_000 });
    return (await tab.evaluate(() => window.baseline)).ms / 1e3;
  });
/** A browser compiles for speed what has run for a while, and a person takes longer than a program to choose files. */
const aMoment = (page) => page.waitForTimeout(1500);
const reader = (files, work) => plain("reader.html", files, async (tab) => (await tab.evaluate((work) => window.run(work), work)) / 1e3);

/**
 * Seconds from the choice of the files until the capture is settled, so that any question is answered, and until the picture; or without the picture
 * the memory of all workers then, in MB.
 */
async function product(files, workers = 1, picture = true) {
  const { page, context, server } = await visit(browser, { workers });
  await by(page, "landing").waitFor();
  await aMoment(page);
  await page.evaluate((picture) => {
    window.longest = 0;
    const watch = new PerformanceObserver((list) => {
      for (const task of list.getEntries()) {
        const during = window.began && task.startTime >= window.began && !(window.read && task.startTime > window.read);
        if (during) window.longest = Math.max(window.longest, task.duration);
      }
    });
    watch.observe({ entryTypes: ["longtask"] });
    addEventListener("change", () => (window.began ??= performance.now()), { capture: true });
    new MutationObserver(() => {
      const now = performance.now();
      if (!window.read && document.querySelector('[data-testid="progress"][data-reading="false"]')) {
        window.read = now;
        if (picture) document.querySelector('[data-testid="open-topology"]').click();
        else window.drawn = now;
      }
      if (window.read && !window.drawn && document.querySelector('main[data-ready="true"]')) window.drawn = now;
    }).observe(document, { subtree: true, childList: true, attributes: true });
  }, picture);
  await by(page, "file-input").setInputFiles(files);
  await page.waitForFunction(() => window.drawn, null, { timeout: 600_000 });
  const times = await page.evaluate(() => [window.read - window.began, window.drawn - window.began, window.longest]);
  // Said where the progress is, which the picture takes the place of.
  const memory = picture ? undefined : megabytes(await by(page, "progress").getByText(/ memory$/).textContent());
  await context.close();
  await server.close();
  return { read: times[0] / 1e3, drawn: times[1] / 1e3, longest: times[2], memory };
}

/** Of a text such as `1.2 GB memory`. */
function megabytes(text) {
  const [number, unit] = text.replaceAll(",", "").split(/\s/);
  return Number(number) * { kB: 1e-3, MB: 1, GB: 1e3 }[unit];
}

/** How long an empty page takes until one can use it. */
async function firstLoad() {
  const server = await serve(places.site);
  const page = await browser.newPage();
  await page.goto(server.address);
  await by(page, "open-sample").waitFor();
  const ms = await page.evaluate(() => performance.now());
  await page.close();
  await server.close();
  return ms / 1e3;
}

/** 3,600 pods as `kubectl get pods -o json` prints them, managed fields and all: 45 MB. */
function pods() {
  const file = join(folder, "pods.json");
  if (existsSync(file)) return file;
  const managed = (number) => ({
    apiVersion: "v1",
    fieldsType: "FieldsV1",
    fieldsV1: Object.fromEntries(
      Array.from({ length: 70 }, (_, field) => [`f:field-${field}`, { ".": {}, [`k:{"name":"value-${number % 7}"}`]: { "f:status": {} } }]),
    ),
    manager: "kube-controller-manager",
    operation: "Update",
    time: "2026-11-20T08:00:00Z",
  });
  const items = Array.from({ length: 3600 }, (_, number) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `shop-${number >> 3}-${number}`,
      namespace: `team-${number % 40}`,
      uid: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
      creationTimestamp: "2026-11-20T08:00:00Z",
      labels: { app: `shop-${number >> 3}` },
      managedFields: [managed(number), managed(number + 1)],
    },
    spec: { nodeName: `aks-pool-${String(number % 100).padStart(6, "0")}`, containers: [{ name: "app", image: "shop:1", ports: [{ containerPort: 8080 }] }] },
    status: { phase: "Running", podIP: `10.244.${number >> 5}.${4 + (number & 31)}`, podIPs: [{ ip: `10.244.${number >> 5}.${4 + (number & 31)}` }], startTime: "2026-11-20T08:00:05Z" },
  }));
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 1));
  return file;
}

/**
 * Four times the log in 24 files by its generator with 24 seeds: 1 GB when the log has 256 MB. Each has all NICs, so that every reporting point and
 * many pairs are known to all workers, whichever reads what: the hard case for settling.
 */
function many() {
  const bytes = Math.round(statSync(log).size / 6);
  const target = join(folder, `files-${bytes}`);
  if (!existsSync(target)) {
    const command = ["run", "--release", "--quiet", "--package", "underlay-tests", "--example", "bench_log", "--"];
    const parts = join(folder, "parts");
    mkdirSync(parts, { recursive: true });
    for (let seed = 1; seed <= 24; seed += 1) {
      const part = join(parts, `${seed}`);
      execFileSync("cargo", [...command, `${bytes}`, part, `${seed}`], { cwd: places.root });
      renameSync(join(part, "PT1H.json"), join(parts, `PT1H-${seed}.json`));
      rmSync(part, { recursive: true });
    }
    renameSync(parts, target);
  }
  return readdirSync(target).map((name) => join(target, name));
}

/** A log of one NIC after the other by the generator of the log, of so many bytes; written once and kept. */
function large(bytes) {
  const target = join(folder, `large-${bytes}`);
  const command = ["run", "--release", "--quiet", "--package", "underlay-tests", "--example", "bench_log", "--", `${bytes}`, target];
  if (!existsSync(target)) execFileSync("cargo", command, { cwd: places.root });
  return join(target, "PT1H.json");
}

/** Notes when the page asks its worker and when an answer comes. */
const overhear = (page) =>
  page.addInitScript(() => {
    window.asked = window.answered = 0;
    const Plain = Worker;
    window.Worker = class extends Plain {
      constructor(...all) {
        super(...all);
        this.addEventListener("message", () => (window.answered ||= performance.now()));
      }
      postMessage(...all) {
        window.asked ||= performance.now();
        super.postMessage(...all);
      }
    };
  });

/** Ten million rows in the page: milliseconds from a key on the brush until the frame behind the first answer, which is the picture's. */
async function brush() {
  const { page, context, server } = await visit(browser, { workers: 1, prepare: overhear });
  await by(page, "landing").waitFor();
  await by(page, "file-input").setInputFiles(large(3_300_000_000));
  await page.locator('[data-testid="progress"][data-reading="false"]').waitFor({ timeout: 600_000 });
  await by(page, "open-topology").click();
  await page.locator('main[data-ready="true"]').waitFor({ timeout: 60_000 });
  // As it is dragged: it does not rest between two steps, and what is asked for when it rests is not asked for.
  const quiet = () => page.waitForTimeout(100);
  await page.waitForTimeout(8_000);
  const press = async (handle, key) => {
    await by(page, handle).focus();
    await quiet();
    await page.evaluate(() => (window.asked = window.answered = 0));
    await page.keyboard.press(key);
    return page.evaluate(
      () =>
        new Promise((done) => {
          const look = () => {
            if (window.answered) requestAnimationFrame(() => done(performance.now() - window.asked));
            else setTimeout(look, 1);
          };
          look();
        }),
    );
  };
  const [wide, narrow] = [[], []];
  for (let step = 0; step < 6; step += 1) wide.push(await press("brush-start", step % 2 ? "PageDown" : "PageUp"));
  for (let step = 0; step < 3; step += 1) await press("brush-start", "PageUp");
  for (let step = 0; step < 20; step += 1) narrow.push(await press("brush-start", step % 2 ? "ArrowLeft" : "ArrowRight"));
  await context.close();
  await server.close();
  const percentile = (times) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] / 1e3;
  return { wide95: percentile(wide), brush95: percentile(narrow) };
}

/** 10^8 tuples that nobody has on a disk. */
async function stream() {
  const site = join(folder, "stream");
  cpSync(here, site, { recursive: true, filter: (path) => !path.includes("node_modules") });
  cpSync(process.env.UNDERLAY_ENGINE, join(site, "engine.wasm"));
  const server = await serve(site);
  const tab = await browser.newPage();
  tab.setDefaultTimeout(0);
  await tab.goto(`${server.address}stream.html`);
  const result = await tab.evaluate((bytes) => window.run(bytes), 29.3 * statSync(log).size);
  await tab.close();
  await server.close();
  return result;
}

const measures = {
  async page() {
    const turns = await each(async () => ({
      baseline: await baseline(log),
      discard: await reader(log, "discard"),
      ...(await product(log)),
      load: await firstLoad(),
    }));
    const of = (field) => median(turns.map((turn) => turn[field]));
    return {
      megabytes: statSync(log).size / 1e6,
      browser: `Chromium ${browser.version()}`,
      baseline: of("baseline"),
      discard: of("discard"),
      read: of("read"),
      drawn: of("drawn"),
      longest: of("longest"),
      load: of("load"),
      turns,
    };
  },
  async objects() {
    const file = pods();
    const turns = await each(async () => ({ parse: await reader(file, "parse"), read: (await product(file, 1, false)).read }));
    const of = (field) => median(turns.map((turn) => turn[field]));
    return { megabytes: statSync(file).size / 1e6, parse: of("parse"), read: of("read") };
  },
  "page-stream": stream,
  "page-brush": brush,
  async files() {
    const files = many();
    const turns = await each(async () => ({ one: await product(files, 1, false), two: await product(files, 2, false) }));
    const of = (workers) => ({
      read: median(turns.map((turn) => turn[workers].read)),
      memory: median(turns.map((turn) => turn[workers].memory)),
    });
    return { one: of("one"), two: of("two"), turns };
  },
};

for (const row of rows) console.log(JSON.stringify({ row, ...(await measures[row]()) }));
await browser.close();
