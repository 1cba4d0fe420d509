/** RESULTS_TABLE as an operator sets it: checks are written into it, and nothing depends on that. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("RESULTS_TABLE", async (t) => {
  await using sites = await startTwoSites({
    leastPrivilege: { databases: ["d", "ops"], with: ["RESULTS_TABLE"] },
  });
  for (const site of [sites.primary, sites.dr]) {
    await site.query("CREATE DATABASE d");
    await site.query(
      "CREATE TABLE d.t (ts DateTime, v UInt64) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts",
    );
    await site.query("CREATE TABLE d.other (v UInt64) ENGINE = MergeTree ORDER BY v");
  }
  const more = `INSERT INTO d.t SELECT toDateTime('2026-01-01 00:00:00') + number, number FROM numbers(100)`;
  await sites.primary.query(more);
  await using program = await installChSync({
    ...environmentOf("dr", sites.dr, sites.primary),
    RESULTS_TABLE: "ops.ch_sync_results",
  });

  await t.step("that cannot be written is a warning, and no reason for a check to fail", async () => {
    const { code, stderr } = await program.run(["--once"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /\[WARN\] RESULTS_TABLE: this check is not in ops\.ch_sync_results: /);
    const columns = await program.run(["--once"], { RESULTS_TABLE: "d.other" });
    assert.equal(columns.code, 0);
    assert.match(columns.stderr, /this check is not in d\.other: /);
  });

  await t.step(
    "is created, gets a row for each check with repairs, expires, and is compared by none",
    async () => {
      await sites.dr.query("CREATE DATABASE ops");
      await sites.dr.query("TRUNCATE TABLE d.t");
      await sites.primary.query("CREATE DATABASE ops");
      await sites.primary.query("CREATE TABLE ops.ch_sync_results (a UInt8) ENGINE = MergeTree ORDER BY a");
      const first = await program.run(["--once", "--log-level", "debug"]);
      assert.doesNotMatch(first.stderr, /RESULTS_TABLE/);
      assert.equal((await program.run(["--dry-run"])).code, 0);
      const second = await program.run(["--once"]);
      const { stdout } = await program.run(["--history", "2", "--json"]);
      type Row = Record<string, unknown>;
      const kept = (JSON.parse(stdout) as Row[]).toReversed();
      const rows = await sites.dr.rows<Row>("SELECT * FROM ops.ch_sync_results ORDER BY started_at");
      assert.equal(rows.length, 2);
      for (const [at, row] of rows.entries()) {
        for (const name of ["active_site", "outcome", "clean", "consecutive_clean", "seconds"]) {
          assert.equal(String(row[name]), String(kept[at]![name]), name);
        }
        assert.equal(`${row.started_at}Z`.replace(" ", "T"), kept[at]!.started_at);
        assert.equal(row.role, "dr");
      }
      assert.deepEqual([rows[0]!.rows_repaired, rows[1]!.rows_repaired].map(Number), [100, 0]);
      const [found] = await sites.dr.rows<Row>(
        "SELECT findings.table AS name, findings.reason AS reason, findings.repaired AS repaired FROM ops.ch_sync_results " +
          "ARRAY JOIN findings WHERE findings.repaired",
      );
      assert.deepEqual(found, { name: "d.t", reason: "missing", repaired: true });
      const [{ sql } = { sql: "" }] = await sites.dr.rows<{ sql: string }>(
        "SELECT create_table_query AS sql FROM system.tables WHERE database = 'ops'",
      );
      assert.match(sql, /TTL toDateTime\(started_at\) \+ toIntervalDay\(90\)/);
      assert.doesNotMatch(first.stdout + second.stdout, /ch_sync_results/);
    },
  );
});
