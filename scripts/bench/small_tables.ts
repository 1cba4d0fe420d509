/** Tables of a few short columns, with a partition for each day. */
import type { Site } from "../../test/support/sites/two_sites.ts";

/** A database with tables `t0`, `t1` and so on, each of which holds all of its rows. @param rows of each table, spread over its days */
export async function makeTables(
  sites: readonly Site[],
  database: string,
  tables: number,
  days: number,
  rows: number,
): Promise<void> {
  await Promise.all(sites.map(async (site) => {
    await site.query(`CREATE DATABASE ${database}`);
    for (let at = 0; at < tables; at++) {
      const table = `${database}.t${at}`;
      await site.query(
        `CREATE TABLE ${table} (ts DateTime('UTC'), service LowCardinality(String), value UInt64) ` +
          "ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)",
      );
      await fill(site, table, days, rows);
    }
  }));
}

/** Inserts such rows. @param where which of them, by `ts` */
export async function fill(
  site: Site,
  table: string,
  days: number,
  rows: number,
  where = "1",
): Promise<void> {
  await site.query(
    `INSERT INTO ${table} SELECT * FROM (SELECT toDateTime('2025-01-01 00:00:00', 'UTC') + ` +
      `intDiv(number * ${days * 86_400}, ${rows}) AS ts, concat('service-', toString(number % 7)), number ` +
      `FROM numbers(${rows})) WHERE ${where} SETTINGS max_partitions_per_insert_block = 0`,
  );
}

const DAY = "20250103";

/** SQL: rows of the third day, at each run others: the same ones would be `recurring`. @param minutes of 2 hours, at most */
export function lostAt(run: number, minutes: number): string {
  const from = `toDateTime('2025-01-03 00:00:00', 'UTC') + ${run % 12 * 7200}`;
  return `ts >= ${from} AND ts < ${from} + ${minutes * 60}`;
}

/** Has the third day of the first `gaps` tables lack just these rows. */
export async function lose(
  site: Site,
  database: string,
  gaps: number,
  days: number,
  rows: number,
  lost: string,
): Promise<void> {
  for (let at = 0; at < gaps; at++) {
    // No mutation, which would have the other partitions read again.
    await site.query(`ALTER TABLE ${database}.t${at} DROP PARTITION ID '${DAY}'`);
    await fill(site, `${database}.t${at}`, days, rows, `toYYYYMMDD(ts) = ${DAY} AND NOT (${lost})`);
  }
}
