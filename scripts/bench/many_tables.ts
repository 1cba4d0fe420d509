/** Gaps in some of many tables, against one statement a table that copies just the rows that are missing. */
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { compare, type Result, type Stopwatch } from "./measuring.ts";
import { lose, lostAt, makeTables } from "./small_tables.ts";
import { repairGaps } from "./whole_check.ts";

/** Tables with a gap. */
const GAPS = 50;

interface Case {
  readonly name: string;
  readonly minutes: number;
  readonly goal: number | string;
}

/** @param rows of each partition; partitions are days @param tables all of them, of which 50 have a gap */
export async function measureManyTables(
  sites: TwoSites,
  tables: number,
  partitions: number,
  rows: number,
  runs: number,
  time: Stopwatch,
): Promise<Result[]> {
  const { primary, dr } = sites;
  await makeTables([primary, dr], "many", tables, partitions, partitions * rows);
  const cases: readonly Case[] = [
    { name: "a quarter of an hour missing", minutes: 15, goal: "4 s, of 1,000 tables" },
    { name: "two hours missing", minutes: 120, goal: 1.5 },
  ];
  const gaps = Math.min(GAPS, tables);
  const { user, password } = primary.endpoint;
  await using directory = await temporaryDirectory();
  const check = (gaps: number) => repairGaps(sites, gaps, { memory: directory.path });
  await check(0);
  const results: Result[] = [];
  for (const { name, minutes, goal } of cases) {
    const what = `${name} in each of ${gaps} of ${tables} tables, the whole check`;
    const pairs: { theirs: number; ours: number }[] = [];
    for (let run = 0; run < runs; run++) {
      const lost = lostAt(run, minutes);
      await lose(dr, "many", gaps, partitions, partitions * rows, lost);
      const theirs = await time(what, "theirs", async () => {
        for (let at = 0; at < gaps; at++) {
          await dr.query(
            `INSERT INTO many.t${at} SELECT * FROM remote('127.0.0.1:${primary.tcpPort}', many, t${at}, ` +
              `'${user}', '${password}') WHERE ${lost}`,
          );
        }
      });
      await lose(dr, "many", gaps, partitions, partitions * rows, lost);
      pairs.push({ theirs, ours: await time(what, "ours", () => check(gaps)) });
    }
    results.push(compare(what, "INSERT … SELECT of these rows, one a table", pairs, goal));
  }
  return results;
}
