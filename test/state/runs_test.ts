/** Kept checks: what was kept comes back, within bounds of age and size, whatever version made the file. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fc } from "../support/seed.ts";
import { makeRun } from "../../src/report/make_run.ts";
import { renderRuns } from "../../src/report/render_run.ts";
import type { Run } from "../../src/model/run.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { formatRun, parseRun } from "../../src/state/parse_run.ts";
import { arbitraryReport } from "../support/data/arbitrary_report.ts";
import { found, report } from "../support/data/tables.ts";
import { EMPTY_TABLE } from "../support/data/remembered.ts";
import { schemaOf } from "../support/json_schema.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Of what `--history --json` prints. */
const assertSchema = schemaOf("history");
const same = (text: string) => text;
const DAY = 86_400_000;
const run = (fields: Partial<Run> = {}): Run => ({ ...makeRun(report([{}]), FRESH_STATE, 1.25), ...fields });
const names = (memory: MemoryFile, count = 100) => memory.runs(null, count).map(({ run }) => run);

Deno.test("any check is kept and read as it was, and no larger than its bound", () => {
  fc.assert(fc.property(arbitraryReport, (report) => {
    const made = makeRun(report, FRESH_STATE, 0.5);
    const text = formatRun(made, same);
    const read = parseRun(7, text);
    assert.deepEqual(read, { run: 7, ...JSON.parse(JSON.stringify(made)) });
    assertSchema(read);
    assertSchema([read, read]);
  }));
  const many = Array.from({ length: 5000 }, () => found({ detail: "x".repeat(5000), missing: 1n }));
  const made = makeRun(report([{ findings: many }]), FRESH_STATE, 1);
  assert.deepEqual([made.findings.length, made.findings_left_out, made.rows_missing], [100, 4900, 5000]);
  assert.ok(formatRun(made, same).length < 100_000);
});

Deno.test("makeRun() keeps what is open before what was repaired, and that before what does no harm", () => {
  const findings = [
    ...Array.from({ length: 100 }, () => found({ reason: "surplus" })),
    found({ reason: "partial", repaired: true }),
    found({ reason: "drifted" }),
  ];
  const { findings: kept } = makeRun(report([{ findings }]), FRESH_STATE, 1);
  assert.deepEqual(kept.slice(0, 3).map(({ reason }) => reason), ["drifted", "partial", "surplus"]);
});

Deno.test("parseRun() takes nothing else for a run", () => {
  for (
    const text of ["", "{}", "[]", "null", JSON.stringify({ ...run(), tables: "1" }), '{"started_at":"soon"}']
  ) {
    assert.equal(parseRun(1, new TextEncoder().encode(text)), null, text);
  }
});

Deno.test("a check that was to verify everything is not called limited, and one of a part is", () => {
  const within = { from: null, to: null, partitions: [], open: false };
  const scope = { tables: [], ...within, verify: true };
  const lines = (run: Run) => renderRuns([parseRun(1, formatRun(run, same))!], "s.json");
  const verified = makeRun(report([{}], { scope }), FRESH_STATE, 1);
  assert.doesNotMatch(lines(verified), /limited/);
  assert.match(lines({ ...verified, failback_ready: true }), /FAILBACK READY/);
  assert.match(lines(makeRun(report([{}], { scope, limited: true }), FRESH_STATE, 1)), /, limited$/m);
  const { limited: _, ...before } = verified;
  assert.match(lines(before as Run), /, limited$/m);
});

Deno.test("runs are numbered, and go when they are too old or too much; the last one stays", async () => {
  await using directory = await temporaryDirectory();
  const now = new Date("2026-01-01T00:00:00Z");
  const at = (days: number) => new Date(now.getTime() + days * DAY);
  using memory = await MemoryFile.open(directory.path, "d");
  for (const [index, days] of [0, 60, 80].entries()) {
    memory.keepRun(formatRun(run({ tables: index }), same), at(days));
  }
  assert.deepEqual(names(memory), [3, 2, 1]);
  assert.deepEqual(memory.runs(2).map(({ tables }) => tables), [1]);
  assert.deepEqual(memory.runs(9), []);
  memory.keepRun(formatRun(run(), same), at(100));
  assert.deepEqual(names(memory), [4, 3, 2]);
  memory.keepRun(formatRun(run(), same), at(1000));
  assert.deepEqual(names(memory), [5, 4], "the last one stays until the next one has its number");
  memory.keepRun(formatRun(run({ error: "x".repeat(9 * 1024 * 1024) }), same), at(1000));
  assert.deepEqual(names(memory), [6, 5]);
  memory.keepRun(formatRun(run({ error: "x".repeat(9 * 1024 * 1024) }), same), at(1000));
  assert.deepEqual(names(memory), [7], "16 MiB are enough");
});

Deno.test("the memory of the version before keeps what it remembers, and runs from now on", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync-memory.sqlite`;
  {
    using memory = await MemoryFile.open(directory.path, "d");
    await memory.remember("d.t", new Map());
    await memory.commit({ tables: new Map([["d.t", EMPTY_TABLE]]), keep: () => true, partitions: new Map() });
  }
  const db = new DatabaseSync(path);
  db.exec("DROP TABLE runs");
  db.exec("PRAGMA user_version = 1");
  db.close();
  const warn = (text: string) => assert.fail(text);
  {
    using reader = await MemoryFile.open(directory.path, "d", { warn, readOnly: true });
    assert.deepEqual(names(reader), []);
  }
  using memory = await MemoryFile.open(directory.path, "d", { warn });
  assert.equal(memory.table("d.t")?.uuid, "u");
  memory.keepRun(formatRun(run(), same), new Date());
  assert.deepEqual(names(memory), [1]);
  using again = await MemoryFile.open(directory.path, "d", { warn, readOnly: true });
  assert.deepEqual([names(again), again.table("d.t")?.uuid], [[1], "u"]);
});
