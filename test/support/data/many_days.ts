/** A table of many small partitions, one a day, and gaps in it. */
import type { Site } from "../sites/two_sites.ts";

/** `CREATE TABLE` of a table by day. */
export function dailyTable(table: string): string {
  return `CREATE TABLE ${table} (ts DateTime64(3, 'UTC'), service LowCardinality(String), value Nullable(UInt32), ` +
    `attributes Map(LowCardinality(String), String)) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)`;
}

/**
 * Inserts the same rows at whichever site, evenly over so many days from the first of January 2025 on.
 *
 * @param where SQL: `day` (from 0) and `n` (from 0 within the day) pick rows
 */
export async function loadDays(
  site: Site,
  table: string,
  days: number,
  rows: number,
  where = "1",
): Promise<void> {
  await site.query(
    `INSERT INTO ${table} SELECT toDateTime64('2025-01-01 00:00:00', 3, 'UTC') + day * 86400 + n * ${
      Math.floor(86_400 / rows)
    }, concat('service-', toString(n % 7)), if(n % 11 = 0, NULL, n * 7919 % 100003), map('host', toString(n % 13)) ` +
      `FROM (SELECT intDiv(number, ${rows}) AS day, number % ${rows} AS n FROM numbers(${days * rows})) ` +
      `WHERE ${where} SETTINGS max_partitions_per_insert_block = 0`,
  );
}

/** What each partition holds, as a text that is equal for two sites if and only if each row is there as often. */
export async function eachDay(site: Site, table: string): Promise<string> {
  return await site.query(
    `SELECT _partition_id, count(), sum(sipHash64(toString(tuple(*)))), sum(sipHash64(1, toString(tuple(*)))) FROM ${table} ` +
      "GROUP BY _partition_id ORDER BY _partition_id",
  );
}

/** The id of a partition. @param day from 0 */
export function idOf(day: number): string {
  return new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10).replaceAll("-", "");
}
