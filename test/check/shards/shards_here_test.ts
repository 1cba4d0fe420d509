/** A passive site of several shards is compared as a whole, and what is missing is put where it would have put it. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { OWN_CLUSTER, type ShardedSites, startShardedSites } from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";

async function check(
  { first, settingsOfBoth }: ShardedSites,
  table: string,
  options: CheckSitesOptions & { readonly shards?: readonly number[]; readonly here?: readonly number[] } =
    {},
) {
  const { shards, here, ...more } = options;
  return await checkSites(first, {
    only: [table],
    ...more,
    settings: { ...settingsOfBoth(shards, here), ...more.settings },
  });
}

/** The rows of all these servers together, each as often as it is there. */
async function union(sites: readonly Site[], table: string): Promise<string> {
  const found = await Promise.all(
    sites.map((site) => site.query(`SELECT toString(tuple(*)) FROM ${table} FORMAT TSVRaw`)),
  );
  return found.flatMap((text) => text.split("\n").filter(Boolean)).sort().join("\n");
}

async function staging(sites: readonly Site[]): Promise<string> {
  const found = await Promise.all(
    sites.map((site) =>
      site.query("SELECT database, name FROM system.tables WHERE startsWith(name, '_chsync_')")
    ),
  );
  return found.join("");
}

async function counts(sites: readonly Site[], table: string): Promise<number[]> {
  return await Promise.all(
    sites.map(async (site) => Number(await site.query(`SELECT count() FROM ${table}`))),
  );
}

Deno.test("a passive site of several shards is compared, and repaired, as a whole", async (t) => {
  await using sites = await startShardedSites(2, () => ({}), [1, 2, 1], {
    leastPrivilege: { databases: ["shop"], with: ["LOCAL_CH_URL"] },
  });
  const { shards, drs } = sites;
  await sites.everywhere("CREATE DATABASE shop");
  const [p1, p2] = shards as [Site, Site];
  const [d1, d2, d3] = drs as [Site, Site, Site];

  await t.step("absent and partly filled partitions, spread by key", async () => {
    const table = "shop.by_key";
    await sites.everywhere(telemetryTable(table));
    for (const site of drs) {
      await site.query(
        `CREATE TABLE shop.by_key_all AS ${table} ENGINE = Distributed(${OWN_CLUSTER}, shop, by_key, duration)`,
      );
    }
    for (const day of [DAY, "2026-01-02"]) {
      for (const [at, site] of shards.entries()) {
        await load(site, table, day, 1000, `cityHash64(number) % 2 = ${at}`);
      }
    }
    const rows = (where: string) =>
      d1.query(
        `INSERT INTO shop.by_key_all SELECT ts, service, status, duration, attributes FROM remote('127.0.0.1:${p1.tcpPort},127.0.0.1:${p2.tcpPort}', ` +
          `${table}, 'sync', 'canary-primary-pw') WHERE toDate(ts) = '${DAY}' AND ${where} SETTINGS distributed_foreground_insert = 1`,
      );
    await rows("duration % 3 != 0");
    const report = await check(sites, table);
    assert.deepEqual(reasonsOf(report), {
      [`${table} 20260101`]: "partial, repaired",
      [`${table} 20260102`]: "missing, repaired",
    });
    assert.match(
      findingsOf(report)[1]?.detail ?? "",
      /\d+ went to shard 1, \d+ went to shard 2, \d+ went to shard 3/,
    );
    assert.equal(await union(drs, table), await union(shards, table));
    // Weights 1, 2, 1: each row where the site's own Distributed table puts it.
    for (const [at, site] of drs.entries()) {
      const slots = ["0", "1, 2", "3"][at];
      assert.equal(
        await site.query(`SELECT count() FROM ${table} WHERE duration % 4 NOT IN (${slots})`),
        "0\n",
      );
    }
    assert.equal(await staging(drs), "");
    assert.ok(isClean(await check(sites, table)));
  });

  await t.step(
    "rows that are repeated, spread by rand(): those that are here too few come from here",
    async () => {
      const table = "shop.by_rand";
      await sites.everywhere(telemetryTable(table));
      for (const site of drs) {
        await site.query(
          `CREATE TABLE shop.by_rand_all AS ${table} ENGINE = Distributed(${OWN_CLUSTER}, shop, by_rand, rand())`,
        );
      }
      await load(p1, table, DAY, 600, "number % 2 = 0");
      await load(p2, table, DAY, 600, "number % 2 = 1 OR number % 50 = 0");
      await load(p2, table, DAY, 600, "number % 60 = 1");
      await load(d1, table, DAY, 600, "number < 200");
      await load(d2, table, DAY, 600, "number BETWEEN 200 AND 350");
      await load(d3, table, DAY, 600, "number BETWEEN 500 AND 560");
      const report = await check(sites, table);
      assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "partial, repaired" });
      assert.equal(await union(drs, table), await union(shards, table));
      assert.ok(isClean(await check(sites, table)));
      assert.equal(await staging(drs), "");
    },
  );
  void counts;
});
