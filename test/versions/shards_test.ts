/** This site is of another version than the shards of the active one, which it reads together. */
import assert from "node:assert/strict";
import { checkSites, findingsOf } from "../support/sites/check_sites.ts";
import { startShardedSites } from "../support/sites/sharded_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { siteOf } from "../support/versions/engine_of_run.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";

const COLUMNS =
  "(ts DateTime('UTC'), id UInt64, word String, other String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (ts, id)";

const rows = (condition: string, other = "'x'") =>
  "SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 60, number, concat('w', toString(number)), " +
  `${other} FROM numbers(600) WHERE ${condition}`;

/** So many that they are found by cells. */
const spread = (condition: string) =>
  `SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 3, number, 'w', 'x' FROM numbers(24000) WHERE ${condition}`;

for (const engine of (await enginesOfThisRun()).works.filter(({ slow }) => !slow)) {
  Deno.test(`a site of ${engine.version} is compared with two shards of another version, and repaired`, async () => {
    await using sites = await startShardedSites(2, () => ({}), [1], siteOf(engine));
    const { shards, dr } = sites;
    await sites.everywhere("CREATE DATABASE d");
    for (const name of ["missing", "both", "unlike", "spread"]) {
      await sites.everywhere(`CREATE TABLE d.${name} ${COLUMNS}`);
    }
    for (const [at, shard] of shards.entries()) {
      const mine = `number % 2 = ${at}`;
      await shard.query(`INSERT INTO d.missing ${rows(mine)}`);
      await shard.query(`INSERT INTO d.both ${rows(`${mine} AND number % 10 != 3`)}`);
      await shard.query(`INSERT INTO d.unlike ${rows(mine)}`);
      await shard.query(`INSERT INTO d.spread ${spread(mine)}`);
    }
    await dr.query(`INSERT INTO d.missing ${rows("number % 10 != 4")}`);
    await dr.query(`INSERT INTO d.both ${rows("number % 10 != 4")}`);
    await dr.query(`INSERT INTO d.spread ${spread("number % 20 != 7")}`);
    // As if each site had written the same events with something of its own.
    await dr.query(`INSERT INTO d.unlike ${rows("1", "'y'")}`);
    const settings = sites.settings();
    const report = await checkSites(sites.first, { settings });
    assert.deepEqual(findingsOf(report).filter(({ reason }) => reason === "failed"), []);
    const of = (table: string) =>
      [...new Set(findingsOf(report).filter((one) => one.table === table).map(({ reason }) => reason))]
        .sort();
    assert.deepEqual(of("d.missing"), ["partial"]);
    assert.deepEqual(of("d.both"), ["partial"]);
    assert.deepEqual(of("d.spread"), ["partial"]);
    assert.deepEqual(of("d.unlike"), ["independent"]);
    assert.equal(await dr.query("SELECT count(), uniqExact(id) FROM d.missing"), "600\t600\n");
    assert.equal(await dr.query("SELECT count(), uniqExact(id) FROM d.both"), "600\t600\n");
    assert.equal(await dr.query("SELECT count(), uniqExact(id) FROM d.spread"), "24000\t24000\n");
    assert.equal(await dr.query("SELECT count() FROM d.unlike"), "600\n");
  });

  Deno.test(`rows near those of this site are found at an active one of ${engine.version}`, async () => {
    await using sites = await startTwoSites({ primary: siteOf(engine) });
    const { primary, dr } = sites;
    for (const { query } of [primary, dr]) {
      await query("CREATE DATABASE d");
      await query(`CREATE TABLE d.unlike ${COLUMNS}`);
    }
    await primary.query(`INSERT INTO d.unlike ${rows("1")}`);
    await dr.query(`INSERT INTO d.unlike ${rows("1", "'y'")}`);
    const found = findingsOf(await checkSites(sites));
    assert.deepEqual(found.map(({ reason }) => reason), ["independent"]);
  });
}
