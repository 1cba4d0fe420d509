/** One real case for each guard: what happened to a table of two sites, and the check that says so. */
import type { Reason } from "../../../src/model/reason.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import { checkSites, type CheckSitesOptions } from "../sites/check_sites.ts";
import { load, onBoth, telemetryTable } from "./telemetry.ts";
import { temporaryDirectory } from "../temporary_directory.ts";
import type { TwoSites, TwoSitesOptions } from "../sites/two_sites.ts";

export interface GuardCase {
  readonly reason: Reason;
  readonly table: string;
  /** Does the damage, and runs the check that is to be read. */
  run(sites: TwoSites): Promise<CheckReport>;
}

/** A policy at the active site that hides rows from ch-sync's user. */
export const GUARDED_SITES: TwoSitesOptions = {
  primary: {
    sync: { rowPolicies: { "shop.filtered": "service != 'service-1'" } },
    config: { remote_servers: { gone: { shard: { replica: { host: "127.0.0.1", port: 1 } } } } },
  },
};

const DAY = "2026-01-01";
const PAUSED: CheckSitesOptions = {
  wrap: (ports) => ({ ...ports, repairsWait: () => Promise.resolve("not now") }),
};

/** Both sites hold the table; the active one all of 1000 rows of a day, this one those of `here`. */
async function loaded(sites: TwoSites, table: string, here = "1", engine = "MergeTree"): Promise<void> {
  await onBoth(sites, telemetryTable(table, engine));
  await load(sites.primary, table, DAY, 1000);
  await load(sites.dr, table, DAY, 1000, here);
}

const check = (sites: TwoSites, table: string, options: CheckSitesOptions = {}) =>
  checkSites(sites, { only: [table], ...options });

export const GUARD_CASES: readonly GuardCase[] = [
  {
    reason: "independent",
    table: "shop.independent",
    async run(sites) {
      await loaded(sites, this.table, "number < 800");
      await sites.dr.query(
        `ALTER TABLE ${this.table} UPDATE attributes = mapUpdate(attributes, map('collector', 'dr-1')) WHERE 1 ` +
          "SETTINGS mutations_sync = 2",
      );
      return check(sites, this.table);
    },
  },
  {
    reason: "deleted",
    table: "shop.deleted",
    async run(sites) {
      await loaded(sites, this.table);
      await sites.dr.query(`DELETE FROM ${this.table} WHERE service = 'service-1'`);
      return check(sites, this.table);
    },
  },
  {
    reason: "mutating",
    table: "shop.mutating",
    async run(sites) {
      await loaded(sites, this.table, "number < 900");
      await sites.dr.query(`SYSTEM STOP MERGES ${this.table}`);
      await sites.dr.query(
        `ALTER TABLE ${this.table} UPDATE duration = 1 WHERE 1 SETTINGS mutations_sync = 0`,
      );
      const report = await check(sites, this.table);
      await sites.dr.query("KILL MUTATION WHERE table = 'mutating'");
      return report;
    },
  },
  {
    reason: "lagging",
    table: "shop.lagging",
    async run(sites) {
      await loaded(sites, this.table);
      const queue = "shop.queue_of_lagging";
      await sites.primary.query(
        `CREATE TABLE ${queue} AS ${this.table} ENGINE = Distributed(gone, shop, lagging)`,
      );
      await sites.primary.query(`SYSTEM STOP DISTRIBUTED SENDS ${queue}`);
      await load(sites.primary, queue, DAY, 1000, "number < 10");
      return check(sites, this.table);
    },
  },
  {
    reason: "backfilling",
    table: "shop.backfilling",
    async run(sites) {
      await loaded(sites, this.table, "number < 500");
      await using directory = await temporaryDirectory();
      const memory = directory.path;
      await check(sites, this.table, { memory, ...PAUSED });
      await load(sites.dr, this.table, DAY, 1000, "number >= 500 AND number < 600");
      return await check(sites, this.table, { memory });
    },
  },
  {
    reason: "aggregated",
    table: "shop.aggregated",
    async run(sites) {
      await loaded(sites, this.table, "number < 900", "SummingMergeTree");
      return check(sites, this.table);
    },
  },
  {
    reason: "drifted",
    table: "shop.drifted",
    async run(sites) {
      await loaded(sites, this.table, "number < 900");
      await sites.primary.query(`ALTER TABLE ${this.table} ADD COLUMN region LowCardinality(String)`);
      return check(sites, this.table);
    },
  },
  {
    reason: "unstable",
    table: "shop.unstable",
    async run(sites) {
      await loaded(sites, this.table, "number < 900");
      await onBoth(sites, `ALTER TABLE ${this.table} ADD COLUMN id UUID DEFAULT generateUUIDv4()`);
      return check(sites, this.table);
    },
  },
  {
    reason: "filtered",
    table: "shop.filtered",
    async run(sites) {
      await loaded(sites, this.table, "number < 900");
      return check(sites, this.table);
    },
  },
  {
    reason: "unsupported",
    table: "shop.unsupported",
    async run(sites) {
      await onBoth(
        sites,
        `CREATE TABLE ${this.table} (day Date, v UInt32) ENGINE = MergeTree(day, v, 8192) ` +
          "SETTINGS allow_deprecated_syntax_for_merge_tree = 1",
      );
      return check(sites, this.table);
    },
  },
  {
    reason: "views",
    table: "shop.views",
    async run(sites) {
      await onBoth(
        sites,
        telemetryTable(this.table),
        "CREATE TABLE shop.slow (n UInt8) ENGINE = MergeTree ORDER BY n",
      );
      await sites.dr.query(
        "CREATE MATERIALIZED VIEW shop.to_slow TO shop.slow AS SELECT " +
          `toUInt8(throwIf(duration = 23757, 'a value out of range')) AS n FROM ${this.table}`,
      );
      await load(sites.primary, this.table, DAY, 1000);
      const report = await check(sites, this.table, { settings: { excludePatterns: ["shop.slow"] } });
      await sites.dr.query("DROP TABLE shop.to_slow SYNC");
      return report;
    },
  },
  {
    reason: "shrunk",
    table: "shop.shrunk",
    async run(sites) {
      await loaded(sites, this.table);
      await using directory = await temporaryDirectory();
      const memory = directory.path;
      await check(sites, this.table, { memory });
      await sites.primary.query(`ALTER TABLE ${this.table} DROP PARTITION ID '20260101'`);
      return await check(sites, this.table, { memory });
    },
  },
  {
    reason: "recurring",
    table: "shop.recurring",
    async run(sites) {
      await loaded(sites, this.table, "number < 900");
      await using directory = await temporaryDirectory();
      const memory = directory.path;
      for (let repairs = 0; repairs < 3; repairs++) {
        await check(sites, this.table, { memory });
        const parts = await sites.dr.rows<{ name: string }>(
          "SELECT name FROM system.parts WHERE active AND table = 'recurring' AND rows = 100",
        );
        for (const { name } of parts) await sites.dr.query(`ALTER TABLE ${this.table} DROP PART '${name}'`);
      }
      return await check(sites, this.table, { memory });
    },
  },
  {
    reason: "expiring",
    table: "shop.expiring",
    async run(sites) {
      await onBoth(sites, `${telemetryTable(this.table)} TTL toDateTime(ts) + INTERVAL 5 DAY`);
      await sites.primary.query(`SYSTEM STOP MERGES ${this.table}`);
      await sites.primary.query(
        `INSERT INTO ${this.table} SELECT '2026-01-01 00:00:00', 's', 1, number, map() FROM numbers(100) ` +
          "SETTINGS optimize_on_insert = 0",
      );
      return check(sites, this.table);
    },
  },
];
