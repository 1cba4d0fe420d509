/** Every case between two single servers, each on sites of its own. */
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { measureFar } from "./far_tables.ts";
import { measureManyTables } from "./many_tables.ts";
import type { Result, Stopwatch } from "./measuring.ts";
import { measureOutage } from "./outage.ts";
import { makeTables, measureDistance, measureGrowth, measureQuiet } from "./quiet_checks.ts";
import { measureDigest, measureRepairs, prepare } from "./repairs.ts";
import { measureSmallPartitions } from "./small_partitions.ts";

export interface Sizes {
  /** Wide rows of a day. */
  readonly rows: number;
  readonly runs: number;
  readonly tables: number;
  /** Of each table, where nothing changed. */
  readonly partitions: number;
}

const DELAY_MS = 200;
const FAR_TABLES = 100;

/** Lines of the table, and sentences where there is nothing to compare with. */
export const CASES: readonly ((
  sites: TwoSites,
  sizes: Sizes,
  time: Stopwatch,
) => Promise<readonly (Result | string)[]>)[] = [
  async (sites, { rows, runs }, time) => {
    const size = await prepare(sites, rows);
    const repairs = await measureRepairs(sites, runs, time);
    return [...repairs, await measureDigest(sites, runs, time), `${rows} wide rows a day: ${size} on disk`];
  },
  (sites, { runs }, time) => measureSmallPartitions(sites, runs, time),
  (sites, { runs, tables }, time) => measureManyTables(sites, tables, 10, 2000, runs, time),
  async (sites, { runs }, time) => [await measureOutage(sites, 50, 240_000, Math.min(runs, 3), time)],
  async (sites, { runs, tables, partitions }, time) => {
    await makeTables(sites, tables, partitions);
    return await measureQuiet(sites, tables, runs, `${tables} tables of ${partitions} partitions`, time);
  },
  async (sites, _, time) => [
    ...await measureFar(sites, FAR_TABLES, DELAY_MS, time),
    await measureDistance(sites, DELAY_MS),
  ],
  async (sites, _, time) => {
    const said: string[] = [];
    for (const partitions of [10_000, 100_000, 1_000_000]) {
      for (const where of ["in one place", "everywhere"] as const) {
        said.push(await measureGrowth(sites, partitions, where, time));
      }
    }
    return said;
  },
];
