/** Repairs of Replicated tables: no row twice, whatever other replicas and other ch-sync do meanwhile. */
import assert from "node:assert/strict";
import { claimInKeeper, otherClaimant } from "../../../src/clickhouse/repair/claim_in_keeper.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { type ReplicatedSites, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { openConnection } from "../../support/sites/open_connection.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const ENGINE = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";

async function replicated({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const site of [primary, dr]) await site.everywhere(telemetryTable(table, ENGINE));
  await load(primary.replicas[0]!, table, DAY, 1000);
  await load(dr.replicas[0]!, table, DAY, 1000, "number < 700");
  for (const site of [primary, dr]) await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
}

/** Every replica of this site holds what the active site does, and no staging table or claim is left. */
async function assertWhole({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const replica of dr.replicas) {
    await replica.query(`SYSTEM SYNC REPLICA ${table}`);
    assert.equal(await content(replica, table), await content(primary.replicas[0]!, table));
    assert.equal(await replica.query("SELECT name FROM system.tables WHERE name LIKE '\\_chsync%'"), "");
  }
}

Deno.test("repairs of Replicated tables bring every row once", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  const [here, other] = dr.replicas as [Site, Site];
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");

  await t.step("what was attached once, deleted, and is attached again", async () => {
    const table = "shop.again";
    await replicated(sites, table);
    for (const remove of ["number >= 700", "1"]) {
      for (let times = 0; times < 2; times++) {
        const report = await checkSites(sites.first, { only: [table] });
        assert.deepEqual(
          findingsOf(report).map(({ repaired }) => repaired),
          [true],
          findingsOf(report)[0]?.detail ?? "",
        );
        await assertWhole(sites, table);
        const from = remove === "1" ? "1" : `ts >= toDateTime64('${DAY} 16:48:00', 3, 'UTC')`;
        await here.query(`ALTER TABLE ${table} DELETE WHERE ${from} SETTINGS mutations_sync = 2`);
      }
    }
  });

  await t.step("an ATTACH whose error follows the commit was done, and is told so", async () => {
    const table = "shop.committed";
    await replicated(sites, table);
    const report = await checkSites(sites.first, {
      only: [table],
      wrap: (ports) => ({
        ...ports,
        here: new Proxy(ports.here, {
          get(target, name) {
            if (name !== "repair") {
              const value = Reflect.get(target, name);
              return typeof value === "function" ? value.bind(target) : value;
            }
            return async (...args: Parameters<typeof target.repair>) => {
              // Once it is proven that the replica has caught up, right before the ATTACH.
              const stop = setInterval(async () => {
                const marks = await here.query(
                  "SELECT count() FROM system.tables WHERE name LIKE '\\_chsync%' AND engine LIKE 'Replicated%'",
                );
                if (marks.trim() !== "0") await here.query(`SYSTEM STOP PULLING REPLICATION LOG ${table}`);
              }, 20);
              try {
                return await target.repair(...args);
              } finally {
                clearInterval(stop);
                await here.query(`SYSTEM START PULLING REPLICATION LOG ${table}`);
              }
            };
          },
        }),
      }),
    });
    const [found] = findingsOf(report);
    assert.ok(found?.repaired || /added|done/.test(found?.detail ?? ""), found?.detail ?? "");
    await here.query(`SYSTEM SYNC REPLICA ${table}`);
    await checkSites(sites.first, { only: [table] });
    await assertWhole(sites, table);
  });

  await t.step("an ATTACH that is refused, as the table is not to the letter like its copy", async () => {
    const table = "shop.refused";
    await replicated(sites, table);
    await using points = startFaultPoints(() => here.url);
    points.before = async ({ sql }) => {
      if (!sql.includes("ATTACH PARTITION")) return;
      const enforced = "enforce_index_structure_match_on_partition_manipulation = 1";
      for (
        const alter of [`MODIFY SETTING ${enforced}`, "ADD INDEX IF NOT EXISTS late service TYPE minmax"]
      ) {
        await here.query(`ALTER TABLE ${table} ${alter} SETTINGS alter_sync = 2`);
      }
    };
    const settings = { local: { ...here.writer, url: points.url } };
    const inserted = () => points.statements.some((sql) => sql.startsWith("INSERT INTO `shop`.`refused`"));
    // Another one claims the partition after this one's claim was found good: nothing goes in by INSERT either.
    const refuse = points.before;
    const rival = "shop._chsync_dr_bbbbbbbb00000000_1c";
    points.before = async (statement) => {
      await refuse(statement);
      if (!statement.sql.includes("ATTACH PARTITION")) return;
      const [claim] = await here.rows<{ name: string }>(
        "SELECT name FROM system.tables WHERE name LIKE '\\_chsync%c' AND engine LIKE 'Replicated%'",
      );
      const made = await here.query(`SHOW CREATE TABLE shop.${claim!.name} FORMAT TSVRaw`);
      await other.query(made.replaceAll(`shop.${claim!.name}`, rival).replaceAll(claim!.name, "rival"));
    };
    const held = await checkSites(sites.first, { only: [table], settings });
    assert.match(
      findingsOf(held)[0]?.detail ?? "",
      /Another ch-sync is repairing .*rival of another replica/,
    );
    assert.ok(!inserted());
    await other.query(`DROP TABLE ${rival} SYNC`);
    await here.query(`ALTER TABLE ${table} DROP INDEX late SETTINGS alter_sync = 2`);
    points.before = refuse;
    const report = await checkSites(sites.first, { only: [table], settings });
    assert.ok(findingsOf(report)[0]?.repaired, findingsOf(report)[0]?.detail ?? "");
    assert.ok(inserted());
    await assertWhole(sites, table);
  });

  await t.step("two ch-sync at two replicas at the same time", async () => {
    const table = "shop.side_by_side";
    await replicated(sites, table);
    for (let round = 0; round < 3; round++) {
      await load(primary.replicas[0]!, table, `2026-01-0${round + 2}`, 500);
      await primary.everywhere(`SYSTEM SYNC REPLICA ${table}`);
      await Promise.all([
        checkSites(sites.pair(0, 0), { only: [table], installation: "aaaaaaaa" }),
        checkSites(sites.pair(0, 1), { only: [table], installation: "bbbbbbbb" }),
      ]);
    }
    await checkSites(sites.pair(0, 1), { only: [table], installation: "bbbbbbbb" });
    await assertWhole(sites, table);
  });

  await t.step("after a ch-sync at the other replica, whose rows this one has not fetched", async () => {
    const table = "shop.in_turn";
    await replicated(sites, table);
    await here.query(`SYSTEM STOP FETCHES ${table}`);
    await checkSites(sites.pair(0, 1), { only: [table], installation: "bbbbbbbb" });
    const report = await checkSites(sites.pair(0, 0), { only: [table], installation: "aaaaaaaa" });
    assert.deepEqual(reasonsOf(report), { [table]: "lagging" });
    await here.query(`SYSTEM START FETCHES ${table}`);
    await assertWhole(sites, table);
  });

  await t.step("a claim that was good is looked at again: another one may have come meanwhile", async () => {
    const [mine, theirs] = [openConnection(here), openConnection(other)];
    const claim = { database: "shop", name: "_chsync_dr_aaaaaaaa00000000_1c" };
    assert.equal(await claimInKeeper(mine, claim, "/tables/shop/claimed", "20260101"), null);
    assert.equal(await otherClaimant(mine, claim), null);
    // As one does that sees nobody while this server has no session.
    const rival = { database: "shop", name: "_chsync_dr_bbbbbbbb00000000_1c" };
    const made = await here.query(`SHOW CREATE TABLE shop.${claim.name} FORMAT TSVRaw`);
    await theirs.command(made.replaceAll(claim.name, rival.name));
    const host = (await other.query("SELECT hostName()")).trim();
    assert.ok(
      (await otherClaimant(mine, claim))?.startsWith(`${rival.name} of another replica, at server ${host};`),
    );
    await theirs.command(`DROP TABLE shop.${rival.name} SYNC`);
    assert.equal(await otherClaimant(mine, claim), null);
    await mine.command(`DROP TABLE shop.${claim.name} SYNC`);
    for (const connection of [mine, theirs]) await connection.close();
  });

  await t.step("through views, at two replicas at the same time", async () => {
    const table = "shop.fed";
    for (const site of [primary, dr]) {
      await site.everywhere(telemetryTable(table, ENGINE));
      await site.everywhere(
        "CREATE TABLE shop.target (service String, rows UInt64) ENGINE = " +
          "ReplicatedSummingMergeTree('/tables/{database}/target', '{replica}') ORDER BY service",
      );
      await site.everywhere(
        `CREATE MATERIALIZED VIEW shop.view TO shop.target AS SELECT service, count() AS rows FROM ${table} GROUP BY service`,
      );
    }
    await load(primary.replicas[0]!, table, DAY, 1000);
    await load(dr.replicas[0]!, table, DAY, 1000, "number < 700");
    await load(primary.replicas[0]!, table, "2026-01-03", 500);
    for (const site of [primary, dr]) {
      for (const one of [table, "shop.target"]) await site.everywhere(`SYSTEM SYNC REPLICA ${one}`);
    }
    await Promise.all([
      checkSites(sites.pair(0, 0), { installation: "aaaaaaaa" }),
      checkSites(sites.pair(0, 1), { installation: "bbbbbbbb" }),
    ]);
    await checkSites(sites.pair(0, 1), { installation: "bbbbbbbb" });
    await dr.everywhere("SYSTEM SYNC REPLICA shop.target");
    await assertWhole(sites, table);
    const sum = async (site: Site) => (await site.query("SELECT sum(rows) FROM shop.target")).trim();
    assert.equal(await sum(other), "1500");
    assert.equal(await sum(here), "1500");
  });
});
