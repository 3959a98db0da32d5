// Files to drop: a flow log of any size, the sample's files, a zip of them.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { crc32 as zlibCrc32, deflateRawSync } from "node:zlib";
import { places } from "./visit.js";

/** The sample's files as `[path inside the sample, path on disk]`, sorted. */
export function sampleFiles() {
  return readdirSync(places.sample, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => [relative(places.sample, path), path])
    .sort();
}

/** A folder that lasts as long as the test; files are given as `{path: content}`. */
export function folder(test, files = {}) {
  const path = mkdtempSync(join(tmpdir(), "underlay-"));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** What `underlay summary` prints for paths. It ends with 1 when it did not understand some file, as some here are not meant to be. */
export function summary(...paths) {
  const { status, stdout, stderr } = spawnSync(places.command, ["summary", "--quiet", ...paths], { maxBuffer: 1 << 28, encoding: "utf8" });
  if (status !== 0 && status !== 1) throw new Error(`underlay summary ended with ${status}: ${stderr}`);
  return stdout;
}

/** A capture that the command makes up, with these options, in a folder of its own. */
export function generated(test, options) {
  const path = folder(test);
  const { status, stderr } = spawnSync(places.command, ["generate", ...options, path], { encoding: "utf8" });
  if (status !== 0) throw new Error(`underlay generate ended with ${status}: ${stderr}`);
  return path;
}

/** A VNet flow log with so many records of one NIC, a minute each, and so many tuples in each. */
export function flowLog(records, tuples, mac = "002248AABBCC") {
  const start = Date.UTC(2025, 8, 18, 9, 0, 0);
  const list = [];
  for (let minute = 0; minute < records; minute += 1) {
    const time = start + minute * 60_000;
    const flows = [];
    for (let index = 0; index < tuples; index += 1) {
      const peer = `10.244.${(index >> 8) & 255}.${index & 255}`;
      flows.push(`${time + index},10.13.100.6,${peer},${1024 + (index % 60_000)},8080,6,I,${index % 2 ? "E" : "B"},NX,3,300,2,800`);
    }
    list.push({
      time: new Date(time).toISOString(),
      flowLogVersion: 4,
      flowLogGUID: "11111111-2222-3333-4444-555555555555",
      macAddress: mac,
      category: "FlowLogFlowEvent",
      flowLogResourceID: "/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/W/FLOWLOGS/F",
      targetResourceID: "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v",
      operationName: "FlowLogFlowEvent",
      flowRecords: { flows: [{ aclID: "a", flowGroups: [{ rule: "DefaultRule_AllowVnetInBound", flowTuples: flows }] }] },
    });
  }
  return JSON.stringify({ records: list });
}

/** A zip of `{path: bytes}`, compressed. */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, index, Buffer.from("PK\x05\x06"), end]);
}

function crc32(bytes) {
  if (zlibCrc32) return zlibCrc32(bytes);
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** The bytes of a file on disk. */
export const bytesOf = (path) => readFileSync(path);
