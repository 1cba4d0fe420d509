/** An engine that writes 0 for -0: rows with it are refused, not taken for others, and come where the table keeps every zero. */
import assert from "node:assert/strict";
import { isBefore } from "../../src/clickhouse/dialect/versions.ts";
import { checkSites, reasonsOf } from "../support/sites/check_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

const FULL = " SETTINGS ratio_of_defaults_for_sparse_serialization = 1";
const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;
const { works } = await enginesOfThisRun();

for (const engine of whole ? works : works.slice(0, 1)) {
  Deno.test(`a passive site of ${engine.version} gets each zero as it is, or none`, async () => {
    await using sites = await startTwoSites({ dr: { engine: frontOf(engine) } });
    const { primary, dr } = sites;
    for (const site of [primary, dr]) {
      await site.query("CREATE DATABASE d");
      for (const [name, settings] of [["plain", ""], ["full", FULL]]) {
        await site.query(
          `CREATE TABLE d.${name} (ts DateTime('UTC'), v Float64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts${settings}`,
        );
        await site.query(`INSERT INTO d.${name} VALUES ('2026-01-01 00:00:00', 1.5)`);
      }
    }
    for (const name of ["plain", "full"]) {
      await primary.query(`INSERT INTO d.${name} VALUES ('2026-01-02 00:00:00', -0.0)`);
    }
    const before = await dr.query("SELECT * FROM d.plain");
    const loses = isBefore(engine.version, "26.4");
    assert.deepEqual(reasonsOf(await checkSites(sites)), {
      "d.full 202601": "partial, repaired",
      "d.plain 202601": loses ? "failed" : "partial, repaired",
    });
    for (const [name, rows] of [["plain", loses ? before : null], ["full", null]]) {
      const read = `SELECT * FROM d.${name} ORDER BY ts`;
      assert.equal(await dr.query(read), rows ?? await primary.query(read), name!);
    }
    assert.deepEqual(reasonsOf(await checkSites(sites)), loses ? { "d.plain 202601": "failed" } : {});
  });
}
