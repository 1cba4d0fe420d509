import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { stripVTControlCharacters } from "node:util";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { COLOURED } from "../../src/text/paint.ts";
import type { Repair } from "../../src/model/repair.ts";
import { renderReport } from "../../src/report/render_report.ts";
import { found, report } from "../support/data/tables.ts";
import { eachSays, says } from "../support/says.ts";

const repair = (bytes: number, method: Repair["method"] = "attach") => ({ bytes, method }) as Repair;

Deno.test("renderReport() says which site is active, each table, and that nothing is missing", () => {
  const text = renderReport(report([{ table: "d.a", partitions: 3 }, { table: "d.b", partitions: 1 }]));
  assert.deepEqual(text.split("\n"), [
    "Active site: primary (we are: dr)",
    "4 partitions of 2 tables compared",
    "d.a: in sync (3 partitions)",
    "d.b: in sync (1 partition)",
    "2 tables checked; nothing is missing here",
  ]);
});

Deno.test("renderReport() counts what a check that was not completed had found, and tables that were not compared", () => {
  const missing = found({ reason: "failed", missing: 8n });
  const broken = renderReport(report([{ findings: [missing] }], { outcome: "failed", error: "x" }));
  says(broken, "The check was not completed: x", "8 rows were missing here, in 1 table");
  const drifted = found({ table: "d.b", partitionId: null, reason: "drifted" });
  const partly = renderReport(
    report([{ table: "d.a", partitions: 3 }, { table: "d.b", partitions: 0, findings: [drifted] }]),
  );
  says(
    partly,
    "3 partitions of 1 table compared",
    "2 tables checked",
    "1 not repaired (0 rows missing, 1 table not compared)",
  );
});

Deno.test("renderReport() of a dry run shows the plan: partition, rows, bytes and statements", () => {
  const findings = [
    found({
      reason: "partial",
      detail: "5 rows are absent here",
      missing: 5n,
      repair: repair(2048),
      sql: ["CREATE x", "INSERT y\nSELECT z\n  AND w", "MOVE y", "DROP x"],
    }),
    found({ partitionId: "20260102", reason: "independent", detail: "twins", missing: 3n }),
  ];
  const plan = report([{ findings }], { dryRun: true });
  eachSays(renderReport(plan, { sql: true }).split("\n"), [
    ["Active site: primary (we are: dr)", "Plan"],
    ["1 partition of 1 table", "8 rows", "1 table"],
    "d.t",
    ["  partition 20260101: partial: 5 rows are absent here", "2.0 KiB"],
    ["    -- stage"],
    "    CREATE x;",
    "    INSERT y",
    "    SELECT z",
    "      AND w;",
    ["    -- prove"],
    ["    -- attach"],
    "    MOVE y;",
    ["    -- clean up"],
    "    DROP x;",
    "  partition 20260102: independent: twins",
    [
      "1 table checked",
      "1 partition to repair",
      "5 rows",
      "2.0 KiB",
      "20.0 MiB/s",
      "assumed",
      "1 refused",
    ],
  ]);
  const short = renderReport(plan).split("\n");
  assert.ok(!short.some((line) => line.startsWith("    ")), "no statement unless it is asked for");
  assert.equal(short.filter((line) => line.includes("--sql")).length, 1);
});

Deno.test("renderReport() of a repair says what was repaired and what was not, with the statements of the latter", () => {
  const findings = [
    found({ reason: "missing", detail: "7 rows", missing: 7n, repaired: true, sql: ["DONE"] }),
    found({
      partitionId: null,
      reason: "drifted",
      detail: "column a is missing",
      missing: 2n,
      sql: ["ALTER z"],
    }),
    found({ partitionId: "p", reason: "surplus", detail: "9 rows exist only here", surplus: 9n }),
  ];
  eachSays(renderReport(report([{ findings }]), { sql: true }).split("\n"), [
    "Active site: primary (we are: dr)",
    ["1 partition of 1 table", "9 rows", "1 table"],
    "d.t",
    "  partition 20260101: missing, repaired: 7 rows",
    "  table: drifted: column a is missing",
    "    ALTER z;",
    "  partition p: surplus: 9 rows exist only here",
    ["1 table checked", "1 partition repaired", "7 rows", "1 not repaired", "2 rows missing"],
  ]);
});

Deno.test("renderReport() says why a check was not completed", () => {
  const line = (outcome: "standby" | "failed" | "aborted", error: string | null) =>
    renderReport(report([], { outcome, error }));
  says(line("standby", null), "Nothing to do");
  assert.match(line("failed", "no answer"), /not completed: no answer$/);
  says(line("aborted", null), "not completed", "shut down");
});

Deno.test("renderReport() lists fifty partitions of a table and counts the rest", () => {
  const findings = Array.from({ length: 53 }, (_, index) => found({ partitionId: `p${index}` }));
  const lines = renderReport(report([{ findings }])).split("\n");
  assert.equal(lines.filter((line) => line.startsWith("  partition ")).length, 50);
  assert.ok(lines.includes("  and 3 more partitions: see --json"));
  assert.match(lines.at(-1)!, /53 not repaired/);
});

Deno.test("renderReport() shows warnings of tables and of the check", () => {
  const lines = renderReport(report([{ warnings: ["no key"] }], { warnings: ["a view is missing"] })).split(
    "\n",
  );
  assert.ok(lines.includes("  warning: no key") && lines.includes("warning: a view is missing"));
});

Deno.test("renderReport() ends with what the check made of the verdict", () => {
  const clean = report([{ table: "d.a", partitions: 1 }]);
  const last = (state: State, checked = clean) => renderReport(checked, { state }).split("\n").at(-1);
  const third = { ...FRESH_STATE, consecutive_clean: 3 };
  assert.match(last(third)!, /nothing is missing here; clean check #3$/);
  assert.match(last({ ...third, failback_ready: true })!, /; clean check #3; FAILBACK READY$/);
  const open = report([{ findings: [found({})] }]);
  assert.doesNotMatch(last({ ...FRESH_STATE, consecutive_clean: 0 }, open)!, /clean check|READY/);
  assert.doesNotMatch(last(third, { ...clean, limited: true })!, /clean check|READY/);
});

Deno.test("colours change nothing but colours, and nothing of another's text is one", () => {
  const text = "\x1b[31mforged\x1b[0m";
  const all = report([{ table: text, findings: [found({ detail: text, sql: [text] })], warnings: [text] }], {
    dryRun: true,
  });
  const coloured = renderReport(all, { sql: true, paint: COLOURED });
  assert.ok(coloured.includes("\x1b["));
  assert.ok(!coloured.includes("\x1b[31mforged"));
  assert.equal(stripVTControlCharacters(coloured), renderReport(all, { sql: true }));
});

Deno.test("no name, detail, statement or error can forge a line of the report", () => {
  const hostile = fc.string({ unit: "binary" }).map((text) => `${text}\nd.x: in sync\r\u2028\u202e`);
  fc.assert(fc.property(hostile, fc.boolean(), (text, dryRun) => {
    const finding = found({ table: text, partitionId: text, detail: text, sql: [text] });
    const table = { table: text, findings: [finding], warnings: [text] };
    const rendered = renderReport(report([table], { warnings: [text], dryRun }), { sql: true });
    const lines = rendered.split(/[\n\r\u2028\u2029\x85]/);
    // A statement may have several lines, and none of them looks like one of the report.
    const ofStatement = text.split("\n").length;
    assert.equal(lines.length, 7 + ofStatement);
    assert.ok(lines.slice(4, 4 + ofStatement).every((line) => line.startsWith("    ")), rendered);
    const failed = renderReport(report([], { outcome: "failed", error: text }));
    assert.doesNotMatch(failed, /[\n\r\u2028\u202e]/);
  }));
});

Deno.test("renderReport() says once what it warns of many tables", () => {
  const tables = ["a", "b", "c", "d", "e", "f"].map((name) => ({ table: `d.${name}`, warnings: ["no key"] }));
  const lines = renderReport(report([...tables, { table: "d.g", warnings: ["no key", "odd"] }])).split("\n");
  assert.deepEqual(lines.filter((line) => line.includes("warning")), [
    "  warning: odd",
    "warning: 7 tables (d.a, d.b, d.c, d.d, d.e and 2 more): no key",
  ]);
});

Deno.test("renderReport() of a plan tells time by earlier repairs, where there are any", () => {
  const mebibyte = 2 ** 20;
  const findings = ["a", "b"].map((partitionId) =>
    found({ partitionId, missing: 1n, repair: repair(600 * mebibyte) })
  );
  const pace = { bytesPerSecond: 10 * mebibyte, repairs: 7, together: false };
  const text = renderReport(report([{ findings }], { dryRun: true }), { pace });
  assert.match(text, /partition a: .*; about 600\.0 MiB to move, in about 61 seconds/);
  says(text.split("\n").at(-1), "1.2 GiB", "2 minutes", "10.0 MiB/s", "7 repairs");
});
