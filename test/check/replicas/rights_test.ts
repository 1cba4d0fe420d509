/** The rights of scripts/grants.sql are enough for Replicated tables; without the right to look nothing is believed. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { type ReplicatedSites, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const RIGHTS = { databases: ["shop"], with: ["REPAIR_AGGREGATES"] };

async function withGap({ primary, dr }: ReplicatedSites): Promise<void> {
  for (const site of [primary, dr]) {
    await site.everywhere("CREATE DATABASE shop");
    await site.everywhere(telemetryTable("shop.t", "ReplicatedMergeTree('/tables/t', '{replica}')"));
  }
  await load(primary.replicas[0]!, "shop.t", "2026-01-01", 1000);
  await load(dr.replicas[0]!, "shop.t", "2026-01-01", 1000, "number < 700");
}

Deno.test("the users of scripts/grants.sql repair Replicated tables", async () => {
  await using sites = await startReplicatedSites({ replicas: 1, leastPrivilege: RIGHTS });
  await withGap(sites);
  assert.deepEqual(reasonsOf(await checkSites(sites.first)), { "shop.t 20260101": "partial, repaired" });
  const warned = async () => {
    const report = await checkSites(sites.first);
    assert.ok(isClean(report));
    return report.warnings.filter((warning) => /READ ON REMOTE/.test(warning)).length;
  };
  assert.equal(await warned(), 0);
  await sites.primary.replicas[0]!.query(
    "CREATE TABLE shop.all AS shop.t ENGINE = Distributed(site, shop, t)",
  );
  assert.equal(await warned(), 1, "rows may wait in queues of servers which the reader may not ask");
});

Deno.test("with the rights that grants.sql keeps for it, both sites' other servers are seen", async () => {
  const leastPrivilege = { ...RIGHTS, with: [...RIGHTS.with, "queues"] };
  await using sites = await startReplicatedSites({ leastPrivilege });
  for (const site of [sites.primary, sites.dr]) await site.everywhere("CREATE DATABASE shop");
  const [[, there], [here]] = [sites.primary.replicas, sites.dr.replicas] as [Site[], Site[]];
  for (const [site, table] of [[there, "shop.there"], [here, "shop.here"]] as const) {
    await site!.query(telemetryTable(table, "ReplicatedMergeTree('/tables/{table}', '{replica}')"));
  }
  await sites.primary.replicas[0]!.query(
    telemetryTable("shop.here", "ReplicatedMergeTree('/tables/here', 'r1')"),
  );
  assert.deepEqual(findingsOf(await checkSites(sites.first)).map(({ table, cause }) => [table, cause]), [
    ["shop.here", "not_at_all_replicas"],
    ["shop.there", "not_at_replica"],
  ]);
});

for (
  const [user, right, where] of [
    ["chsync_reader", "system.replicas", "the active site"],
    ["chsync_writer", "system.replication_queue", "this site"],
  ] as const
) {
  Deno.test(`without SELECT ON ${right}, ${user} cannot tell: lagging, and the right is named`, async () => {
    const without = [`SELECT ON ${right} TO ${user}`];
    await using sites = await startReplicatedSites({ replicas: 1, leastPrivilege: { ...RIGHTS, without } });
    await withGap(sites);
    const report = await checkSites(sites.first);
    assert.equal(isClean(report), false);
    const [found] = findingsOf(report);
    assert.equal(found?.cause, "replica_hidden");
    assert.ok(found?.detail.includes(where) && found.detail.includes(right), found?.detail ?? "");
    assert.equal((await sites.dr.replicas[0]!.query("SELECT count() FROM shop.t")).trim(), "700");
  });
}
