import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { RepairRecord } from "../../src/model/repair_record.ts";
import { appendRepair, lastRepairs } from "../../src/state/repair_record.ts";
import { StateError } from "../../src/files/private_file.ts";
import { onFullDisk } from "../support/program/full_disk.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const MEBIBYTE = 1024 * 1024;

const REPAIR: RepairRecord = {
  time: "2026-01-02T03:04:05.678Z",
  table: "d.http",
  partition: "20260101",
  reason: "missing",
  rows: 1000,
  digests: { city: "18446744073709551615", xxh: "7" },
  query_ids: ["ch-sync-dr-1", "ch-sync-dr-2"],
};

function lines(path: string): unknown[] {
  return Deno.readTextFileSync(path).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

Deno.test("appendRepair() adds one line a repair, whatever the names hold, for the owner alone", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/data/ch-sync-repairs.jsonl`;
  const written: RepairRecord[] = [];
  const names = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 10 });
  const adds = fc.asyncProperty(names, async (names) => {
    for (const table of names) {
      await appendRepair(`${directory.path}/data`, { ...REPAIR, table });
      written.push({ ...REPAIR, table });
    }
    assert.deepEqual(lines(path), written);
  });
  await fc.assert(adds, { numRuns: 20 });
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("appendRepair() begins a new file at 10 MiB, and keeps the one before", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync-repairs.jsonl`;
  await Deno.writeTextFile(path, "x".repeat(10 * MEBIBYTE - 1) + "\n");
  await Deno.writeTextFile(`${path}.1`, "oldest");
  await appendRepair(directory.path, REPAIR);
  assert.deepEqual(lines(path), [REPAIR]);
  assert.equal(Deno.statSync(`${path}.1`).size, 10 * MEBIBYTE);
  await appendRepair(directory.path, REPAIR);
  assert.deepEqual(lines(path), [REPAIR, REPAIR]);
});

Deno.test("appendRepair() does not continue a line that a crash cut off", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync-repairs.jsonl`;
  await Deno.writeTextFile(path, '{"time":"2026-');
  await appendRepair(directory.path, REPAIR);
  assert.equal(await Deno.readTextFile(path), `{"time":"2026-\n${JSON.stringify(REPAIR)}\n`);
});

Deno.test("appendRepair() says so when the record cannot be written", async () => {
  await using directory = await temporaryDirectory();
  await Deno.mkdir(`${directory.path}/ch-sync-repairs.jsonl`);
  await assert.rejects(appendRepair(directory.path, REPAIR), (error) => {
    assert.ok(error instanceof StateError);
    assert.match(error.message, /^Cannot record a repair in .*free space$/);
    return true;
  });
});

Deno.test("appendRepair() says so when the disk is full", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync-repairs.jsonl`;
  const [line = ""] = await onFullDisk(`
    import { appendRepair } from ${JSON.stringify(import.meta.resolve("../../src/state/repair_record.ts"))};
    await appendRepair(${JSON.stringify(directory.path)}, ${
    JSON.stringify(REPAIR)
  }).catch((error) => console.log(error.message));
  `);
  assert.ok(line.startsWith(`Cannot record a repair in ${path}: `), line);
  assert.match(line, /check its owner and the free space$/);
});

Deno.test("lastRepairs() finds the last ones, oldest first, whatever a crash left between them", async () => {
  await using directory = await temporaryDirectory();
  assert.deepEqual(await lastRepairs(directory.path, 5), []);
  for (let rows = 1; rows <= 2000; rows++) {
    await appendRepair(directory.path, { ...REPAIR, rows, bytes: 9, seconds: 0.5 });
  }
  await Deno.writeTextFile(`${directory.path}/ch-sync-repairs.jsonl`, '{"time":"cut o', { append: true });
  await appendRepair(directory.path, { ...REPAIR, rows: 2001 });
  assert.deepEqual((await lastRepairs(directory.path, 3)).map(({ rows }) => rows), [1999, 2000, 2001]);
  assert.ok((await lastRepairs(directory.path, 5000)).length > 500);
});
