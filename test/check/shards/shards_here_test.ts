/** A passive site of several shards is compared as a whole, and what is missing is put where it would have put it. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { startBalancer } from "../../support/links/balancer.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
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
  await t.step(
    "one server against two shards, and two against two: rows go by their hash, evenly",
    async () => {
      const table = "shop.by_hash";
      await sites.everywhere(telemetryTable(table));
      await load(p1, table, DAY, 400);
      // A shard that the site's own cluster has and the settings lack: its rows would look missing.
      const unnamed = await check(sites, table, { shards: [0], here: [0, 1] });
      assert.equal(unnamed.outcome, "failed");
      assert.match(unnamed.error ?? "", /cluster dr of this site has more shards than LOCAL_CH_URL names/);
      assert.deepEqual(await counts(drs, table), [0, 0, 0]);
      const settings = { excludePatterns: ["system.*", "cluster.dr"] };
      const fewer = { shards: [0], here: [0, 1], settings };
      assert.deepEqual(reasonsOf(await check(sites, table, fewer)), {
        [`${table} 20260101`]: "missing, repaired",
      });
      const placed = await counts(drs, table);
      assert.ok(placed[0]! > 100 && placed[1]! > 100 && placed[2] === 0, String(placed));
      assert.equal(await union([d1, d2], table), await union([p1], table));
      await load(p2, table, DAY, 600, "number % 3 = 0");
      const two = { here: [0, 1], settings };
      assert.deepEqual(reasonsOf(await check(sites, table, two)), {
        [`${table} 20260101`]: "partial, repaired",
      });
      assert.equal(await union([d1, d2], table), await union(shards, table));
      assert.ok(isClean(await check(sites, table, two)));
    },
  );

  await t.step("what happens between two attaches leaves rows that the next check finds", async () => {
    const table = "shop.cut_off";
    await sites.everywhere(telemetryTable(table));
    await using points = startFaultPoints(() => d2.url);
    const { localShards: [first, second, third] } = sites.settingsOfBoth();
    const settings = { localShards: [first!, [{ ...second![0]!, url: points.url }], third!] };
    const days = [DAY, "2026-01-02", "2026-01-03"] as const;
    for (const day of days) {
      for (const [at, site] of shards.entries()) await load(site, table, day, 300, `number % 2 = ${at}`);
    }
    await load(d3, table, "2026-01-03", 300, "number % 3 = 0");
    const attaches = (sql: string) => /MOVE PARTITION ID/.test(sql);
    // The statement never reaches the second shard; or its answer is lost on the way back.
    points.before = ({ sql }) => attaches(sql) ? "cut" : "answer";
    const lost = await check(sites, table, { settings });
    assert.deepEqual(findingsOf(lost).map(({ reason }) => reason), ["failed", "failed", "failed"]);
    for (const { detail } of findingsOf(lost)) {
      assert.match(detail, /On other shards rows had been added before \(\d+ to shard 1\)/);
    }
    const [some = 0, none, before] = await counts(drs, table);
    assert.deepEqual([some > 100, none, before], [true, 0, 100]);
    assert.equal(await staging(drs), "");
    points.before = () => "answer";
    points.after = ({ sql }) => attaches(sql) ? "cut" : "answer";
    const again = await check(sites, table, { settings });
    assert.deepEqual(Object.values(reasonsOf(again)), Array(3).fill("partial, repaired"));
    assert.equal(await union(drs, table), await union(shards, table));
    points.after = () => "answer";
    assert.ok(isClean(await check(sites, table, { settings })));
    assert.equal(await staging(drs), "");
  });

  await t.step("tables that are not the same on every shard of this site are refused by name", async () => {
    const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      ["shop.wider", async () => {
        await sites.everywhere("CREATE TABLE shop.wider (id UInt64) ENGINE = MergeTree ORDER BY id");
        await d2.query("ALTER TABLE shop.wider ADD COLUMN v UInt8");
      }, /shard 2 of this site is not like .*column v/],
      ["shop.lacking", async () => {
        await sites.everywhere("CREATE TABLE shop.lacking (id UInt64) ENGINE = MergeTree ORDER BY id");
        await d3.query("DROP TABLE shop.lacking");
      }, /not on shard 3 of this site/],
      ["shop.other_key", async () => {
        for (const site of [...shards, ...drs]) {
          const key = site === d1 ? "id % 10" : "id % 11";
          await site.query(
            `CREATE TABLE shop.other_key (id UInt64) ENGINE = MergeTree PARTITION BY ${key} ORDER BY id`,
          );
        }
      }, /of this site is not like .*partition key/],
      ["shop.replacing", async () => {
        await sites.everywhere(
          "CREATE TABLE shop.replacing (id UInt64) ENGINE = ReplacingMergeTree ORDER BY id",
        );
      }, /merges rows by key/],
    ];
    for (const [table, make, says] of cases) {
      await make();
      await p1.query(`INSERT INTO ${table} (id) VALUES (1), (2)`);
      const report = await check(sites, table);
      assert.deepEqual(findingsOf(report).map(({ cause }) => cause), ["over_shards"], table);
      assert.match(findingsOf(report)[0]?.detail ?? "", says);
      assert.equal(await d1.query(`SELECT count() FROM ${table}`), "0\n");
    }
  });

  await t.step("a table of which each shard of this site has a copy gets nothing", async () => {
    const table = "shop.copies_here";
    await sites.everywhere(telemetryTable(table));
    await load(p1, table, DAY, 20);
    for (const site of [d1, d3]) await load(site, table, DAY, 20, "number < 10");
    const report = await check(sites, table);
    assert.deepEqual(findingsOf(report).map(({ reason }) => reason), ["failed"]);
    assert.match(findingsOf(report)[0]?.detail ?? "", /shards 1 and 3 of this site hold the very same rows/);
    assert.deepEqual(await counts(drs, table), [10, 0, 10]);
  });

  await t.step("twins are told from missing rows, whichever shard of this site they lie on", async () => {
    const table = "shop.twins";
    await sites.everywhere(
      `CREATE TABLE ${table} (ts DateTime, id UInt64, v String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (id, ts)`,
    );
    const rows = (from: number, to: number, v: string) =>
      `INSERT INTO ${table} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number, '${v}' FROM numbers(${from}, ${
        to - from
      })`;
    await p1.query(rows(0, 50, "there"));
    await p2.query(rows(50, 100, "there"));
    await d1.query(rows(0, 30, "there"));
    await d2.query(rows(30, 75, "there"));
    await d3.query(rows(75, 80, "here"));
    const [found] = findingsOf(await check(sites, table));
    assert.deepEqual([found?.reason, found?.missing, found?.surplus], ["partial", 20n, 5n]);
    assert.equal((await union(drs, table)).split("\n").length, 100);
  });

  await t.step(
    "staging tables that a check left behind are dropped on every shard, before anything else",
    async () => {
      const table = "shop.by_hash";
      for (const site of drs) {
        await site.query(
          `CREATE TABLE shop._chsync_dr_0123abcdold_1 AS ${table} ENGINE = MergeTree ORDER BY ts`,
        );
      }
      const warned: string[] = [];
      await check(sites, table, { observer: { warn: (text) => void warned.push(text) } });
      assert.equal(await staging(drs), "");
      for (const { url } of drs) assert.ok(warned.some((text) => text.includes(`at ${url}`)), url);
    },
  );

  await t.step(
    "addresses that lead elsewhere, a server that is two shards, shards that are down",
    async () => {
      const table = "shop.by_key";
      const { localShards } = sites.settingsOfBoth();
      const [first, second, third] = localShards.map(([one]) => one!) as [
        typeof localShards[0][0],
        typeof localShards[0][0],
        typeof localShards[0][0],
      ];
      const before = await union(drs, table);
      await load(p1, table, "2026-01-05", 50);
      const crossed = await check(sites, table, {
        settings: {
          localShards: [[first], [{ ...second, native: third.native }], [{
            ...third,
            native: second.native,
          }]],
        },
      });
      assert.equal(crossed.outcome, "failed");
      assert.match(
        crossed.error ?? "",
        /native address of shard 2 of this site, does not lead to the server of/,
      );
      await using relay = startBalancer([Number(new URL(first.url).port)]);
      const twice = { url: relay.url, native: first.native };
      const same = await check(sites, table, { settings: { localShards: [[first], [twice]] } });
      assert.equal(same.outcome, "failed");
      assert.match(same.error ?? "", /lead to the same ClickHouse server/);
      let asked = 0;
      const died = await check(sites, table, {
        wrap: (ports) => ({
          ...ports,
          role: {
            async resolve() {
              if (++asked === 2) await d3.server.kill();
              return await ports.role.resolve();
            },
          },
        }),
      });
      assert.equal(died.outcome, "failed");
      assert.match(died.error ?? "", /shard 3 .* stopped answering in mid-check of this site/);
      const warned: string[] = [];
      const down = await check(sites, table, { observer: { warn: (text) => void warned.push(text) } });
      assert.deepEqual([down.outcome, down.unreachable], ["site_unreachable", ["local"]]);
      assert.ok(warned.some((text) => /shard 3 \(/.test(text)), warned.join("\n"));
      await d3.restart();
      assert.equal(await union(drs, table), before);
      assert.equal(await staging([d1, d2]), "");
      assert.deepEqual(reasonsOf(await check(sites, table)), { [`${table} 20260105`]: "missing, repaired" });
      assert.equal(await union(drs, table), await union(shards, table));
      assert.equal(await staging(drs), "");
    },
  );
});
