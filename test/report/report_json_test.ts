import assert from "node:assert/strict";
import type { Repair } from "../../src/model/repair.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { reportJson } from "../../src/report/report_json.ts";
import { found, report } from "../support/data/tables.ts";
import { schemaOf } from "../support/json_schema.ts";

Deno.test("reportJson() holds everything that was found, with numbers of rows as numbers", () => {
  const finding = found({
    reason: "partial",
    detail: "5 rows are absent here",
    rowsActive: 10n,
    rowsHere: 6n,
    missing: 5n,
    surplus: 1n,
    repair: { bytes: 2048 } as Repair,
    sql: ["INSERT"],
  });
  const compared = { rows: 10n, city: 2n ** 64n - 1n };
  const json = reportJson(
    report([{ findings: [finding], compared, proven: 1, oldestDigest: 60, warnings: ["w"] }], {
      warnings: ["v"],
      leftOut: [{ table: "d.k", engine: "Kafka" }],
    }),
    { ...FRESH_STATE, consecutive_clean: 2 },
  );
  assert.deepEqual(JSON.parse(JSON.stringify(json)), {
    schema_version: 1,
    servers: { local: null, remote: null },
    replicas: { local: null, remote: null },
    shards: [],
    shards_here: [],
    verified_through: null,
    plan: {
      partitions: 1,
      rows: 5,
      bytes: 2048,
      seconds: 1,
      bytes_per_second: 20 * 2 ** 20,
      measured_by_repairs: 0,
    },
    started_at: "2026-01-01T00:00:00.000Z",
    role: "dr",
    active_site: "primary",
    outcome: "completed",
    error: null,
    dry_run: false,
    limited: false,
    scope: null,
    exit_code: 3,
    consecutive_clean: 2,
    failback_ready: false,
    tables: [{
      table: "d.t",
      partitions: 1,
      partitions_proven_before: 1,
      partitions_not_looked_at: 0,
      partitions_counted_only: 0,
      oldest_digest: "1970-01-01T00:01:00.000Z",
      ignored_columns: [],
      rows_compared: 10,
      digest: { city: "18446744073709551615" },
      findings: [{
        partition: "20260101",
        reason: "partial",
        cause: "partial",
        detail: "5 rows are absent here",
        clean: false,
        repaired: false,
        rows_active: 10,
        rows_here: 6,
        rows_missing: 5,
        rows_surplus: 1,
        missing_between: [],
        bytes_to_move: 2048,
        seconds: 1,
        sql: ["INSERT"],
      }],
      warnings: ["w"],
    }],
    not_synced: [{ table: "d.k", engine: "Kafka" }],
    warnings: ["v"],
  });
});

Deno.test("reportJson() tells how many rows a repair put on which shard, where this site has several", () => {
  const placed = [{ shard: 2, rows: 3n }, { shard: 1, rows: 2n }];
  const findings = [found({ repaired: true, placed }), found({ repaired: true })];
  const json = JSON.parse(JSON.stringify(reportJson(report([{ findings }]), FRESH_STATE)));
  schemaOf("report")(json);
  const [over, alone] = json.tables[0].findings;
  assert.deepEqual(over.placed, [{ shard: 2, rows: 3 }, { shard: 1, rows: 2 }]);
  assert.ok(!("placed" in alone), "a site of one shard has none");
});

Deno.test("reportJson() of a dry run says nothing of the verdict", () => {
  const json = reportJson(report([{}], { dryRun: true }), null);
  assert.deepEqual([json.dry_run, json.consecutive_clean, json.failback_ready], [true, null, null]);
});

Deno.test("reportJson() gives the exit code of the process and the error", () => {
  const failed = reportJson(report([], { outcome: "failed", error: "x" }), FRESH_STATE);
  assert.deepEqual([failed.exit_code, failed.error, failed.outcome], [1, "x", "failed"]);
  assert.equal(reportJson(report([{}]), FRESH_STATE).exit_code, 0);
});

Deno.test("reportJson() takes a repaired partition for clean", () => {
  const json = reportJson(report([{ findings: [found({ repaired: true })] }]), FRESH_STATE);
  assert.match(JSON.stringify(json), /"clean":true,"repaired":true/);
});
