/** Replicated tables of engines that merge rows, and mutations that one replica has finished and another has not. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import {
  beforeRepair,
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { until } from "../../support/program/endings.ts";
import { startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const PATH = "'/tables/{database}/{table}', '{replica}'";
const COLUMNS =
  "(ts DateTime('UTC'), k UInt32, v UInt32, version UInt32, is_deleted UInt8, sign Int8) ENGINE = Replicated";

interface Engine {
  readonly engine: string;
  /** Rows of keys from `from` on, below `to`, as values: each key twice, the second time changed. */
  readonly rows: (from: number, to: number) => readonly string[];
  /** How many of ten keys are left that this site alone has; 0: such states may be those that another site has cancelled. */
  readonly own: number;
}

/** One INSERT for each SELECT, so that nothing is merged on the way in. */
const states = (from: number, to: number, ...values: readonly string[]) =>
  values.map((value) =>
    `SELECT toDateTime('${DAY}', 'UTC') + number, number, ${value} FROM numbers(${from}, ${to - from})`
  );

const ENGINES: Readonly<Record<string, Engine>> = {
  replacing: {
    engine: `ReplacingMergeTree(${PATH}, version)`,
    rows: (from, to) => states(from, to, "number, 1, 0, 1", "number + 7, 2, 0, 1"),
    own: 10,
  },
  deleting: {
    engine: `ReplacingMergeTree(${PATH}, version, is_deleted)`,
    rows: (from, to) => states(from, to, "number, 1, 0, 1", "number + 7, 2, number % 5 = 0, 1"),
    own: 8,
  },
  collapsing: {
    engine: `CollapsingMergeTree(${PATH}, sign)`,
    rows: (from, to) => states(from, to, "number, 1, 0, 1", "number, 1, 0, -1", "number + 7, 1, 0, 1"),
    own: 0,
  },
  versioned: {
    engine: `VersionedCollapsingMergeTree(${PATH}, sign, version)`,
    rows: (from, to) => states(from, to, "number, 1, 0, 1", "number, 1, 0, -1", "number + 7, 2, 0, 1"),
    own: 0,
  },
};

Deno.test("Replicated tables whose rows are merged or mutated", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  const [there, thereToo] = primary.replicas as [Site, Site];
  const [here, hereToo] = dr.replicas as [Site, Site];
  const check = (table: string, options: CheckSitesOptions = {}) =>
    checkSites(sites.first, { only: [table], ...options });
  const synced = async (table: string) => {
    for (const site of [primary, dr]) await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
  };
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");

  for (const [name, { engine, rows, own }] of Object.entries(ENGINES)) {
    await t.step(
      `${name}: missing keys${own > 0 ? " and surplus ones" : ""}, while another replica fetches nothing`,
      async () => {
        const table = `shop.${name}`;
        for (const site of [primary, dr]) {
          await site.everywhere(
            `CREATE TABLE ${table} ${COLUMNS}${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY k`,
          );
        }
        // Of pairs that have collapsed nobody can tell any more.
        for (const site of [primary, dr]) await site.everywhere(`SYSTEM STOP MERGES ${table}`);
        const insert = async (site: Site, from: number, to: number) => {
          for (const select of rows(from, to)) await site.query(`INSERT INTO ${table} ${select}`);
        };
        await insert(thereToo, 0, 100);
        // The site lost 60 to 99, and holds keys of its own.
        await insert(hereToo, 0, 60);
        if (own > 0) await insert(hereToo, 1000, 1010);
        await synced(table);
        await hereToo.query(`SYSTEM STOP FETCHES ${table}`);
        assert.deepEqual(reasonsOf(await check(table)), { [`${table} 20260101`]: "partial, repaired" });
        await hereToo.query(`SYSTEM START FETCHES ${table}`);
        await synced(table);
        assert.ok(isClean(await check(table)));
        // Where nothing is merged any more, what is there twice shows.
        const all = (site: Site, where: string) =>
          site.query(
            `SELECT k, v, sum(sign), count() FROM ${table} FINAL WHERE ${where} GROUP BY ALL ORDER BY ALL`,
          );
        const wanted = await all(there, "1");
        for (const site of [here, hereToo]) {
          assert.equal(await all(site, "k < 1000"), wanted);
          assert.equal(await site.query(`SELECT count() FROM ${table} FINAL WHERE k >= 1000`), `${own}\n`);
        }
        for (const site of [primary, dr]) await site.everywhere(`SYSTEM START MERGES ${table}`);
        await here.query(`OPTIMIZE TABLE ${table} FINAL`);
        await synced(table);
        assert.equal(await all(hereToo, "k < 1000"), wanted);
        assert.ok(isClean(await check(table)));
      },
    );
  }

  /** A table that misses rows here, and whose first 100 a mutation deletes. */
  const gap = async (table: string) => {
    for (const site of [primary, dr]) {
      await site.everywhere(telemetryTable(table, `ReplicatedMergeTree(${PATH})`));
    }
    await load(there, table, DAY, 1000);
    await load(here, table, DAY, 1000, "number < 700");
    await synced(table);
  };
  const FIRST = `ts < toDateTime64('${DAY} 02:24:00', 3, 'UTC')`;
  const DELETES = {
    "ALTER … DELETE": (table: string) => `ALTER TABLE ${table} DELETE WHERE ${FIRST}`,
    "a lightweight DELETE": (table: string) =>
      `DELETE FROM ${table} WHERE ${FIRST} SETTINGS lightweight_deletes_sync = 0`,
  } as const;
  const settles = async (site: Site, table: string) => {
    const open = `SELECT count() FROM system.mutations WHERE NOT is_done AND table = '${
      table.split(".")[1]
    }'`;
    await until("the end of all mutations", async () => await site.query(open) === "0\n");
  };

  for (const [at, [what, statement]] of Object.entries(DELETES).entries()) {
    for (const side of ["there", "here"] as const) {
      await t.step(`${what} that the replica read ${side} has not finished: nothing is copied`, async () => {
        const table = `shop.deleted_${side}_${at}`;
        const [read, other] = side === "there" ? [there, thereToo] : [here, hereToo];
        await gap(table);
        await read.query(`SYSTEM STOP MERGES ${table}`);
        await read.query(`SYSTEM STOP FETCHES ${table}`);
        await other.query(statement(table));
        await settles(other, table);
        const report = await check(table);
        assert.deepEqual(reasonsOf(report), { [table]: "mutating" });
        assert.equal(isClean(report), false);
        await read.query(`SYSTEM START MERGES ${table}`);
        await read.query(`SYSTEM START FETCHES ${table}`);
        await settles(read, table);
        await synced(table);
        // Rows that were deleted here by a mutation are missing like others; those that are hidden here stay so.
        const hidden = side === "here" && at === 1;
        assert.deepEqual(reasonsOf(await check(table)), {
          [`${table} 20260101`]: hidden ? "deleted" : "partial, repaired",
        });
        for (const site of [here, hereToo]) {
          await site.query(`SYSTEM SYNC REPLICA ${table}`);
          const rows = "SELECT count() = uniqExact(ts), count() FROM";
          assert.equal(await site.query(`${rows} ${table} WHERE NOT ${FIRST}`), `1\t${hidden ? 600 : 900}\n`);
        }
      });
    }
  }

  await t.step("a mutation that begins after the comparison puts the repair off", async () => {
    const table = "shop.meanwhile";
    await gap(table);
    const report = await check(table, {
      wrap: beforeRepair(async () => {
        await here.query(`SYSTEM STOP MERGES ${table}`);
        await here.query(`SYSTEM STOP FETCHES ${table}`);
        await hereToo.query(DELETES["ALTER … DELETE"](table));
        const known = "SELECT count() FROM system.mutations WHERE table = 'meanwhile'";
        await until("a mutation", async () => await here.query(known) !== "0\n");
      }),
    });
    assert.equal(findingsOf(report)[0]?.reason, "mutating", findingsOf(report)[0]?.detail ?? "");
    assert.equal(
      await content(here, table, `NOT ${FIRST}`),
      await content(there, table, `NOT ${FIRST} AND ts < toDateTime64('${DAY} 16:48:00', 3, 'UTC')`),
    );
  });

  await t.step(
    "a mutation that the other replica has not finished does not touch what is repaired",
    async () => {
      const table = "shop.behind";
      await gap(table);
      await hereToo.query(`SYSTEM STOP MERGES ${table}`);
      await hereToo.query(`SYSTEM STOP FETCHES ${table}`);
      await here.query(DELETES["ALTER … DELETE"](table));
      await settles(here, table);
      assert.deepEqual(reasonsOf(await check(table)), { [`${table} 20260101`]: "partial, repaired" });
      assert.equal(await content(here, table), await content(there, table));
      await hereToo.query(`SYSTEM START MERGES ${table}`);
      await hereToo.query(`SYSTEM START FETCHES ${table}`);
      await settles(hereToo, table);
      await synced(table);
      assert.equal(await content(hereToo, table), await content(there, table));
      assert.ok(isClean(await check(table)));
    },
  );
});
