/** Many small partitions, against one statement that copies just the rows that are missing. */
import { dailyTable, loadDays } from "../../test/support/data/many_days.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { compare, type Result, type Stopwatch } from "./measuring.ts";
import { repairGaps } from "./whole_check.ts";

const TABLE = "bench.days";
const PARTITIONS = 300;
const ROWS = 2000;

interface Case {
  readonly name: string;
  /** Which rows this site has lost, by `loadDays`, and the same of the table's rows. */
  readonly kept: string;
  readonly lost: string;
  readonly goal: number;
}

const CASES: readonly Case[] = [
  {
    name: `${PARTITIONS} small partitions, 1 % missing in each`,
    kept: "n % 100 != 17",
    lost: `intDiv(toUInt32(ts) % 86400, ${Math.floor(86_400 / ROWS)}) % 100 = 17`,
    goal: 3,
  },
  { name: `${PARTITIONS} small partitions, absent`, kept: "0", lost: "1", goal: 2 },
];

/** Whole checks, each beside the bare copy. */
export async function measureSmallPartitions(
  sites: TwoSites,
  runs: number,
  time: Stopwatch,
): Promise<Result[]> {
  const { primary, dr } = sites;
  for (const site of [primary, dr]) {
    await site.query("CREATE DATABASE IF NOT EXISTS bench");
    await site.query(dailyTable(TABLE));
  }
  await loadDays(primary, TABLE, PARTITIONS, ROWS);
  const { user, password } = primary.endpoint;
  const remote = `remote('127.0.0.1:${primary.tcpPort}', bench, days, '${user}', '${password}')`;
  const results: Result[] = [];
  for (const { name, kept, lost, goal } of CASES) {
    const pairs: { theirs: number; ours: number }[] = [];
    const lose = async () => {
      await dr.query(`TRUNCATE TABLE ${TABLE} SYNC`);
      await loadDays(dr, TABLE, PARTITIONS, ROWS, kept);
    };
    for (let run = 0; run <= runs; run++) {
      await lose();
      const theirs = await time(name, "theirs", () =>
        dr.query(
          `INSERT INTO ${TABLE} SELECT * FROM ${remote} WHERE ${lost} SETTINGS max_partitions_per_insert_block = 0`,
        ));
      await lose();
      const ours = await time(name, "ours", () => repairGaps(sites, PARTITIONS));
      if (run > 0) pairs.push({ theirs, ours }); // the first one warms both sites up
    }
    results.push(compare(name, "INSERT … SELECT of these rows", pairs, goal));
  }
  return results;
}
