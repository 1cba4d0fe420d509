/** An ordinary outage: two hours of a day of wide rows are missing in each of many tables. */
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import { compare, type Result, type Stopwatch } from "./measuring.ts";
import { repairGaps } from "./whole_check.ts";
import { wideRows, wideTable } from "./wide_rows.ts";

const DAY = "20260101";
const WHOLE = "outage.day";

/** SQL: the hours that are missing, at each run others: the same ones would be `recurring`. */
function lostAt(run: number): string {
  const hour = (hour: number) => `'2026-01-01 ${String(hour).padStart(2, "0")}:00:00'`;
  return `ts >= ${hour(2 * run + 2)} AND ts < ${hour(2 * run + 4)}`;
}

/** @param rows of the day in each table: a twelfth of them is missing */
export async function measureOutage(
  sites: TwoSites,
  tables: number,
  rows: number,
  runs: number,
  time: Stopwatch,
): Promise<Result> {
  const { primary, dr } = sites;
  const each = Math.round(rows / 12);
  const name = `two hours of a day, ${each} wide rows, missing in each of ${tables} tables, the whole check`;
  const names = Array.from({ length: tables }, (_, at) => `outage.t${at}`);
  // The tables share their files by hard links, so that they are made in no time; rows are read and hashed in each.
  await Promise.all([primary, dr].map(async (site) => {
    await site.query("CREATE DATABASE outage");
    await site.query(wideTable(WHOLE));
    await site.query(`INSERT INTO ${WHOLE} ${wideRows(rows)}`);
    for (const name of names) {
      await site.query(wideTable(name));
      await site.query(`ALTER TABLE ${name} ATTACH PARTITION ID '${DAY}' FROM ${WHOLE}`);
    }
  }));
  const lose = async (lost: string) => {
    await dr.query("DROP TABLE IF EXISTS outage.rest SYNC");
    await dr.query(wideTable("outage.rest"));
    await dr.query(`INSERT INTO outage.rest SELECT * FROM ${WHOLE} WHERE NOT (${lost})`);
    for (const name of names) {
      await dr.query(`ALTER TABLE ${name} REPLACE PARTITION ID '${DAY}' FROM outage.rest`);
    }
    await dr.query("DROP TABLE outage.rest SYNC");
  };
  await using directory = await temporaryDirectory();
  const settings = { excludePatterns: ["system.*", WHOLE] };
  const check = (gaps: number) => repairGaps(sites, gaps, { memory: directory.path, settings });
  await check(0);
  const { user, password } = primary.endpoint;
  const pairs: { theirs: number; ours: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const lost = lostAt(run);
    await lose(lost);
    const theirs = await time(name, "theirs", async () => {
      for (const table of names) {
        await dr.query(
          `INSERT INTO ${table} SELECT * FROM remote('127.0.0.1:${primary.tcpPort}', ${table}, ` +
            `'${user}', '${password}') WHERE ${lost}`,
        );
      }
    });
    await lose(lost);
    pairs.push({ theirs, ours: await time(name, "ours", () => check(tables)) });
  }
  return compare(name, "INSERT … SELECT of these rows, one a table", pairs, 1.5);
}
