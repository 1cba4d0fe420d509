/** Replicas of one table at both sites replicate themselves; tables that are merely called alike do not. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";

Deno.test("one Keeper over both sites: the same table twice is not copied, neighbours of it are", async (t) => {
  await using sites = await startReplicatedSites({ oneKeeper: true, replicas: 1 });
  const { primary: { replicas: [primary] }, dr: { replicas: [dr] } } = sites;
  for (const site of [primary!, dr!]) await site.query("CREATE DATABASE shop");
  const both = async (table: string, engine: string) => {
    for (const site of [primary!, dr!]) await site.query(telemetryTable(table, engine));
  };

  await t.step("the same table twice", async () => {
    const table = "shop.twice";
    await both(table, "ReplicatedMergeTree('/one/twice', '{site}')");
    await load(primary!, table, DAY, 1000);
    await dr!.query(`SYSTEM SYNC REPLICA ${table}`);
    assert.deepEqual(reasonsOf(await checkSites(sites.first, { only: [table] })), { [table]: "unsupported" });
    await dr!.query(`SYSTEM STOP FETCHES ${table}`);
    await load(primary!, table, "2026-01-02", 1000);
    const report = await checkSites(sites.first, { only: [table] });
    const [found] = findingsOf(report);
    assert.equal(found?.cause, "same_table");
    assert.match(found?.detail ?? "", /\/one\/twice\b.*Keeper.*\bdr here, primary at the active site/);
    assert.equal((await dr!.query(`SELECT count() FROM ${table}`)).trim(), "1000");
    await dr!.query(`SYSTEM START FETCHES ${table}`);
    await dr!.query(`SYSTEM SYNC REPLICA ${table}`);
    for (const site of [primary!, dr!]) {
      assert.equal((await site.query(`SELECT count() FROM ${table}`)).trim(), "2000");
    }
  });

  await t.step("a path of its own for each site", async () => {
    const table = "shop.apart";
    await both(table, "ReplicatedMergeTree('/{site}/apart', '{replica}')");
    await load(primary!, table, DAY, 1000);
    await load(dr!, table, DAY, 1000, "number < 500");
    assert.deepEqual(reasonsOf(await checkSites(sites.first, { only: [table] })), {
      [`${table} 20260101`]: "partial, repaired",
    });
  });
});

Deno.test("other Keepers, paths, macros, UUIDs and replica names are no drift, nor is a plain table at one site", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");
  const KINDS = {
    other_paths: [
      "ReplicatedMergeTree('/a/{shard}/x', '{replica}')",
      "ReplicatedMergeTree('/b/{table}/y', 'dr-{replica}')",
    ],
    plain_here: ["ReplicatedMergeTree('/a/{table}', '{replica}')", "MergeTree"],
    plain_there: ["MergeTree", "ReplicatedMergeTree('/a/{table}', '{replica}')"],
  } as const;
  for (const [name, [there, here]] of Object.entries(KINDS)) {
    await t.step(name, async () => {
      const table = `shop.${name}`;
      for (const [site, engine] of [[primary, there], [dr, here]] as const) {
        const replicas = engine === "MergeTree" ? site.replicas.slice(0, 1) : site.replicas;
        for (const replica of replicas) await replica.query(telemetryTable(table, engine));
      }
      await load(primary.replicas[0]!, table, DAY, 1000);
      await load(dr.replicas[0]!, table, DAY, 1000, "number % 10 > 0");
      assert.deepEqual(reasonsOf(await checkSites(sites.first, { only: [table] })), {
        [`${table} 20260101`]: "partial, repaired",
      });
      assert.deepEqual(reasonsOf(await checkSites(sites.first, { only: [table] })), {});
      for (const replica of here === "MergeTree" ? dr.replicas.slice(0, 1) : dr.replicas) {
        if (here !== "MergeTree") await replica.query(`SYSTEM SYNC REPLICA ${table}`);
        assert.equal(await content(replica, table), await content(primary.replicas[0]!, table));
      }
      assert.ok(isClean(await checkSites(sites.first)));
    });
  }

  for (
    const [name, lags, site] of [["plain_here", "the active site", primary], [
      "plain_there",
      "this site",
      dr,
    ]] as const
  ) {
    await t.step(
      `${name}: a replica of ${lags} that lags is not believed, whatever the other site has`,
      async () => {
        const table = `shop.${name}`;
        const [read, other] = site.replicas as [Site, Site];
        const day = "2026-01-02";
        await read.query(`SYSTEM STOP FETCHES ${table}`);
        await load(other, table, day, 100);
        // Here they are on their way, so the active site's are not copied.
        if (site === dr) await load(primary.replicas[0]!, table, day, 100);
        const report = await checkSites(sites.first);
        assert.deepEqual([reasonsOf(report), isClean(report)], [{ [table]: "lagging" }, false]);
        assert.match(findingsOf(report)[0]!.detail, new RegExp(`r1 of ${lags}`));
        await read.query(`SYSTEM START FETCHES ${table}`);
        await read.query(`SYSTEM SYNC REPLICA ${table}`);
        assert.deepEqual(
          reasonsOf(await checkSites(sites.first)),
          site === dr ? {} : { [`${table} 20260102`]: "missing, repaired" },
        );
        assert.ok(isClean(await checkSites(sites.first)));
        for (const one of [primary, dr]) {
          assert.equal(
            (await one.replicas[0]!.query(`SELECT count(), uniqExact(ts) FROM ${table}`)).trim(),
            "1100\t1100",
          );
        }
      },
    );
  }

  await t.step(
    "the same path and the same replica names in two Keepers, read at differently called replicas",
    async () => {
      const table = "shop.called_alike";
      for (const site of [primary, dr]) {
        await site.everywhere(telemetryTable(table, "ReplicatedMergeTree('/same/{table}', '{replica}')"));
      }
      await load(primary.replicas[0]!, table, DAY, 1000);
      await load(dr.replicas[1]!, table, DAY, 1000, "number < 700");
      for (const site of [primary, dr]) await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
      assert.deepEqual(reasonsOf(await checkSites(sites.pair(0, 1), { only: [table] })), {
        [`${table} 20260101`]: "partial, repaired",
      });
      const [read, other] = primary.replicas as [Site, Site];
      await read.query(`SYSTEM STOP FETCHES ${table}`);
      await load(other, table, "2026-01-02", 100);
      assert.deepEqual(
        reasonsOf(await checkSites(sites.pair(0, 1), { only: [table] })),
        { [table]: "lagging" },
        "one that lags is no other table for that",
      );
      await read.query(`SYSTEM START FETCHES ${table}`);
      await read.query(`SYSTEM SYNC REPLICA ${table}`);
      assert.deepEqual(reasonsOf(await checkSites(sites.pair(0, 1), { only: [table] })), {
        [`${table} 20260102`]: "missing, repaired",
      });
    },
  );

  for (const [gone, site, at] of [["here", dr, 0], ["there", primary, 1]] as const) {
    await t.step(
      `the very same part in both, and the replica called as the other site's is gone ${gone}`,
      async () => {
        const table = `shop.gone_${gone}`;
        const reasons = async () => reasonsOf(await checkSites(sites.pair(0, 1), { only: [table] }));
        for (const each of [primary, dr]) {
          await each.everywhere(telemetryTable(table, "ReplicatedMergeTree('/same/{table}', '{replica}')"));
          await load(each.replicas[0]!, table, DAY, 1000);
          await each.replicas[1]!.query(`SYSTEM SYNC REPLICA ${table}`);
        }
        await load(primary.replicas[0]!, table, "2026-01-02", 100);
        await primary.replicas[1]!.query(`SYSTEM SYNC REPLICA ${table}`);
        assert.deepEqual(
          await reasons(),
          { [table]: "unsupported" },
          "what is alike in all is taken for one",
        );
        await site.replicas[at]!.query(`DETACH TABLE ${table}`);
        assert.deepEqual(await reasons(), { [`${table} 20260102`]: "missing, repaired" });
      },
    );
  }
});
