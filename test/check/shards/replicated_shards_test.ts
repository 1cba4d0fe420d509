/** Shards of replicas: of each shard one replica is read, and replicas are not taken for shards. */
import assert from "node:assert/strict";
import type { Settings } from "../../../src/model/settings.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const ENGINE = "ReplicatedMergeTree('/tables/{shard}/{database}/{table}', '{replica}')";

Deno.test("two shards of two replicas each against one server", async (t) => {
  await using sites = await startReplicatedSites({ shards: 2 });
  const { primary, dr } = sites;
  const here = dr.shards[0]![0]!;
  const [[a1, a2], [b1, b2]] = primary.shards as [[Site, Site], [Site, Site]];
  await primary.everywhere("CREATE DATABASE shop");
  await here.query("CREATE DATABASE shop");
  const named = (...shards: readonly (readonly Site[])[]): Partial<Settings> => ({
    shards: shards.map((shard) =>
      shard.map(({ url, host, tcpPort }) => ({ url, native: { host, port: tcpPort, secure: false } }))
    ),
  });
  const check = async (table: string, settings: Partial<Settings>) =>
    await checkSites(sites.first, { only: [table], settings });
  const fill = async (table: string) => {
    await primary.everywhere(telemetryTable(table, ENGINE));
    await here.query(telemetryTable(table));
    await load(a1, table, DAY, 1000, "number % 3 = 0");
    await load(b1, table, DAY, 1000, "number % 3 > 0");
    await primary.everywhere(`SYSTEM SYNC REPLICA ${table}`);
  };
  const rows = async (table: string) => await here.query(`SELECT count(), uniqExact(ts) FROM ${table}`);

  await t.step("a lagging replica of one shard and a dead one of the other are passed over", async () => {
    await fill("shop.t");
    await a1.query("SYSTEM STOP FETCHES shop.t");
    await load(a2, "shop.t", "2026-01-02", 10);
    await b1.server.kill();
    const report = await check("shop.t", named([a1, a2], [b1, b2]));
    assert.deepEqual(report.replicas.shards.map(({ url }) => url), [a2.url, b2.url]);
    assert.deepEqual(Object.values(reasonsOf(report)), ["missing, repaired", "missing, repaired"]);
    assert.equal(await rows("shop.t"), "1010\t1010\n");
    await b1.restart();
    await a1.query("SYSTEM START FETCHES shop.t");
    await a1.query("SYSTEM SYNC REPLICA shop.t");
    await b1.query("SYSTEM SYNC REPLICA shop.t");
    const next = await check("shop.t", named([a1, a2], [b1, b2]));
    assert.deepEqual(next.replicas.shards.map(({ url }) => url), [a1.url, b1.url]);
    assert.ok(isClean(next));
  });

  await t.step(
    "a shard of which no replica can be believed: the table lags, and the shard is named",
    async () => {
      await load(b1, "shop.t", "2026-01-03", 10);
      await b2.query("SYSTEM SYNC REPLICA shop.t");
      await b2.query("SYSTEM STOP FETCHES shop.t");
      await load(b1, "shop.t", "2026-01-04", 10);
      const before = await rows("shop.t");
      const report = await check("shop.t", named([a1, a2], [b2]));
      assert.deepEqual(reasonsOf(report), { "shop.t": "lagging" });
      assert.equal(await rows("shop.t"), before);
      assert.match(findingsOf(report)[0]?.detail ?? "", /^shard 2: replica r2 of the active site waits/);
      await b2.query("SYSTEM START FETCHES shop.t");
      await b2.query("SYSTEM SYNC REPLICA shop.t");
    },
  );

  await t.step(
    "a table that is replicated on one shard only is refused: nobody would ask its replicas",
    async () => {
      for (const plain of [a1, b1]) {
        const table = plain === a1 ? "shop.second" : "shop.first";
        await plain.query(telemetryTable(table));
        for (const site of plain === a1 ? [b1, b2] : [a1, a2]) {
          await site.query(
            telemetryTable(table, ENGINE),
          );
        }
        await here.query(telemetryTable(table));
        const report = await check(table, named([a1], [b1]));
        assert.deepEqual(findingsOf(report).map(({ cause }) => cause), ["over_shards"]);
        assert.match(findingsOf(report)[0]?.detail ?? "", /shard 2 .* engine is \w*MergeTree there/);
        assert.ok(!isClean(report));
      }
    },
  );

  await t.step(
    "replicas that are named as shards: nothing is copied, with or without the cluster's word",
    async () => {
      await here.query("CREATE TABLE shop.before AS shop.t");
      await here.query("INSERT INTO shop.before SELECT * FROM shop.t");
      const told = await check("shop.t", named([a1], [a2]));
      assert.equal(told.outcome, "failed");
      assert.match(told.error ?? "", /are replicas of shard 1 of cluster site/);
      const { shards = [] } = named([a1], [a2]);
      const renamed = shards.map((shard) =>
        shard.map(({ url, native }) => ({ url, native: { ...native, host: "localhost" } }))
      );
      const known = await check("shop.t", { shards: renamed });
      assert.match(known.error ?? "", /are replicas of shard 1 of cluster site/);
      const silent = { ...named([a1], [a2]), excludePatterns: ["system.*", "cluster.?*"] };
      const report = await check("shop.t", silent);
      assert.deepEqual(findingsOf(report).map(({ cause }) => cause), ["over_shards"]);
      assert.match(findingsOf(report)[0]?.detail ?? "", /hold replicas of one table/);
      assert.equal(await rows("shop.t"), await rows("shop.before"));
    },
  );

  await t.step(
    "a database that is Replicated on one shard here stages nothing, whichever of them it is",
    async () => {
      const [[c1], [e1]] = dr.shards as [[Site], [Site]];
      const settings = { ...named([a1], [b1]), localShards: named([c1], [e1]).shards! };
      for (const [at, of] of [[c1, e1], [e1, c1]].entries()) {
        const [replicated, plain] = of as [Site, Site];
        const database = `mixed_${at}`;
        const table = `${database}.t`;
        await replicated.query(
          `CREATE DATABASE ${database} ENGINE = Replicated('/databases/${database}', 's', 'r')`,
        );
        for (const site of [plain, a1, b1]) await site.query(`CREATE DATABASE ${database}`);
        for (const site of [replicated, plain, a1, b1]) await site.query(telemetryTable(table));
        await load(a1, table, DAY, 10);
        const [found] = findingsOf(await check(table, settings));
        assert.deepEqual([found?.cause, found?.repaired], ["no_staging", false]);
        await plain.query("CREATE DATABASE IF NOT EXISTS aside");
        await replicated.query("CREATE DATABASE IF NOT EXISTS aside");
        const apart = await check(table, { ...settings, stagingDatabase: "aside" });
        assert.deepEqual(Object.values(reasonsOf(apart)), ["missing, repaired"]);
      }
    },
  );

  await t.step(
    "two shards of two replicas each here: rows reach all replicas, and one that lags holds repairs back",
    async () => {
      const table = "shop.both";
      const [[c1, c2], [e1, e2]] = dr.shards as [[Site, Site], [Site, Site]];
      for (const site of dr.replicas) await site.query("CREATE DATABASE IF NOT EXISTS shop");
      const both = (...shards: readonly (readonly Site[])[]) => ({
        ...named([a1, a2], [b1, b2]),
        localShards: named(...shards).shards!,
      });
      await primary.everywhere(telemetryTable(table, ENGINE));
      await dr.everywhere(telemetryTable(table, ENGINE));
      await load(a1, table, DAY, 300, "number % 3 = 0");
      await load(b1, table, DAY, 300, "number % 3 > 0");
      await primary.everywhere(`SYSTEM SYNC REPLICA ${table}`);
      await load(e1, table, DAY, 300, "number < 50");
      await e2.query(`SYSTEM SYNC REPLICA ${table}`);
      const report = await check(table, both([c1, c2], [e1, e2]));
      assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "partial, repaired" });
      await dr.everywhere(`SYSTEM SYNC REPLICA ${table}`);
      for (const [c, e] of [[c1, e1], [c2, e2]] as const) {
        const times = await Promise.all([c, e].map((site) => site.query(`SELECT ts FROM ${table}`)));
        const all = times.flatMap((text) => text.split("\n").filter(Boolean));
        assert.deepEqual([all.length, new Set(all).size], [300, 300]);
      }
      await e1.query(`SYSTEM STOP FETCHES ${table}`);
      await load(e2, table, "2026-01-02", 10);
      await load(a1, table, "2026-01-02", 10);
      const held = async () =>
        await Promise.all([c1, e1, e2].map((site) => site.query(`SELECT count() FROM ${table}`)));
      const before = await held();
      const lagging = await check(table, both([c1, c2], [e1]));
      assert.deepEqual(reasonsOf(lagging), { [table]: "lagging" });
      assert.deepEqual(await held(), before);
      assert.match(findingsOf(lagging)[0]?.detail ?? "", /^shard 2 of this site: replica r1/);
      const replicas = await check(table, both([c1], [c2]));
      assert.equal(replicas.outcome, "failed");
      assert.match(replicas.error ?? "", /of LOCAL_CH_URL are replicas of shard 1 of cluster site/);
    },
  );
});
