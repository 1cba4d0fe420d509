import assert from "node:assert/strict";
import { FRESH_STATE } from "../../src/model/state.ts";
import { REASONS } from "../../src/model/reason.ts";
import type { Reason } from "../../src/model/reason.ts";
import type { CheckReport } from "../../src/model/report.ts";
import { reportLog } from "../../src/report/report_log.ts";
import { found, report } from "../support/data/tables.ts";

const CLEAN = { ...FRESH_STATE, consecutive_clean: 4 };
const READY = { ...CLEAN, failback_ready: true };

const lines = (checked: CheckReport, state: typeof FRESH_STATE | null = FRESH_STATE) =>
  reportLog(checked, state).map(({ level, text }) => `${level}: ${text}`);

Deno.test("reportLog() ends a clean check with the lines that people grep for", () => {
  assert.deepEqual(lines(report([{}]), CLEAN), ["info: All tables in sync (clean check #4)"]);
  assert.deepEqual(lines(report([{}]), READY), [
    "info: All tables in sync (clean check #4)",
    "info: FAILBACK READY",
  ]);
});

Deno.test("reportLog() concludes nothing from a dry run, a limited check or one that is not clean", () => {
  assert.deepEqual(lines(report([{}], { dryRun: true }), null), []);
  assert.deepEqual(lines(report([{}], { limited: true }), READY), []);
  const gap = report([{ findings: [found({ reason: "drifted", partitionId: null, detail: "x" })] }]);
  assert.deepEqual(lines(gap), ["warning: d.t: drifted: x"]);
});

Deno.test("reportLog() warns of what stays open, and only informs of what is settled or repaired", () => {
  const level = (reason: Reason, repaired = false) =>
    reportLog(report([{ findings: [found({ reason, repaired })] }]), null)[0]!.level;
  for (const reason of Object.keys(REASONS) as Reason[]) {
    const { clean } = REASONS[reason];
    assert.equal(level(reason), reason === "failed" ? "error" : clean ? "info" : "warning", reason);
  }
  assert.equal(level("missing", true), "info");
});

Deno.test("reportLog() names table, partition and reason, says what was repaired, and how to fix drift", () => {
  const findings = [
    found({ reason: "partial", detail: "5 rows", repaired: true, sql: ["INSERT"] }),
    found({ reason: "drifted", partitionId: null, detail: "a is missing", sql: ["ALTER 1", "ALTER 2"] }),
  ];
  assert.deepEqual(lines(report([{ findings }])), [
    "info: d.t partition 20260101: partial, repaired: 5 rows",
    "warning: d.t: drifted: a is missing. To fix it here: ALTER 1; ALTER 2",
  ]);
});

Deno.test("reportLog() writes five lines for each reason and counts the rest", () => {
  const many = (reason: Reason, count: number, repaired = false) =>
    Array.from(
      { length: count },
      (_, index) => found({ reason, repaired, partitionId: `${reason}${index}` }),
    );
  const findings = [...many("missing", 7, true), ...many("missing", 5), ...many("independent", 6)];
  const texts = lines(report([{ findings }]));
  assert.equal(texts.filter((line) => line.startsWith("info: d.t partition missing")).length, 10);
  assert.equal(texts.filter((line) => line.startsWith("warning: d.t partition independent")).length, 5);
  assert.deepEqual(texts.filter((line) => line.includes("more partition")), [
    "info: d.t: 2 more partitions missing, repaired",
    "warning: d.t: 1 more partition independent",
  ]);
});

Deno.test("reportLog() passes warnings and the error of a failed check on", () => {
  const checked = report([{ warnings: ["no key"] }], {
    outcome: "failed",
    error: "out of luck",
    warnings: ["a view"],
  });
  assert.deepEqual(lines(checked), ["warning: d.t: no key", "warning: a view", "error: out of luck"]);
});

Deno.test("reportLog() says once what it warns of many tables", () => {
  const tables = ["a", "b", "c", "d", "e", "f"].map((name) => ({ table: `d.${name}`, warnings: ["no key"] }));
  assert.deepEqual(lines(report([...tables, { table: "d.g", warnings: ["odd"] }]), null), [
    "warning: d.g: odd",
    "warning: 6 tables (d.a, d.b, d.c, d.d, d.e and 1 more): no key",
  ]);
});
