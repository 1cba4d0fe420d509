/** Two shards a site: one ch-sync for each shard and its twin, on four real servers. */
import assert from "node:assert/strict";
import { isClean } from "../../src/verdict/clean.ts";
import { checkSites } from "../support/sites/check_sites.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("each shard is made whole by a ch-sync of its own, and the sites then read the same", async () => {
  await using first = await startTwoSites();
  await using second = await startTwoSites();
  const shards = [first, second];
  for (const [shard, sites] of shards.entries()) {
    await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.http"));
    const mine = `cityHash64(number) % 2 = ${shard}`;
    await load(sites.primary, "d.http", "2026-01-01", 2000, mine);
    await load(sites.dr, "d.http", "2026-01-01", 2000, `${mine} AND number NOT BETWEEN 500 AND 900`);
  }
  /** What a Distributed table over the shards of a site would read. */
  const whole = async (from: Site, site: "primary" | "dr") => {
    const hosts = shards.map((sites) => `${sites[site].host}:${sites[site].tcpPort}`).join(",");
    const { user, password } = shards[0]![site].endpoint;
    return await from.query(
      `SELECT count(), sum(cityHash64(tuple(ts, service, duration))) FROM remote('${hosts}', d.http, '${user}', '${password}')`,
    );
  };
  for (const sites of shards) await checkSites(sites);
  for (const sites of shards) assert.ok(isClean(await checkSites(sites)));
  const [primary, dr] = [await whole(first.dr, "primary"), await whole(first.dr, "dr")];
  assert.equal(dr, primary);
  assert.match(dr, /^2000\t/);
});
