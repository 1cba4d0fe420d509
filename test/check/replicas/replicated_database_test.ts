/** Databases of engine Replicated: what is made in one is made at all of its replicas, so nothing is staged there. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { doctorTables } from "../../support/sites/doctor_tables.ts";
import { type ReplicatedSite, startReplicatedSites } from "../../support/sites/replicated_sites.ts";

const DAY = "2026-01-01";
const OF_REPLICAS = "ENGINE = Replicated('/databases/{database}', '{shard}', '{replica}')";
const IN_ATOMIC = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";
/** How many statements all replicas of the database have been given. */
const DONE = "SELECT max_log_ptr FROM system.database_replicas WHERE database = 'shop'";
const STAGED = "SELECT database, name FROM system.tables WHERE name LIKE '\\_chsync%'";

async function synced({ replicas }: ReplicatedSite, table: string): Promise<void> {
  for (const replica of replicas) await replica.query(`SYSTEM SYNC REPLICA ${table}`);
}

Deno.test("databases of engine Replicated", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  await primary.everywhere("CREATE DATABASE shop");
  await dr.everywhere(`CREATE DATABASE shop ${OF_REPLICAS}`);
  await primary.everywhere(telemetryTable("shop.t", IN_ATOMIC));
  await dr.replicas[0]!.query(telemetryTable("shop.t", "ReplicatedMergeTree"));
  await load(primary.replicas[0]!, "shop.t", DAY, 1000);
  await load(dr.replicas[1]!, "shop.t", DAY, 1000, "number < 700");
  const ofHours = (engine: string) =>
    `CREATE TABLE shop.hours (hour DateTime('UTC'), n UInt64) ENGINE = ${engine} ORDER BY hour`;
  const view =
    "CREATE MATERIALIZED VIEW shop.to_hours TO shop.hours AS SELECT toStartOfHour(ts) AS hour, count() AS n " +
    "FROM shop.fed GROUP BY hour";
  await primary.everywhere(telemetryTable("shop.fed", IN_ATOMIC));
  await primary.everywhere(ofHours("ReplicatedSummingMergeTree('/tables/{database}/{table}', '{replica}')"));
  await primary.everywhere(view);
  await dr.replicas[0]!.query(telemetryTable("shop.fed", "ReplicatedMergeTree"));
  await dr.replicas[0]!.query(ofHours("ReplicatedSummingMergeTree"));
  await dr.replicas[0]!.query(view);
  await load(primary.replicas[0]!, "shop.fed", DAY, 1000);
  await load(dr.replicas[0]!, "shop.fed", DAY, 1000, "number < 700");
  for (const site of [primary, dr]) {
    for (const table of ["shop.t", "shop.fed", "shop.hours"]) await synced(site, table);
  }
  const check = (stagingDatabase: string | null, options: CheckSitesOptions = {}) =>
    checkSites(sites.first, { ...options, settings: { ...options.settings, stagingDatabase } });
  const whole = async (table: string) => {
    await synced(dr, table);
    for (const replica of dr.replicas) {
      assert.equal(await content(replica, table), await content(primary.replicas[0]!, table));
    }
  };

  await t.step("without STAGING_DATABASE a table there is refused, and nothing is made", async () => {
    const report = await check(null);
    assert.equal(isClean(report), false);
    // What views fill too.
    assert.deepEqual(new Set(findingsOf(report).map(({ cause }) => cause)), new Set(["no_staging"]));
    assert.equal(findingsOf(report).length, 3);
    for (const { detail } of findingsOf(report)) assert.match(detail, /STAGING_DATABASE=/);
    for (const replica of dr.replicas) assert.equal(await replica.query(STAGED), "");
    const said = (await doctorTables(sites.first)).join("\n");
    assert.match(said, /failed staging tables: .*STAGING_DATABASE=/);
  });

  await t.step(
    "with it the table is repaired, at all replicas, and no replica was made a staging table",
    async () => {
      await dr.replicas[0]!.query("CREATE DATABASE aside");
      const before = await dr.replicas[0]!.query(DONE);
      assert.deepEqual(reasonsOf(await check("aside")), {
        "shop.fed 20260101": "partial, repaired",
        "shop.hours": "derived",
        "shop.t 20260101": "partial, repaired",
      });
      for (const table of ["shop.t", "shop.fed"]) await whole(table);
      await synced(dr, "shop.hours");
      assert.equal(await dr.replicas[1]!.query("SELECT sum(n) FROM shop.hours"), "1000\n");
      assert.ok(isClean(await check("aside")));
      assert.equal(await dr.replicas[0]!.query(DONE), before);
      for (const replica of dr.replicas) assert.equal(await replica.query(STAGED), "");
    },
  );

  await t.step("AUTO_CREATE_TABLES: a Replicated table is made and filled at all replicas", async () => {
    for (const site of [primary, dr]) await site.everywhere(`CREATE DATABASE yard ${OF_REPLICAS}`);
    await primary.replicas[0]!.query(telemetryTable("yard.fresh", "ReplicatedReplacingMergeTree(duration)"));
    await load(primary.replicas[1]!, "yard.fresh", DAY, 1000);
    await synced(primary, "yard.fresh");
    const settings = { autoCreateTables: true };
    assert.deepEqual(reasonsOf(await check("aside", { settings, only: ["yard.fresh"] })), {
      "yard.fresh 20260101": "missing, repaired",
    });
    await whole("yard.fresh");
  });

  await t.step(
    "AUTO_CREATE_TABLES: a plain table would be another one at each replica, so it is refused",
    async () => {
      await primary.replicas[0]!.query(telemetryTable("shop.plain"));
      await load(primary.replicas[0]!, "shop.plain", DAY, 10);
      const report = await check("aside", { settings: { autoCreateTables: true }, only: ["shop.plain"] });
      assert.deepEqual(reasonsOf(report), { "shop.plain": "new" });
      assert.match(findingsOf(report)[0]?.detail ?? "", /engine Replicated here.*ReplicatedMergeTree/);
      assert.equal(await dr.replicas[1]!.query("EXISTS TABLE shop.plain"), "0\n");
    },
  );

  await t.step("at the active site such a database is like any other", async () => {
    await primary.everywhere(`CREATE DATABASE far ${OF_REPLICAS}`);
    await dr.everywhere("CREATE DATABASE far");
    await primary.replicas[0]!.query(telemetryTable("far.t", "ReplicatedMergeTree"));
    await dr.everywhere(telemetryTable("far.t", IN_ATOMIC));
    await load(primary.replicas[1]!, "far.t", DAY, 1000);
    await synced(primary, "far.t");
    assert.deepEqual(reasonsOf(await check(null, { only: ["far.t"] })), {
      "far.t 20260101": "missing, repaired",
    });
    await whole("far.t");
  });
});
