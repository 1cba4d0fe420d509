/** Of several replicas of a site each check reads one that can be believed, and stays with it. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { ReplicaAddresses, Settings } from "../../../src/model/settings.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { until } from "../../support/program/endings.ts";
import { startBalancer } from "../../support/links/balancer.ts";
import {
  beforeRepair,
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { type ReplicatedSites, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const ENGINE = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";

/** A table of 1000 rows at the active site and 700 here, at every replica of both. */
async function replicated({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const site of [primary, dr]) {
    await site.everywhere(telemetryTable(table, ENGINE));
    await load(site.replicas[0]!, table, DAY, 1000, site === dr ? "number < 700" : "1");
    await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
  }
}

function addresses({ primary, dr }: ReplicatedSites): ReplicaAddresses {
  return {
    local: dr.replicas.map(({ url }) => url),
    remote: primary.replicas.map(({ url, host, tcpPort }) => ({
      url,
      native: { host, port: tcpPort, secure: false },
    })),
  };
}

async function check(sites: ReplicatedSites, table: string, options: CheckSitesOptions = {}) {
  const settings: Partial<Settings> = { replicas: addresses(sites), ...options.settings };
  return await checkSites(sites.first, { only: [table], ...options, settings });
}

/** The next check finds nothing, and all replicas of both sites hold the same. */
async function inSync(sites: ReplicatedSites, table: string): Promise<void> {
  const report = await check(sites, table);
  assert.deepEqual(reasonsOf(report), {});
  assert.ok(isClean(report));
  for (const replica of [...sites.dr.replicas, ...sites.primary.replicas]) {
    await replica.query(`SYSTEM SYNC REPLICA ${table}`);
    assert.equal(await content(replica, table), await content(sites.primary.replicas[0]!, table));
  }
}

Deno.test("each check reads a replica that can be believed", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  const [there, otherThere] = primary.replicas as [Site, Site];
  const [here, otherHere] = dr.replicas as [Site, Site];
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");

  await t.step("where both keep up, the first in order is read", async () => {
    const table = "shop.both";
    await replicated(sites, table);
    const report = await check(sites, table);
    assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "partial, repaired" });
    const { local, remote, shards } = report.replicas;
    assert.deepEqual([local, remote].map((read) => [read?.url, read?.others]), [
      [here.url, [{ url: otherHere.url, passedOver: null }]],
      [there.url, [{ url: otherThere.url, passedOver: null }]],
    ]);
    assert.deepEqual(shards, []);
    for (const { version, skewSeconds, doubted, remark } of local?.addresses ?? []) {
      assert.deepEqual([version, doubted, remark], [report.servers.local?.version, 0, null]);
      assert.ok(Math.abs(skewSeconds ?? Infinity) < 60);
    }
    await inSync(sites, table);
  });

  await t.step(`the active site's first one lags (fetches stopped): the other one is read`, async () => {
    const table = `shop.active_lags`;
    await replicated(sites, table);
    await there.query(`SYSTEM STOP FETCHES ${table}`);
    await load(otherThere, table, "2026-01-02", 100);
    const report = await check(sites, table);
    assert.equal(report.replicas.remote?.url, otherThere.url);
    assert.match(report.replicas.remote?.others[0]?.passedOver ?? "", /replica r1 of the active site/);
    assert.deepEqual(report.replicas.remote?.addresses.map(({ read, doubted }) => [read, doubted]), [
      [false, 1],
      [true, 0],
    ]);
    assert.equal(report.replicas.local?.url, here.url);
    assert.deepEqual(Object.values(reasonsOf(report)), ["partial, repaired", "missing, repaired"]);
    await there.query(`SYSTEM START FETCHES ${table}`);
    await inSync(sites, table);
  });

  await t.step(
    `this site's first one lags (log not pulled): what it is about to fetch is not copied`,
    async () => {
      const table = `shop.here_lags`;
      await replicated(sites, table);
      await here.query(`SYSTEM STOP PULLING REPLICATION LOG ${table}`);
      await load(otherHere, table, DAY, 1000, "number >= 700 AND number < 900");
      const report = await check(sites, table);
      assert.equal(report.replicas.local?.url, otherHere.url);
      assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "partial, repaired" });
      assert.equal(findingsOf(report)[0]?.missing, 100n);
      await here.query(`SYSTEM START PULLING REPLICATION LOG ${table}`);
      await inSync(sites, table);
    },
  );

  await t.step("both of a site lag: the first one is read, and the table is told of", async () => {
    const table = "shop.both_lag";
    await replicated(sites, table);
    for (const site of dr.replicas) await site.query(`SYSTEM STOP FETCHES ${table}`);
    await load(here, table, "2026-01-03", 10);
    await load(otherHere, table, "2026-01-04", 10);
    const report = await check(sites, table);
    assert.equal(report.replicas.local?.url, here.url);
    assert.deepEqual(reasonsOf(report), { [table]: "lagging" });
    for (const site of dr.replicas) await site.query(`SYSTEM START FETCHES ${table}`);
    for (const site of dr.replicas) await site.query(`SYSTEM SYNC REPLICA ${table}`);
    await dr.everywhere(`DROP TABLE ${table} SYNC`);
    await primary.everywhere(`DROP TABLE ${table} SYNC`);
  });

  await t.step("a replica that is read-only is passed over, and nothing is written to it", async () => {
    const table = "shop.read_only";
    await replicated(sites, table);
    await here.query(`DETACH TABLE ${table} SYNC`);
    await otherHere.query(`SYSTEM DROP REPLICA 'r1' FROM TABLE ${table}`);
    await here.query(`ATTACH TABLE ${table}`);
    const report = await check(sites, table);
    assert.equal(report.replicas.local?.url, otherHere.url);
    assert.match(report.replicas.local?.others[0]?.passedOver ?? "", /read-only/);
    assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "partial, repaired" });
    assert.equal(await content(otherHere, table), await content(there, table));
    await here.query(`SYSTEM RESTORE REPLICA ${table}`);
    await inSync(sites, table);
  });

  await t.step("tables that are no replicas of each other are refused by name", async () => {
    const table = "shop.plain";
    for (const site of [...primary.replicas, ...dr.replicas]) await site.query(telemetryTable(table));
    await load(there, table, DAY, 10);
    const report = await check(sites, table);
    const [found] = findingsOf(report);
    assert.deepEqual([found?.cause, isClean(report)], ["no_replicas", false]);
    assert.match(found?.detail ?? "", /the table is MergeTree at http/);
    assert.equal(await here.query(`SELECT count() FROM ${table}`), "0\n");
    for (const site of [...primary.replicas, ...dr.replicas]) await site.query(`DROP TABLE ${table}`);

    const apart = "shop.apart";
    for (const [at, site] of [...primary.replicas, ...dr.replicas].entries()) {
      await site.query(telemetryTable(apart, ENGINE.replace("{table}", at === 3 ? "elsewhere" : "apart")));
    }
    const refused = findingsOf(await check(sites, apart))[0];
    assert.equal(refused?.cause, "no_replicas");
    assert.match(
      refused?.detail ?? "",
      /the table is \/tables\/shop\/\w+ in Keeper at .* and \/tables\/shop\/\w+ at /,
    );
    for (const site of [...primary.replicas, ...dr.replicas]) await site.query(`DROP TABLE ${apart} SYNC`);
  });

  await t.step("a table that only one replica of the active site has is told of", async () => {
    await otherThere.query(telemetryTable("shop.lonely", ENGINE));
    const all = await checkSites(sites.first, { settings: { replicas: addresses(sites) } });
    const lonely = findingsOf(all).filter(({ table }) => table === "shop.lonely");
    assert.ok(lonely.length > 0 && !isClean(all), JSON.stringify(reasonsOf(all)));
    await otherThere.query("DROP TABLE shop.lonely SYNC");
  });

  await t.step(
    "a table that is created at one replica in mid-check is told of until all have it",
    async () => {
      const table = "shop.created";
      await primary.everywhere(telemetryTable(table, ENGINE));
      await load(there, table, DAY, 10);
      await primary.everywhere(`SYSTEM SYNC REPLICA ${table}`);
      let created = false;
      const wrap = (ports: CheckPorts) => {
        const catalog = ports.here.catalog.bind(ports.here);
        ports.here.catalog = async () => {
          if (!created) await here.query(telemetryTable(table, ENGINE));
          created = true;
          return await catalog();
        };
        return ports;
      };
      for (const says of [/not at http.* when this check began/, /the table is not at http/]) {
        const [found] = findingsOf(await check(sites, table, { wrap }));
        assert.equal(found?.cause, "no_replicas", found?.detail ?? "");
        assert.match(found?.detail ?? "", says);
      }
      await otherHere.query(telemetryTable(table, ENGINE));
      await check(sites, table);
      await inSync(sites, table);
    },
  );

  await t.step(
    "views that were being fed from a replica that is not read now hold their table back",
    async () => {
      const table = "shop.both";
      const mark = JSON.stringify({
        table,
        partition: "20260101",
        since: "2026-01-02T00:00:00Z",
        queryId: "q",
      });
      const staging = "shop._chsync_dr_0123abcd00000000_1";
      await otherHere.query(
        `CREATE TABLE ${staging} (v UInt8) ENGINE = MergeTree ORDER BY v COMMENT '${mark}'`,
      );
      const report = await check(sites, table);
      const [found] = findingsOf(report);
      assert.equal(found?.cause, "fed_in_part");
      assert.ok(found?.detail.includes(`${staging} at ${otherHere.url}`), found?.detail);
      await otherHere.query(`DROP TABLE ${staging}`);
      await inSync(sites, table);
    },
  );

  await t.step("while a replica of this site is silent, no views are fed", async () => {
    const [table, fed] = ["shop.feeding", "shop.fed"];
    for (const site of [primary, dr]) {
      await site.everywhere(telemetryTable(fed, ENGINE));
      await site.everywhere(telemetryTable(table, ENGINE));
      await site.everywhere(`CREATE MATERIALIZED VIEW shop.feeds TO ${fed} AS SELECT * FROM ${table}`);
      await load(site.replicas[0]!, table, DAY, 1000, site === dr ? "number < 700" : "1");
      await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
      await site.everywhere(`SYSTEM SYNC REPLICA ${fed}`);
    }
    await here.server.kill();
    const silent = findingsOf(await check(sites, table));
    assert.deepEqual(silent.map(({ cause, repaired }) => [cause, repaired]), [
      ["feeds_unseen", false],
      ["partial", false],
    ]);
    assert.ok(silent[0]?.detail.includes(here.url), silent[0]?.detail ?? "");
    assert.equal(await otherHere.query(`SELECT count() FROM ${fed}`), "700\n");
    await here.restart();
    await check(sites, table);
    await inSync(sites, table);
    await dr.everywhere(`SYSTEM SYNC REPLICA ${fed}`);
    assert.equal(await content(otherHere, fed), await content(there, fed));
  });

  await t.step("rows in a queue of a server that is not read stand against READY", async () => {
    const table = "shop.queued";
    await replicated(sites, table);
    await check(sites, table);
    await primary.everywhere(`CREATE TABLE shop.queue AS ${table} ENGINE = Distributed(site, shop, queued)`);
    await otherThere.query("SYSTEM STOP DISTRIBUTED SENDS shop.queue");
    await otherThere.query(
      `INSERT INTO shop.queue SELECT * FROM ${table} LIMIT 5 SETTINGS prefer_localhost_replica = 0`,
    );
    const report = await check(sites, table);
    const [found] = findingsOf(report);
    assert.equal(found?.cause, "rows_queued");
    assert.ok(found?.detail.includes(otherThere.url), found?.detail);
    for (const site of primary.replicas) await site.query("DROP TABLE shop.queue SYNC");
    await check(sites, table);
    await inSync(sites, table);
  });

  await t.step(
    "replicas whose sessions with Keeper have expired are still replicas of one table",
    async () => {
      const table = "shop.expired";
      await replicated(sites, table);
      await primary.keeper.kill();
      const expired = "SELECT is_session_expired FROM system.replicas WHERE table = 'expired'";
      const all = async (sql: string) =>
        (await Promise.all(primary.replicas.map(({ query }) => query(sql)))).map((text) => text.trim())
          .join();
      await until("the end of the sessions with the Keeper", async () => await all(expired) === "1,1");
      const [found] = findingsOf(await check(sites, table));
      assert.equal(found?.cause, "replica_cut_off", found?.detail ?? "");
      await primary.keeper.restart();
      // The Keeper may still hold the sessions of before, or not answer yet: then the table may stay detached.
      const restarted = (replica: Site) =>
        replica.query(`SYSTEM RESTART REPLICA ${table}`)
          .catch(() => replica.query(`ATTACH TABLE ${table}`)).then(() => true, () => false);
      for (const replica of primary.replicas) {
        await until(`the restart of ${table}`, () => restarted(replica));
      }
      const cutOff = "SELECT is_readonly OR is_session_expired FROM system.replicas WHERE table = 'expired'";
      await until("other sessions with the Keeper", async () => await all(cutOff) === "0,0");
      await check(sites, table);
      await inSync(sites, table);
    },
  );

  await t.step("two addresses of one server are noticed", async () => {
    await using relay = startBalancer([Number(new URL(there.url).port)]);
    await using native = startBalancer([there.tcpPort]);
    const { local } = addresses(sites);
    const twice = [...addresses(sites).remote, {
      url: relay.url,
      native: { host: "127.0.0.1", port: native.port, secure: false },
    }];
    const once = await check(sites, "shop.both", { settings: { replicas: { local, remote: twice } } });
    assert.equal(once.outcome, "failed", JSON.stringify(once.replicas));
    assert.match(
      once.error ?? "",
      /REMOTE_CH_URL\) and .* \(REMOTE_CH_URL\) lead to the same ClickHouse server/,
    );
  });

  await t.step(
    "one that dies in mid-check: not completed, and the next check reads the other one",
    async () => {
      const table = "shop.dies";
      await replicated(sites, table);
      for (const [dying, side] of [[there, "remote"], [here, "local"]] as const) {
        const report = await check(sites, table, {
          wrap: beforeRepair(() => dying.server.kill()),
        });
        assert.equal(report.outcome, "failed", JSON.stringify(reasonsOf(report)));
        assert.match(report.error ?? "", /stopped answering in mid-check/);
        assert.ok(report.error?.includes(dying.url));
        const next = await check(sites, table, { dryRun: true });
        assert.notEqual(next.replicas[side]?.url, dying.url);
        assert.match(next.replicas[side]?.others[0]?.passedOver ?? "", /does not answer/);
        assert.deepEqual(reasonsOf(next), { [`${table} 20260101`]: "partial" });
        await dying.restart();
      }
      assert.deepEqual(reasonsOf(await check(sites, table)), { [`${table} 20260101`]: "partial, repaired" });
      await inSync(sites, table);
    },
  );

  await t.step("what was proven with one replica stays proven with the other", async () => {
    const table = "shop.dies";
    const memory = await Deno.makeTempDir({ prefix: "ch-sync-memory-" });
    try {
      assert.ok(isClean(await check(sites, table, { memory })));
      await there.server.kill();
      await here.server.kill();
      const report = await check(sites, table, { memory });
      assert.deepEqual([report.replicas.local?.url, report.replicas.remote?.url], [
        otherHere.url,
        otherThere.url,
      ]);
      assert.ok(isClean(report));
      assert.deepEqual(report.tables.map(({ partitions, proven }) => [partitions, proven]), [[1, 1]]);
      await otherThere.server.kill();
      const none = await check(sites, table, { memory });
      assert.deepEqual([none.outcome, none.unreachable], ["site_unreachable", ["remote"]]);
    } finally {
      await Deno.remove(memory, { recursive: true });
    }
  });
});
