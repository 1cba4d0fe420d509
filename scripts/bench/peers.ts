/** What others do about two tables that differ, on the same servers and rows: reladiff, and statements that copy it all again. */
import { checkSites, reasonsOf } from "../../test/support/sites/check_sites.ts";
import type { Site, TwoSites } from "../../test/support/sites/two_sites.ts";
import { median, seconds } from "./measuring.ts";

/** From PyPI, and what it reads ClickHouse with. */
export const RELADIFF = ["reladiff==0.6.0", "clickhouse-driver==0.2.11"];

const TABLE = "peers.http";
const DAYS = 10;
/** In the sixth day: an hour and a quarter, as many rows as half a percent of all. */
const LOST = "ts >= '2026-01-06 10:00:00' AND ts < '2026-01-06 11:12:00'";

/** With one number as its key, which reladiff asks for; ch-sync asks for none. */
const CREATE = `CREATE TABLE ${TABLE} (id UInt64, ts DateTime64(3, 'UTC'), trace_id String, ` +
  "service LowCardinality(String), url String, status UInt16, duration_ns UInt64, error Nullable(String)) " +
  "ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY id";

const COLUMNS = ["ts", "trace_id", "service", "url", "status", "duration_ns", "error"];

export interface Peer {
  readonly name: string;
  /** Seconds where both are equal, and where this site lacks rows; null: not measured. */
  readonly equal: number | null;
  readonly differing: number | null;
  readonly leaves: string;
}

/** @param reladiff its program; null: it could not be installed */
export async function measurePeers(
  sites: TwoSites,
  rows: number,
  runs: number,
  reladiff: string | null,
): Promise<Peer[]> {
  const { primary, dr } = sites;
  await Promise.all([primary, dr].map(async (site) => {
    await site.query("CREATE DATABASE peers");
    await site.query(CREATE);
    await fill(site, rows);
  }));
  const lose = () => dr.query(`ALTER TABLE ${TABLE} DELETE WHERE ${LOST} SETTINGS mutations_sync = 2`);
  const { user, password } = primary.endpoint;
  const remote = `remote('127.0.0.1:${primary.tcpPort}', ${TABLE}, '${user}', '${password}')`;
  const check = async (found: string) => {
    const reasons = Object.values(reasonsOf(await checkSites(sites))).join();
    if (reasons !== found) throw new Error(`The check found ${reasons} in place of ${found}`);
  };
  const diff = async (program: string, differing: number) => {
    const uri = ({ endpoint, tcpPort }: Site) =>
      `clickhouse://${endpoint.user}:${endpoint.password}@127.0.0.1:${tcpPort}/peers`;
    const columns = COLUMNS.flatMap((name) => ["-c", name]);
    const { stdout, stderr } = await new Deno.Command(program, {
      args: [uri(primary), "http", uri(dr), "http", "-k", "id", ...columns, "-j", "2"],
    }).output();
    const found = new TextDecoder().decode(stdout).split("\n").filter((line) => /^[-+] /.test(line)).length;
    if (found !== differing) {
      const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
      throw new Error(`reladiff found ${found} rows in place of ${differing}: ${said}`);
    }
  };
  const recopy = async (drop: string, where: string) => {
    await dr.query(drop);
    await dr.query(`INSERT INTO ${TABLE} SELECT * FROM ${remote} WHERE ${where}`);
  };
  const days = Array.from({ length: DAYS }, (_, day) => `202601${String(day + 1).padStart(2, "0")}`);
  const ways: readonly (Omit<Peer, "equal" | "differing"> & {
    readonly equal?: () => Promise<unknown>;
    readonly differing: () => Promise<unknown>;
  })[] = [
    {
      name: "ch-sync, the first check",
      leaves: "found, repaired, proven",
      equal: () => check(""),
      differing: () => check("partial, repaired"),
    },
    ...reladiff === null ? [] : [{
      name: `${RELADIFF[0]!.replace("==", " ")}, 2 threads`,
      leaves: "found, by key; nothing is copied",
      equal: () => diff(reladiff, 0),
      differing: async () => await diff(reladiff, await lostRows(primary)),
    }],
    {
      name: "DELETE of that day, known beforehand, and INSERT … SELECT",
      leaves: "copied, unproven; rows are away meanwhile",
      differing: () =>
        recopy(
          `DELETE FROM ${TABLE} WHERE toYYYYMMDD(ts) = 20260106 SETTINGS mutations_sync = 2`,
          "toYYYYMMDD(ts) = 20260106",
        ),
    },
    {
      name: "DROP PARTITION and INSERT … SELECT, of each day",
      leaves: "copied, unproven; rows are away meanwhile",
      differing: async () => {
        for (const day of days) {
          await recopy(`ALTER TABLE ${TABLE} DROP PARTITION ID '${day}'`, `_partition_id = '${day}'`);
        }
      },
    },
  ];
  const taken = ways.map(() => ({ equal: [] as number[], differing: [] as number[] }));
  for (let run = 0; run < runs; run++) {
    for (const [at, way] of ways.entries()) {
      await dr.query(`TRUNCATE TABLE ${TABLE} SYNC`);
      await fill(dr, rows);
      if (way.equal) taken[at]!.equal.push(await seconds(way.equal));
      await lose();
      taken[at]!.differing.push(await seconds(way.differing));
    }
  }
  return ways.map(({ name, leaves, equal }, at) => ({
    name,
    leaves,
    equal: equal ? median(taken[at]!.equal) : null,
    differing: median(taken[at]!.differing),
  }));
}

async function fill(site: Site, rows: number): Promise<void> {
  await site.query(
    `INSERT INTO ${TABLE} SELECT number, toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + ` +
      `toIntervalMillisecond(intDiv(number * ${
        DAYS * 86_400_000
      }, ${rows})), lower(hex(sipHash128(number))), ` +
      "concat('service-', toString(number % 20)), " +
      "concat('https://shop.example/api/v1/', toString(number % 200), '/', toString(number * 7919 % 1000003)), " +
      "200 + number % 5, number * 7919 % 1000000007, " +
      `if(number % 50 = 0, concat('error ', toString(number % 97)), NULL) FROM numbers(${rows})`,
  );
}

async function lostRows(site: Site): Promise<number> {
  return Number(await site.query(`SELECT count() FROM ${TABLE} WHERE ${LOST}`));
}
