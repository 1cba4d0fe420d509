/** What comes to the shards of this site between the looks at them and the share that one of them gets. */
import assert from "node:assert/strict";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { type FaultPoints, startFaultPoints } from "../../support/links/fault_points.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { type ShardedSites, startShardedSites } from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";

/** The parts of the table, which are read right before rows are brought in. */
const isLook = (sql: string) => sql.includes("AS _chsync_hash") && /table = 't'/.test(sql);

/** Settings in which the first shard of this site is reached by way of `points`. */
function byWayOf({ url }: FaultPoints, sites: ShardedSites) {
  const { local, localShards: [first, ...more], ...rest } = sites.settingsOfBoth();
  return { ...rest, local: { ...local, url }, localShards: [[{ ...first![0]!, url }], ...more] };
}

Deno.test("what comes to one shard while another one is looked at", async (t) => {
  await using sites = await startShardedSites(1, () => ({}), [1, 1]);
  const { shards: [primary], drs: [d1, d2] } = sites;
  await using points = startFaultPoints(() => d1!.url);
  const check = () => checkSites(sites.first, { only: ["d.t"], settings: byWayOf(points, sites) });
  /** Of all these servers together, each as often as it is there. */
  const rows = async (servers: readonly (Site | undefined)[], table = "d.t") => {
    const found = await Promise.all(
      servers.map((site) => site!.query(`SELECT toString(tuple(*)) FROM ${table} FORMAT TSVRaw`)),
    );
    return found.flatMap((text) => text.split("\n").filter(Boolean)).sort();
  };

  await t.step("rows that a collector delivers to it do not get to the other one once more", async () => {
    await sites.everywhere("CREATE DATABASE d");
    await sites.everywhere(telemetryTable("d.t"));
    await load(primary!, "d.t", DAY, 1000);
    await load(d1!, "d.t", DAY, 1000, "number % 10 > 4");
    await load(d2!, "d.t", DAY, 1000, "number % 10 BETWEEN 1 AND 4");
    let came = false;
    points.after = async ({ sql }) => {
      if (came || !isLook(sql)) return;
      came = true;
      await load(d2!, "d.t", DAY, 1000, "number % 10 = 0");
      await new Promise((resolve) => setTimeout(resolve, 6000)); // the line stood still
    };
    await check();
    points.after = () => {};
    assert.ok(came);
    assert.deepEqual(await rows([d1, d2]), await rows([primary]));
  });

  await t.step("a table that was exchanged gets no row of the other one", async () => {
    await sites.everywhere("DROP TABLE d.t SYNC");
    await sites.everywhere(telemetryTable("d.t"));
    await sites.everywhere(telemetryTable("d.t_fixed"));
    await load(primary!, "d.t", DAY, 100);
    await load(primary!, "d.t", DAY, 100); // doubled by a collector
    await load(primary!, "d.t_fixed", DAY, 100); // the operator's copy, each row once
    let done = false;
    points.after = async ({ sql }) => {
      if (done || !sql.startsWith("INSERT INTO FUNCTION remote(")) return;
      done = true;
      await sites.everywhere("EXCHANGE TABLES d.t AND d.t_fixed");
    };
    await check();
    points.after = () => {};
    assert.ok(done);
    for (let again = 0; again < 2; again++) await check();
    assert.deepEqual(await rows([d1, d2]), await rows([primary]));
    assert.deepEqual(await rows([d1, d2], "d.t_fixed"), []);
  });
});
