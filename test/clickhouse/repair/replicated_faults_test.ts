/**
 * Keeper that goes away, and a replica that dies, in the middle of a repair of a Replicated table: no row twice. With
 * `CH_SYNC_LONG=true` Keeper is gone for a minute; between the attaches of two shards in `cluster_histories_test.ts`.
 */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { LONG } from "../../support/cases.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { type ReplicatedSites, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const ENGINE = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";
const CLAIMS = "SELECT count() FROM system.tables WHERE name LIKE '\\_chsync%' AND engine LIKE 'Replicated%'";

/** Milliseconds. */
const GONE_MS = LONG ? 60_000 : 12_000;

async function replicated({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const site of [primary, dr]) await site.everywhere(telemetryTable(table, ENGINE));
  await load(primary.replicas[0]!, table, DAY, 1000);
  await load(dr.replicas[0]!, table, DAY, 1000, "number < 700");
  for (const site of [primary, dr]) await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
}

/** Does the damage once the partition has been claimed, which is right before its rows are brought in. */
function onceClaimed(site: Site, damage: () => void | Promise<void>): (ports: CheckPorts) => CheckPorts {
  return (ports) => ({
    ...ports,
    here: new Proxy(ports.here, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== "repair") return typeof value === "function" ? value.bind(target) : value;
        return async (...args: Parameters<typeof target.repair>) => {
          const repairing = target.repair(...args);
          let over = false;
          repairing.finally(() => over = true);
          while (!over && (await site.query(CLAIMS)).trim() === "0") { /* it is about to be */ }
          await damage();
          return await repairing;
        };
      },
    }),
  });
}

/** Checks by this pair until one is clean. */
async function untilClean(sites: ReplicatedSites, replica: number, table: string, installation: string) {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const report = await checkSites(sites.pair(0, replica), { only: [table], installation });
    if (isClean(report)) return;
    assert.ok(performance.now() < deadline, JSON.stringify(report.tables[0]?.findings[0]?.detail));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function assertWhole({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const replica of dr.replicas) {
    await replica.query(`SYSTEM SYNC REPLICA ${table}`);
    assert.equal(await content(replica, table), await content(primary.replicas[0]!, table));
    assert.equal(await replica.query("SELECT name FROM system.tables WHERE name LIKE '\\_chsync%'"), "");
  }
}

Deno.test("faults in the middle of a repair of a Replicated table", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  const [here] = dr.replicas as [Site];
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");

  await t.step("Keeper is gone for a while", async () => {
    const table = "shop.keeper";
    await replicated(sites, table);
    let back = Promise.resolve();
    await checkSites(sites.first, {
      only: [table],
      wrap: onceClaimed(here, () => {
        dr.keeper.hang();
        back = new Promise((resolve) => setTimeout(resolve, GONE_MS)).then(() => dr.keeper.resume());
      }),
    });
    await back;
    await untilClean(sites, 0, table, "0123abcd");
    await assertWhole(sites, table);
  });

  await t.step(
    "the replica dies: ch-sync at the other one goes on, and what was left behind is dropped later",
    async () => {
      const table = "shop.dies";
      await replicated(sites, table);
      await checkSites(sites.first, {
        only: [table],
        installation: "aaaaaaaa",
        wrap: onceClaimed(here, () => here.server.kill()),
      });
      await untilClean(sites, 1, table, "bbbbbbbb");
      await here.restart();
      await untilClean(sites, 0, table, "aaaaaaaa");
      await assertWhole(sites, table);
    },
  );
});
