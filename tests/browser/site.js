// A static server on the loopback address, as dumb as the ones that people have: it maps addresses to files and counts.

import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/**
 * Serves `folder` under `prefix` ("/" or "/a/b/"); gives the page's address, the paths asked for and `close`. With `workers` the coordinator
 * believes in so many cores that it starts as many parsing workers.
 */
export async function serve(folder, prefix = "/", workers = 0) {
  const asked = [];
  const cores = `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${workers + 1} });\n`;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    asked.push(path);
    if (!path.startsWith(prefix)) return response.writeHead(404).end();
    const wanted = normalize(path.slice(prefix.length)) === "." ? "index.html" : normalize(path.slice(prefix.length));
    const file = join(folder, wanted);
    let size;
    try {
      const found = statSync(file);
      if (!found.isFile() || wanted.startsWith("..")) throw new Error("not a file of the site");
      size = found.size;
    } catch {
      return response.writeHead(404).end();
    }
    if (workers && wanted.endsWith("underlay-worker.js")) {
      return response.writeHead(200, { "content-type": TYPES[".js"] }).end(cores + readFileSync(file, "utf8"));
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-length": size });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  // A test that fails leaves its server behind; it must not keep the process.
  server.unref();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => new Promise((closed) => (server.closeAllConnections(), server.close(closed)));
  return { origin, address: origin + prefix, asked, close };
}
