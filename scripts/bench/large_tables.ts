/** Large tables of which few partitions differ: what a check takes, and how much memory. */
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import type { Site, TwoSites } from "../../test/support/sites/two_sites.ts";
import { residentMemory } from "./apart.ts";
import { checkApart } from "./check_apart.ts";
import { megabytes } from "./measuring.ts";
import { inAll, takeStatementWork } from "./statement_work.ts";

export interface LargeTables {
  readonly tables: number;
  readonly partitions: number;
  /** Of each partition. */
  readonly rows: number;
}

const WHOLE = "large.whole";
const REST = "large.rest";

/** Rows that are missing of a partition: one run of time, as many as one percent. */
const LOST = "toUnixTimestamp(ts) % 86400 >= 43200 AND toUnixTimestamp(ts) % 86400 < 44064";

/** One partition, and as many more as there are percents. */
const DIFFERING = [0.01, 0.05, 0.1];

/** Lines of a table. */
export async function* measureLargeTables(
  sites: TwoSites,
  sizes: LargeTables,
): AsyncGenerator<string> {
  const { primary, dr } = sites;
  const { partitions } = sizes;
  const names = Array.from({ length: sizes.tables }, (_, at) => `large.t${at}`);
  for (const site of [primary, dr]) await make(site, names, sizes);
  const bytes = await dr.query(
    `SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND table = 'whole'`,
  );
  yield `${sizes.tables} tables of ${partitions} partitions of ${sizes.rows} rows, ${
    Number(bytes).toFixed(0)
  } bytes each on disk`;
  yield "";
  yield "| check | takes | CPU, servers and ch-sync | memory of ch-sync | of the server here, and before | of the other one |";
  yield "|---|---|---|---|---|---|";
  for (const site of [primary, dr]) await site.query(`DROP TABLE ${WHOLE} SYNC`);
  await using directory = await temporaryDirectory();
  const check = async (name: string, differing: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await takeStatementWork(sites, false); // what came before
    const servers = await Promise.all([dr, primary].map(startPeak));
    const { seconds, cpuSeconds, mostMemory, repaired } = await checkApart(sites, directory.path);
    if (repaired !== differing) throw new Error(`${repaired} of ${differing} partitions were repaired`);
    const peaks = await Promise.all(servers.map((peak) => peak()));
    const work = inAll(await takeStatementWork(sites, true)) + cpuSeconds;
    return `| ${
      [name, `${seconds.toFixed(2)} s`, `${work.toFixed(2)} s`, megabytes(mostMemory), ...peaks].join(" | ")
    } |`;
  };
  yield await check("the first", 0);
  yield await check("nothing has changed", 0);
  let taken = 0;
  for (const share of DIFFERING) {
    const differing = Math.round(share * names.length * partitions);
    for (let at = 0; at < differing; at++, taken++) {
      // Others in each check, one in every table before the second one in any.
      await lose(dr, names[taken % names.length]!, idOf(Math.floor(taken / names.length)));
    }
    const of = `${differing} of ${names.length * partitions} partitions lack one percent of their rows`;
    yield await check(of, differing);
  }
}

/** The tables share their files by hard links: they are digested and repaired one by one, and stored once. */
async function make(site: Site, names: readonly string[], { partitions, rows }: LargeTables): Promise<void> {
  await site.query("CREATE DATABASE large");
  for (const table of [WHOLE, REST, ...names]) {
    await site.query(
      `CREATE TABLE ${table} (ts DateTime64(3, 'UTC'), trace_id UInt64, service LowCardinality(String), ` +
        "host LowCardinality(String), method LowCardinality(String), route String, status UInt16, " +
        "duration_us UInt32, bytes_out UInt32, error Nullable(String)) " +
        "ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)",
    );
  }
  for (let day = 0; day < partitions; day++) {
    await site.query(
      `INSERT INTO ${WHOLE} SELECT toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalDay(${day}) + ` +
        `toIntervalMillisecond(intDiv(number * 86400000, ${rows})), sipHash64(number, ${day}), ` +
        "concat('service-', toString(number % 20)), concat('host-', toString(number % 100)), " +
        "['GET', 'POST', 'PUT'][1 + number % 3], concat('/api/v1/', toString(number % 200)), 200 + number % 5, " +
        "number * 7919 % 1000003, number * 31 % 90000, " +
        `if(number % 50 = 0, concat('error ', toString(number % 97)), NULL) FROM numbers(${rows})`,
    );
  }
  for (const name of names) await site.query(`ALTER TABLE ${name} ATTACH PARTITION ALL FROM ${WHOLE}`);
}

async function lose(site: Site, table: string, id: string): Promise<void> {
  await site.query(`TRUNCATE TABLE ${REST} SYNC`);
  await site.query(
    `INSERT INTO ${REST} SELECT * FROM ${table} WHERE _partition_id = '${id}' AND NOT (${LOST})`,
  );
  await site.query(`ALTER TABLE ${table} REPLACE PARTITION ID '${id}' FROM ${REST}`);
  await site.query(`TRUNCATE TABLE ${REST} SYNC`);
}

/** @param day from 0 */
function idOf(day: number): string {
  return new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10).replaceAll("-", "");
}

/** @returns what tells the most memory of the server's process from now on, and that of now */
async function startPeak({ server: { pid } }: Site): Promise<() => Promise<string>> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
  const before = await residentMemory(pid, "now");
  return async () => `${megabytes(await residentMemory(pid, "most"))}, ${megabytes(before)}`;
}
