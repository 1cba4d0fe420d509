/** Telemetry for tests: a table as collectors fill it, at one site or at both. */
import type { ReplicatedSites } from "../sites/replicated_sites.ts";
import type { Site, TwoSites } from "../sites/two_sites.ts";

/** `CREATE TABLE` of HTTP telemetry by day, without a view. */
export function telemetryTable(table: string, engine = "MergeTree"): string {
  return `CREATE TABLE ${table} (ts DateTime64(3, 'UTC'), service LowCardinality(String), ` +
    `status Nullable(UInt16), duration UInt32, attributes Map(LowCardinality(String), String)) ` +
    `ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)`;
}

/** The engine of a table that all servers of a site hold alike, at sites of one shard. */
export const REPLICATED = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";

/** Tables of database `d`: one by itself, and one that a view adds up by day. */
export const PLAIN_AND_VIEWED: readonly string[] = [
  telemetryTable("d.plain"),
  telemetryTable("d.viewed"),
  "CREATE TABLE d.total (day Date, requests UInt64) ENGINE = SummingMergeTree ORDER BY day",
  "CREATE MATERIALIZED VIEW d.to_total TO d.total AS SELECT toDate(ts) AS day, count() AS requests FROM d.viewed GROUP BY day",
];

/** Inserts `rows` deterministic rows of one day, evenly over it. The same numbers make the same rows. */
export async function load(site: Site, table: string, day: string, rows: number, where = "1"): Promise<void> {
  await site.query(
    `INSERT INTO ${table} SELECT toDateTime64('${day} 00:00:00', 3, 'UTC') + number * ${
      86_400 / rows
    } AS ts, ` +
      `concat('service-', toString(number % 7)) AS service, if(number % 11 = 0, NULL, 200 + number % 3) AS status, ` +
      `toUInt32(number * 7919 % 100003) AS duration, map('host', toString(number % 13), 'zone', 'a') AS attributes ` +
      `FROM numbers(${rows}) WHERE ${where}`,
  );
}

/** At every server of both sites `shop.t` with the first 700 of 1000 rows of one day, and `shop.all`, a Distributed table over it. */
export async function loadSpread({ primary, dr }: ReplicatedSites, day: string): Promise<void> {
  for (const site of [primary, dr]) {
    await site.everywhere("CREATE DATABASE shop");
    await site.everywhere(telemetryTable("shop.t", REPLICATED));
    await site.everywhere("CREATE TABLE shop.all AS shop.t ENGINE = Distributed(site, shop, t)");
    await load(site.replicas[0]!, "shop.t", day, 1000, "number < 700");
    await site.everywhere("SYSTEM SYNC REPLICA shop.t");
  }
}

/** Runs the same statement at both sites. */
export async function onBoth(sites: TwoSites, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await Promise.all([sites.primary.query(statement), sites.dr.query(statement)]);
  }
}

/** A text that is equal for two sites if and only if the table holds the same rows as often. */
export async function content(site: Site, table: string, where = "1"): Promise<string> {
  return await site.query(
    `SELECT count(), groupBitXor(sipHash64(number_of, line)), sum(sipHash64(number_of, line)) FROM (` +
      `SELECT toString(tuple(*)) AS line, count() AS number_of FROM ${table} WHERE ${where} GROUP BY line)`,
  );
}

/** Everything a site could show to have changed: definitions and parts. */
export async function everything(site: Site): Promise<string> {
  return await site.query(
    `SELECT database, name, toString(uuid), create_table_query FROM system.tables WHERE database != 'system' ` +
      `ORDER BY database, name`,
  ) + await site.query(
    `SELECT database, table, name, rows, hash_of_all_files FROM system.parts WHERE active AND database != 'system' ` +
      `ORDER BY database, table, name`,
  );
}
