/** Rows that lie on the shards of both sites, on some of them several times. */
import type { Site } from "../sites/two_sites.ts";

export interface PlacedRow {
  /** Of January 2026, from 0 on: its partition. */
  readonly day: number;
  readonly id: number;
  /** How often it is on each shard of either site. */
  readonly there: readonly number[];
  readonly here: readonly number[];
}

export function sum(times: readonly number[]): number {
  return times.reduce((a, b) => a + b, 0);
}

export function placedTable(name: string): string {
  return `CREATE TABLE ${name} (ts DateTime, id UInt64, v String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY id`;
}

/** Puts each row into the table of one server as often as it is to be there. */
export async function insertPlaced(
  site: Site,
  table: string,
  rows: readonly PlacedRow[],
  times: (row: PlacedRow) => number,
): Promise<void> {
  const values = rows.flatMap((row) =>
    Array.from(
      { length: times(row) },
      () => `('2026-01-0${row.day + 1} 00:00:00', ${row.id}, 'row ${row.id}')`,
    )
  );
  if (values.length > 0) await site.query(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
}

/** How often each row is on these servers together, by its id, in the order of the ids as texts. */
export async function timesOf(sites: readonly Site[], table: string): Promise<Map<string, number>> {
  const found = await Promise.all(
    sites.map((site) =>
      site.rows<{ id: string; n: string }>(
        `SELECT toString(id) AS id, count() AS n FROM ${table} GROUP BY id`,
      )
    ),
  );
  const times = new Map<string, number>();
  for (const { id, n } of found.flat()) times.set(id, (times.get(id) ?? 0) + Number(n));
  return new Map([...times].toSorted());
}
