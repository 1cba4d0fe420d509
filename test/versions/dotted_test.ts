/** A database with a dot in its name, which `remote()` cannot take, with engines of other versions: only with `CH_SYNC_VERSIONS`. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../support/sites/check_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

const TABLES: Readonly<Record<string, string>> = {
  "`t.$`": "(ts DateTime('UTC'), n Int64, m Int64 MATERIALIZED n + 1) ENGINE = MergeTree",
  states: "(ts DateTime('UTC'), n Int64, v UInt64 DEFAULT n % 7) ENGINE = ReplacingMergeTree(v)",
};

const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;

for (const engine of whole ? (await enginesOfThisRun()).works : []) {
  for (const side of ["dr", "primary"] as const) {
    Deno.test(`a database with a dot is repaired, the ${side} site of ${engine.version}`, async () => {
      await using sites = await startTwoSites({ [side]: { engine: frontOf(engine) } });
      const { primary, dr } = sites;
      for (const [name, definition] of Object.entries(TABLES)) {
        const table = `\`w.x\`.${name}`;
        const insert = (rows: string) =>
          `INSERT INTO ${table} (ts, n) SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 3600, number FROM numbers(${rows})`;
        for (const site of [primary, dr]) {
          await site.query("CREATE DATABASE IF NOT EXISTS `w.x`");
          await site.query(`CREATE TABLE ${table} ${definition} PARTITION BY toYYYYMM(ts) ORDER BY n`);
          await site.query(insert("100"));
        }
        await primary.query(insert("100, 900"));
      }
      assert.deepEqual(reasonsOf(await checkSites(sites)), {
        "w.x.states 202601": "partial, repaired",
        "w.x.states 202602": "missing, repaired",
        "w.x.t.$ 202601": "partial, repaired",
        "w.x.t.$ 202602": "missing, repaired",
      });
      for (const what of ["ts, n, m FROM `w.x`.`t.$`", "ts, n, v FROM `w.x`.states FINAL"]) {
        const rows = `SELECT count(), sum(cityHash64(*)) FROM (SELECT ${what})`;
        assert.equal(await dr.query(rows), await primary.query(rows));
      }
      assert.deepEqual(reasonsOf(await checkSites(sites)), {});
    });
  }
}
