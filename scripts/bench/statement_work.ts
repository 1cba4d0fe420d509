/** What the statements of a check took of the cores, by what they are for: as `system.query_log` of both sites has it. */
import type { Site, TwoSites } from "../../test/support/sites/two_sites.ts";

/** What statements are for, in the order in which it is told. */
export const PURPOSES = ["digests", "copying", "marks", "bringing in", "everything else"] as const;
type Purpose = typeof PURPOSES[number];

/** CPU seconds. */
export interface Work {
  readonly here: Readonly<Record<Purpose, number>>;
  readonly there: Readonly<Record<Purpose, number>>;
}

/** SQL of a statement's purpose. What a copy reads at the other site looks like any SELECT: it is known by its first query. */
const PURPOSE = `multiIf(
  query_kind = 'Insert', 'copying',
  match(query, '(MOVE|ATTACH|REPLACE) PARTITION'), 'bringing in',
  match(query, 'MODIFY COMMENT|claimed UInt8|SELECT\\\\s+name, comment\\\\s+FROM'), 'marks',
  match(query, '(cityHash64|xxh3)\\\\(tuple\\\\('), 'digests',
  'everything else')`;

interface Row {
  readonly first: string;
  readonly purpose: Purpose;
  readonly seconds: number;
}

/** Since this was asked last. @param ours only those of ch-sync, and what they sent on */
export async function takeStatementWork({ primary, dr }: TwoSites, ours: boolean): Promise<Work> {
  const [here, there] = [await take(dr, ours), await take(primary, ours)];
  const copies = new Set(here.filter(({ purpose }) => purpose === "copying").map(({ first }) => first));
  const summed = (rows: readonly Row[]) => {
    const sums = { digests: 0, copying: 0, marks: 0, "bringing in": 0, "everything else": 0 };
    for (const { first, purpose, seconds } of rows) sums[copies.has(first) ? "copying" : purpose] += seconds;
    return sums;
  };
  return { here: summed(here), there: summed(there) };
}

export function inAll({ here, there }: Work): number {
  return [here, there].flatMap((of) => Object.values(of)).reduce((sum, one) => sum + one, 0);
}

async function take(site: Site, ours: boolean): Promise<Row[]> {
  await site.query("SYSTEM FLUSH LOGS");
  const rows = await site.rows<Row>(
    `SELECT initial_query_id AS first, ${PURPOSE} AS purpose, ` +
      "sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) / 1e6 AS seconds FROM system.query_log " +
      `WHERE type != 'QueryStart' AND ${ours ? "initial_query_id LIKE 'ch-sync-%'" : "1"} GROUP BY ALL`,
  );
  await site.query("TRUNCATE TABLE system.query_log");
  return rows;
}
