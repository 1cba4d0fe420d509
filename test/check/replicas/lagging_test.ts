/** A replica that may not hold what its site holds is not read as if it did: neither for READY nor for a repair. */
import assert from "node:assert/strict";
import { SAME_ROWS } from "../../../src/clickhouse/catalog/replication.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { beforeRepair, checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { until } from "../../support/program/endings.ts";
import { type ReplicatedSites, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const ENGINE = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";

/** A table of 1000 rows at both sites, at every replica of them. */
async function replicated({ primary, dr }: ReplicatedSites, table: string, settings = ""): Promise<void> {
  for (const site of [primary, dr]) {
    await site.everywhere(`${telemetryTable(table, ENGINE)} ${settings}`);
    await load(site.replicas[0]!, table, DAY, 1000, "number < 700");
    await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
  }
}

/** What the check says of the table, after which nothing was copied: asserted. */
async function checked(sites: ReplicatedSites, table: string) {
  const before = await content(sites.first.dr, table);
  const report = await checkSites(sites.first, { only: [table] });
  assert.equal(await content(sites.first.dr, table), before);
  assert.equal(isClean(report), false);
  const [found] = findingsOf(report);
  return { cause: found?.cause, detail: found?.detail ?? "" };
}

/** Repaired and in sync, once what was in the way is gone. */
async function recover(sites: ReplicatedSites, ...tables: readonly string[]): Promise<void> {
  await checkSites(sites.first, { only: tables });
  const report = await checkSites(sites.first, { only: tables });
  assert.deepEqual(reasonsOf(report), {});
  assert.ok(isClean(report));
  for (const table of tables) {
    const there = await content(sites.primary.replicas[0]!, table);
    for (const replica of sites.dr.replicas) {
      await replica.query(`SYSTEM SYNC REPLICA ${table}`);
      assert.equal(await content(replica, table), there, table);
    }
  }
}

/** The server opens a session anew once the Keeper has forgotten the last one, and looks for that once a minute, or so often: */
const REOPENS = "SETTINGS zookeeper_session_expiration_check_period = 1";

async function reopened(replica: Site, table: string): Promise<void> {
  const [database, name] = table.split(".");
  const cutOff = "SELECT is_readonly OR is_session_expired FROM system.replicas " +
    `WHERE database = '${database}' AND table = '${name}'`;
  await until("another session with the Keeper", async () => (await replica.query(cutOff)).trim() === "0");
}

/** Waits until the replica has this in its queue, a part to fetch or another entry, and has said this of why it does not do it. */
async function queued(replica: Site, table: string, why: string, type = "GET_PART"): Promise<void> {
  const [database, name] = table.split(".");
  const entries = "SELECT count() FROM system.replication_queue " +
    `WHERE database = '${database}' AND table = '${name}' AND type = '${type}' ` +
    `AND concat(last_exception, postpone_reason) ILIKE '%${why}%'`;
  await until("an entry in the queue", async () => (await replica.query(entries)).trim() !== "0");
}

/** Entries after which a table holds other rows than before. What is new in the server belongs here or into {@link SAME_ROWS}. */
const OTHER_ROWS = [
  "GET_PART",
  "ATTACH_PART",
  "DROP_RANGE",
  "DROP_PART",
  "REPLACE_RANGE",
  "CLONE_PART_FROM_SHARD",
];

/** What brings or takes rows without a part to fetch: what the other replica does, and how it stands in the queue of the one that is read. */
const CHANGES: readonly { what: string; type: string; first?: string; then: string }[] = [
  { what: "a dropped partition", type: "DROP_RANGE", then: "DROP PARTITION ID '20260101'" },
  {
    what: "a replaced partition",
    type: "REPLACE_RANGE",
    then: "REPLACE PARTITION ID '20260101' FROM shop.source",
  },
  {
    what: "a partition of another table",
    type: "REPLACE_RANGE",
    then: "ATTACH PARTITION ID '20260101' FROM shop.source",
  },
  {
    what: "a partition that was detached",
    type: "ATTACH_PART",
    first: "DETACH PARTITION ID '20260101'",
    then: "ATTACH PARTITION ID '20260101'",
  },
];

Deno.test("a replica that lags is told of, and nothing is copied or ready because of it", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  /** What nothing stands in the way of any more: these are repaired together in the end. */
  const freed: string[] = [];
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");

  const STOPPED = [
    [
      "FETCHES",
      /\br1\b.*active site.*20260101_\S+ \(GET_PART\).*20\d\d-.+fetches/,
    ],
    ["REPLICATION QUEUES", /replica r1 of the active site waits for 20260101_\S+ \(GET_PART\) since 20\d\d-/],
    ["PULLING REPLICATION LOG", /replica r1 of the active site has not pulled 1 entry of the table's log/],
  ] as const;
  for (const [at, [what, says]] of STOPPED.entries()) {
    await t.step(`the active site's, with ${what} stopped`, async () => {
      const table = `shop.active_${at}`;
      await replicated(sites, table);
      const [read, other] = primary.replicas as [Site, Site];
      await read.query(`SYSTEM STOP ${what} ${table}`);
      await load(other, table, DAY, 1000, "number >= 700");
      if (what !== "PULLING REPLICATION LOG") await queued(read, table, what === "FETCHES" ? "fetches" : "");
      const { cause, detail } = await checked(sites, table);
      assert.equal(cause, "replica_behind");
      assert.match(detail, says);
      await read.query(`SYSTEM START ${what} ${table}`);
      await read.query(`SYSTEM SYNC REPLICA ${table}`);
      freed.push(table);
    });

    await t.step(
      `this site's, with ${what} stopped: rows that it is about to fetch are not copied`,
      async () => {
        const table = `shop.here_${at}`;
        await replicated(sites, table);
        const [read, other] = dr.replicas as [Site, Site];
        await load(primary.replicas[0]!, table, DAY, 1000, "number >= 700");
        await read.query(`SYSTEM STOP ${what} ${table}`);
        await load(other, table, DAY, 1000, "number >= 700");
        const { cause, detail } = await checked(sites, table);
        assert.equal(cause, "replica_behind");
        assert.match(detail, /replica r1 of this site/);
        await read.query(`SYSTEM START ${what} ${table}`);
        await read.query(`SYSTEM SYNC REPLICA ${table}`);
        freed.push(table);
      },
    );
  }

  for (const { replicas: [, other] } of [primary, dr]) {
    await other!.query(telemetryTable("shop.source", "MergeTree"));
    await load(other!, "shop.source", DAY, 1000, "number >= 700");
  }
  for (const [at, { what, type, first, then }] of CHANGES.entries()) {
    for (const [side, { replicas }] of [["the active site", primary], ["this site", dr]] as const) {
      await t.step(`${what} at another replica of ${side}`, async () => {
        const table = `shop.${side === "this site" ? "here" : "active"}_changed_${at}`;
        await replicated(sites, table);
        await load(primary.replicas[0]!, table, DAY, 1000, "number >= 700");
        const [read, other] = replicas as [Site, Site];
        if (first !== undefined) await other.query(`ALTER TABLE ${table} ${first}`);
        await primary.everywhere(`SYSTEM SYNC REPLICA ${table}`);
        await dr.everywhere(`SYSTEM SYNC REPLICA ${table}`);
        await read.query(`SYSTEM STOP REPLICATION QUEUES ${table}`);
        await other.query(`ALTER TABLE ${table} ${then}`);
        await queued(read, table, "", type);
        const { cause, detail } = await checked(sites, table);
        assert.equal(cause, "replica_behind", detail);
        assert.ok(detail.includes(`replica r1 of ${side} waits for `) && detail.includes(type), detail);
        await read.query(`SYSTEM START REPLICATION QUEUES ${table}`);
        await read.query(`SYSTEM SYNC REPLICA ${table}`);
        if (side === "this site") return void freed.push(table);
        // What the active site gave up stays here.
        const reasons = reasonsOf(await checkSites(sites.first, { only: [table] }));
        assert.ok(!Object.values(reasons).includes("lagging"), JSON.stringify(reasons));
      });
    }
  }

  await t.step(
    "every kind of entry that the server has is judged; a DEDUPLICATE looks like any other merge",
    async () => {
      const table = "shop.kinds";
      const queue = "database = 'system' AND table = 'replication_queue'";
      const [read, other] = primary.replicas as [Site, Site];
      // The column is text; what it may hold is in its comment.
      const named = await read.rows<{ kind: string }>(
        `SELECT arrayJoin(extractAll(comment, '([A-Z_]+) —')) AS kind FROM system.columns WHERE ${queue} AND name = 'type'`,
      );
      const kinds = named.map(({ kind }) => kind);
      assert.ok(kinds.includes("GET_PART") && kinds.length >= 9, kinds.join());
      assert.deepEqual(kinds.filter((kind) => !SAME_ROWS.includes(kind) && !OTHER_ROWS.includes(kind)), []);
      assert.deepEqual(SAME_ROWS.filter((kind) => OTHER_ROWS.includes(kind)), []);

      await replicated(sites, table);
      await read.query(`SYSTEM STOP REPLICATION QUEUES ${table}`);
      await other.query(`OPTIMIZE TABLE ${table} FINAL DEDUPLICATE SETTINGS alter_sync = 1`);
      await queued(read, table, "", "MERGE_PARTS");
      const entries = "SELECT type, merge_type FROM system.replication_queue WHERE table = 'kinds'";
      assert.equal(await read.query(entries), "MERGE_PARTS\tRegular\n");
      const columns = `SELECT name FROM system.columns WHERE ${queue} AND name ILIKE '%dedup%'`;
      assert.equal(await read.query(columns), "", "this tells of it: see docs/clusters.md");
      await read.query(`SYSTEM START REPLICATION QUEUES ${table}`);
    },
  );

  await t.step("a replica that never pulled the first entry of the log", async () => {
    const table = "shop.first_entry";
    for (const site of [primary, dr]) await site.everywhere(telemetryTable(table, ENGINE));
    assert.deepEqual(reasonsOf(await checkSites(sites.first, { only: [table] })), {});
    await primary.replicas[0]!.query(`SYSTEM STOP PULLING REPLICATION LOG ${table}`);
    await load(primary.replicas[1]!, table, DAY, 1000);
    assert.equal((await checked(sites, table)).cause, "replica_behind");
    await primary.replicas[0]!.query(`SYSTEM START PULLING REPLICATION LOG ${table}`);
    await primary.replicas[0]!.query(`SYSTEM SYNC REPLICA ${table}`);
    freed.push(table);
  });

  await t.step(
    "a replica that begins to lag after it was compared: before the repair it is looked at again",
    async () => {
      const table = "shop.meanwhile";
      await replicated(sites, table);
      const [read, other] = dr.replicas as [Site, Site];
      await load(primary.replicas[0]!, table, DAY, 1000, "number >= 700");
      const report = await checkSites(sites.first, {
        only: [table],
        wrap: beforeRepair(async () => {
          await read.query(`SYSTEM STOP FETCHES ${table}`);
          await load(other, table, DAY, 1000, "number >= 700");
        }),
      });
      const said = findingsOf(report).map(({ detail }) => detail).join("; ");
      assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "lagging" }, said);
      await read.query(`SYSTEM START FETCHES ${table}`);
      await read.query(`SYSTEM SYNC REPLICA ${table}`);
      freed.push(table);
    },
  );

  await t.step("an entry that is pulled while the check looks at the queue and at Keeper", async () => {
    const table = "shop.between";
    await replicated(sites, table);
    const [read, other] = primary.replicas as [Site, Site];
    const lookedAt = async (last: number) => {
      let looks = 0;
      const report = await checkSites(sites.first, {
        only: [table],
        wrap: ({ there, ...ports }) => {
          const keeperLogs = there.keeperLogs.bind(there);
          there.keeperLogs = async (ids) => {
            if (++looks === last) {
              await read.query(`SYSTEM STOP FETCHES ${table}`);
              await load(other, table, DAY, 1000, "number >= 700");
              await read.query(`SYSTEM SYNC REPLICA ${table} PULL`);
            }
            return await keeperLogs(ids);
          };
          return { ...ports, there };
        },
      });
      return { looks, report };
    };
    const { looks, report } = await lookedAt(0);
    assert.ok(isClean(report));
    const { report: again } = await lookedAt(looks);
    assert.deepEqual(reasonsOf(again), { [table]: "lagging" });
    await read.query(`SYSTEM START FETCHES ${table}`);
    await read.query(`SYSTEM SYNC REPLICA ${table}`);
    freed.push(table);
  });

  await t.step("a damaged part that no other replica sends", async () => {
    const table = "shop.broken";
    await replicated(sites, table);
    const [read] = primary.replicas as [Site];
    // One that was set aside, and is in the table again since.
    const parts = await read.rows<{ path: string }>(
      `SELECT path FROM system.parts WHERE active AND table = 'broken' AND partition_id = '20260101'`,
    );
    await Deno.mkdir(parts[0]!.path.replace(/\/([^/]+)\/?$/, "/detached/broken_$1"), { recursive: true });
    const aside = "SELECT count() FROM system.detached_parts WHERE table = 'broken' AND reason = 'broken'";
    assert.equal(await read.query(aside), "1\n");
    await recover(sites, table);
    await read.query(`ALTER TABLE ${table} DETACH PARTITION ID '20260101'`);
    const [{ path }] = await read.rows<{ path: string }>(
      `SELECT path FROM system.detached_parts WHERE table = 'broken' AND NOT startsWith(name, 'broken_')`,
    ) as [{ path: string }];
    await Deno.rename(path, path.replace(/\/([^/]+)\/?$/, "/broken_$1"));
    const { cause, detail } = await checked(sites, table);
    assert.equal(cause, "parts_lost");
    assert.match(detail, /damaged part.*broken_20260101_/);
  });

  await t.step("a replica that is made anew, and still copies what the others hold", async () => {
    const table = "shop.anew";
    await replicated(sites, table);
    await checkSites(sites.first, { only: [table] });
    await load(primary.replicas[0]!, table, "2026-01-02", 100);
    const [read, other] = primary.replicas as [Site, Site];
    await other.query(`SYSTEM SYNC REPLICA ${table}`);
    await other.query(`SYSTEM STOP REPLICATED SENDS ${table}`);
    await read.query(`DROP TABLE ${table} SYNC`);
    await read.query(telemetryTable(table, ENGINE));
    const { cause, detail } = await checked(sites, table);
    assert.equal(cause, "replica_behind", detail);
    await other.query(`SYSTEM START REPLICATED SENDS ${table}`);
    await read.query(`SYSTEM SYNC REPLICA ${table}`);
    freed.push(table);
  });

  await t.step("a part that the active site lost for good", async () => {
    const table = "shop.lost";
    await replicated(sites, table);
    const [read, other] = primary.replicas as [Site, Site];
    await other.query(`SYSTEM STOP FETCHES ${table}`);
    await load(read, table, "2026-01-02", 100);
    const [{ path }] = await read.rows<{ path: string }>(
      `SELECT path FROM system.parts WHERE table = 'lost' AND active AND partition_id = '20260102'`,
    ) as [{ path: string }];
    await Deno.remove(`${path}/data.bin`);
    await read.query(`CHECK TABLE ${table}`);
    await other.query(`SYSTEM START FETCHES ${table}`);
    const lost = "SELECT lost_part_count FROM system.replicas WHERE table = 'lost'";
    await until("a lost part", async () => (await read.query(lost)).trim() !== "0");
    const { cause, detail } = await checked(sites, table);
    assert.equal(cause, "parts_lost", detail);
  });

  await t.step("all of them are repaired and in sync once nothing is in the way", async () => {
    assert.ok(freed.length > 10, freed.join());
    await recover(sites, ...freed);
  });

  await t.step("a Keeper that hangs, then is gone, then is back", async () => {
    const table = "shop.keeper";
    await replicated(sites, table, REOPENS);
    primary.keeper.hang();
    assert.equal((await checked(sites, table)).cause, "replica_cut_off");
    primary.keeper.resume();
    for (const replica of primary.replicas) await reopened(replica, table);
    await recover(sites, table);
    await dr.keeper.kill();
    assert.equal((await checked(sites, table)).cause, "replica_cut_off");
    await dr.keeper.restart();
    for (const replica of dr.replicas) await reopened(replica, table);
    await recover(sites, table);
  });
});
