/** What a check that finds nothing asks each replica, and what it asks a single server with the same tables. */
import assert from "node:assert/strict";
import type { Settings } from "../../../src/model/settings.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const QUERY_LOG = { config: { query_log: { database: "system", table: "query_log" } } };

/** Statements of a check at one server, and those among them that make it ask Keeper. */
interface Asked {
  readonly all: number;
  readonly keeper: number;
}

/** What ch-sync asked a server since this was called last. A statement has been answered before it is logged. */
async function takeAsked(site: Site): Promise<Asked> {
  while (await site.query("SELECT count() FROM system.processes WHERE query_id LIKE 'ch-sync-%'") !== "0\n");
  await site.query("SYSTEM FLUSH LOGS");
  const answer = await site.query(
    "SELECT count(), countIf(query LIKE '%log_max_index%') FROM system.query_log " +
      "WHERE type != 'QueryStart' AND is_initial_query AND query_id LIKE 'ch-sync-%'",
  );
  await site.query("TRUNCATE TABLE system.query_log");
  const [all, keeper] = answer.trim().split("\t").map(Number) as [number, number];
  return { all, keeper };
}

Deno.test("statements of a check that finds nothing", async (t) => {
  await using sites = await startReplicatedSites({ primary: QUERY_LOG, dr: QUERY_LOG });
  const { primary, dr } = sites;
  const [there, otherThere] = primary.replicas as [Site, Site];
  const [here, otherHere] = dr.replicas as [Site, Site];
  for (const site of [primary, dr]) {
    for (const database of ["plain", "shop", "cut"]) await site.everywhere(`CREATE DATABASE ${database}`);
    await site.replicas[0]!.query(telemetryTable("plain.t"));
    await site.everywhere(
      telemetryTable("shop.t", "ReplicatedMergeTree('/{database}/{table}', '{replica}')"),
    );
    // A shard of its own on each server.
    await site.everywhere(
      telemetryTable("cut.t", "ReplicatedMergeTree('/{replica}/{database}/{table}', 'r')"),
    );
    for (const table of ["plain.t", "shop.t"]) await load(site.replicas[0]!, table, DAY, 1000);
    await site.everywhere("SYSTEM SYNC REPLICA shop.t");
  }
  await load(here, "cut.t", DAY, 1000);
  await load(there, "cut.t", DAY, 1000, "number < 300");
  await load(otherThere, "cut.t", DAY, 1000, "number >= 300");
  const address = ({ url, host, tcpPort }: Site) => ({ url, native: { host, port: tcpPort, secure: false } });
  const checkOnce = async (database: string, settings: Partial<Settings> = {}) => {
    const servers = { there, otherThere, here, otherHere };
    for (const server of Object.values(servers)) await takeAsked(server);
    const others = ["plain", "shop", "cut"].filter((name) => name !== database).map((name) => `${name}.*`);
    const excludePatterns = ["system.*", "cluster.?*", ...others];
    const report = await checkSites(sites.first, { settings: { excludePatterns, ...settings }, deep: false });
    assert.ok(isClean(report), JSON.stringify(reasonsOf(report)));
    const asked: [string, Asked][] = [];
    for (const [name, server] of Object.entries(servers)) asked.push([name, await takeAsked(server)]);
    return Object.fromEntries(asked) as Record<keyof typeof servers, Asked>;
  };
  /** The fewest of three checks: while a replica is busy it is looked at once more. */
  const check = async (...of: Parameters<typeof checkOnce>) => {
    const [one, two, three] = [await checkOnce(...of), await checkOnce(...of), await checkOnce(...of)];
    const fewest = (name: keyof typeof one): Asked => ({
      all: Math.min(one[name].all, two[name].all, three[name].all),
      keeper: Math.min(one[name].keeper, two[name].keeper, three[name].keeper),
    });
    return {
      there: fewest("there"),
      otherThere: fewest("otherThere"),
      here: fewest("here"),
      otherHere: fewest("otherHere"),
    };
  };
  const single = await check("plain");

  await t.step("a single server, whatever its cluster: neither Keeper nor other servers", () => {
    assert.deepEqual([single.there.keeper, single.here.keeper], [0, 0]);
    assert.deepEqual([single.otherThere, single.otherHere], [{ all: 0, keeper: 0 }, { all: 0, keeper: 0 }]);
  });

  await t.step("one address: the log and the queue, the cluster and its other servers", async () => {
    const one = await check("shop");
    assert.deepEqual(one.there, { all: single.there.all + 4, keeper: 1 });
    assert.deepEqual(one.here, { all: single.here.all + 4, keeper: 1 });
    assert.deepEqual([one.otherThere.all, one.otherHere.all], [0, 0]);
  });

  await t.step("several addresses: who it is, the log and the queue, and here what was left", async () => {
    const replicas = { local: [here.url, otherHere.url], remote: [there, otherThere].map(address) };
    const several = await check("shop", { replicas });
    assert.deepEqual(several.otherThere, { all: 3, keeper: 1 });
    assert.deepEqual(several.otherHere, { all: 4, keeper: 1 });
    assert.deepEqual(several.there, { all: single.there.all + 5, keeper: 1 });
    assert.deepEqual(several.here, { all: single.here.all + 6, keeper: 1 });
  });

  await t.step("several shards: each as a server, and this site once", async () => {
    const cut = await check("cut", { shards: [[address(there)], [address(otherThere)]] });
    assert.deepEqual([cut.there.keeper, cut.otherThere.keeper, cut.here.keeper], [1, 1, 1]);
    // One of the shards asks for all of the cluster.
    assert.deepEqual([cut.there.all, cut.otherThere.all], [single.there.all + 5, single.there.all + 4]);
    // The way to the second shard, and what it takes to read it exactly.
    assert.equal(cut.here.all, single.here.all + 4 + 2);
  });
});
