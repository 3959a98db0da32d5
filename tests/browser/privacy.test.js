// Nothing leaves: no request to another host, none at all after loading but for the page's own files, and neither the page
// nor any of its workers can make one.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { flowLog, folder } from "./captures.js";
import { by, drawn, launch, openSample, readFiles, visit } from "./visit.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A host that is not the page's own and counts who comes. */
async function elsewhere(test) {
  const calls = [];
  const server = createServer((request, response) => {
    calls.push(request.url);
    response.writeHead(200, { "access-control-allow-origin": "*" }).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  test.after(() => server.close());
  return { address: `http://127.0.0.1:${server.address().port}/`, calls };
}

test("after loading the page asks its server only for its worker and the sample", async (t) => {
  const { page, server, end } = await visit(browser, { prefix: "/some/where/" });
  await by(page, "landing").waitFor();
  const start = new Set(["", "boot.js"]);
  const loading = server.asked.map((path) => path.slice("/some/where/".length));
  assert.ok(loading.every((path) => start.has(path) || /\.(js|wasm|css|svg|woff2)$/.test(path)), loading.join(" "));
  const path = folder(t, { "log.json": flowLog(3, 3) });
  await readFiles(page, [join(path, "log.json")]);
  await by(page, "open-topology").click();
  await drawn(page);
  await page.waitForTimeout(500);
  const later = server.asked.slice(loading.length).map((path) => path.slice("/some/where/".length));
  assert.deepEqual(later.filter((path) => !/^underlay-worker(_bg)?\.(js|wasm)$/.test(path)), []);
  await end();
});

test("the sample opens under a path prefix, with requests for its own files only", async () => {
  const { page, server, end } = await visit(browser, { prefix: "/some/where/" });
  await by(page, "landing").waitFor();
  const loaded = server.asked.length;
  await openSample(page);
  const later = server.asked.slice(loaded).map((path) => path.slice("/some/where/".length));
  assert.ok(later.some((path) => path.startsWith("samples/lab/")), "the sample was not fetched");
  assert.deepEqual(later.filter((path) => !/^(samples\/lab\/|underlay-worker(_bg)?\.(js|wasm)$)/.test(path)), []);
  await end();
});

test("neither the page nor any worker can reach another host", async (t) => {
  const { page, end } = await visit(browser);
  const other = await elsewhere(t);
  await by(page, "landing").waitFor();
  await page.waitForFunction(() => performance.getEntriesByType("resource").length > 0);
  for (let tries = 0; page.workers().length < 2 && tries < 1200; tries += 1) await page.waitForTimeout(50);
  assert.ok(page.workers().length >= 2, "a coordinator and a parsing worker should run");
  const attempt = (address) => fetch(address, { mode: "no-cors" }).then(() => "went through", () => "blocked");
  for (const place of [page, ...page.workers()]) assert.equal(await place.evaluate(attempt, other.address), "blocked");
  const fresh = await page.evaluate(
    (address) =>
      new Promise((answer) => {
        const script = `fetch(${JSON.stringify(address)}, { mode: "no-cors" }).then(() => postMessage("went through"), () => postMessage("blocked"))`;
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
        worker.onmessage = (event) => answer(event.data);
      }),
    other.address,
  );
  assert.equal(fresh, "blocked");
  const started = await page.evaluate(
    (name) =>
      new Promise((answer) => {
        try {
          const worker = new Worker(new URL(name, document.baseURI), { type: "module" });
          worker.onerror = () => answer("blocked");
          // What is blocked is blocked at once, or as soon as a busy machine comes to it.
          setTimeout(() => answer("started"), 30_000);
        } catch {
          answer("blocked");
        }
      }),
    "underlay-worker.js",
  );
  assert.equal(started, "blocked", "a worker from an address would not inherit the policy");
  assert.deepEqual(other.calls, []);
  await end({ forgive: /Content Security Policy|Refused to|Fetch API cannot load/ }).catch((error) => {
    // The attempts themselves are the only requests that may be seen.
    assert.match(String(error.actual), new RegExp(`^(${other.address},?)*$`));
  });
});

test("a browser without vectors is told which browsers work", async () => {
  const { page, end } = await visit(browser);
  await page.addInitScript(() => (WebAssembly.validate = () => false));
  await page.reload();
  await page.getByText("This browser is too old. It needs Chrome 91, Firefox 89, Safari 16.4 or newer.").waitFor();
  await end();
});
