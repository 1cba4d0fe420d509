/** Repairs, against the statements that an operator would type. */
import { checkSites, reasonsOf } from "../../test/support/sites/check_sites.ts";
import { type SlowLink, startSlowLink } from "../../test/support/links/slow_link.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { compare, megabytes, type Result, type Stopwatch } from "./measuring.ts";
import { lose, wideRows, wideTable } from "./wide_rows.ts";

const MAX_INSERT_THREADS = 4;

interface Case {
  readonly name: string;
  /** The recopy begins with DROP PARTITION. */
  readonly dropFirst: boolean;
  readonly goal: number;
  /** Of the bytes between the sites; NaN: not measured against a goal. */
  readonly wireGoal: number;
  readonly damage: (sites: TwoSites) => Promise<unknown>;
  readonly found: string;
}

const CASES: readonly Case[] = [
  {
    name: "an absent day, proven",
    dropFirst: false,
    goal: 1.3,
    wireGoal: NaN,
    damage: ({ dr }) => dr.query("TRUNCATE TABLE bench.http SYNC"),
    found: "missing, repaired",
  },
  {
    name: "1 % missing in one run of time",
    dropFirst: true,
    goal: 0.6,
    wireGoal: 0.03,
    damage: ({ dr }) => lose(dr, "ts >= '2026-01-01 12:00:00' AND ts < '2026-01-01 12:14:24'"),
    found: "partial, repaired",
  },
  {
    name: "1 % missing at random",
    dropFirst: true,
    goal: 1.0,
    wireGoal: 0.15,
    damage: ({ dr }) => lose(dr, "cityHash64(trace_id) % 100 = 0"),
    found: "partial, repaired",
  },
];

/** Makes the table at both sites, filled at the primary one. */
export async function prepare(sites: TwoSites, rows: number): Promise<string> {
  for (const site of [sites.primary, sites.dr]) {
    await site.query("CREATE DATABASE bench");
    await site.query(wideTable("bench.http"));
  }
  await sites.primary.query(`INSERT INTO bench.http ${wideRows(rows)}`);
  await sites.primary.query("OPTIMIZE TABLE bench.http FINAL");
  return (await sites.primary.query(
    "SELECT formatReadableSize(sum(bytes_on_disk)) FROM system.parts WHERE active AND table = 'http'",
  )).trim();
}

export async function measureRepairs(sites: TwoSites, runs: number, time: Stopwatch): Promise<Result[]> {
  await using link = startSlowLink(sites.primary.tcpPort);
  const results: Result[] = [];
  for (const one of CASES) results.push(...await measureRepair(sites, link, one, runs, time));
  return results;
}

async function measureRepair(
  sites: TwoSites,
  link: SlowLink,
  one: Case,
  runs: number,
  time: Stopwatch,
): Promise<Result[]> {
  const { primary, dr } = sites;
  const { user, password } = primary.endpoint;
  const recopy = `INSERT INTO bench.http SELECT * FROM remote('127.0.0.1:${link.port}', bench, http, ` +
    `'${user}', '${password}') WHERE _partition_id = '20260101' SETTINGS max_insert_threads = ${MAX_INSERT_THREADS}`;
  const remoteNative = { host: "127.0.0.1", port: link.port, secure: false };
  const [times, bytes]: { theirs: number; ours: number }[][] = [[], []];
  const passed = async (whose: "theirs" | "ours", work: () => Promise<unknown>) => {
    const before = link.bytes;
    return { time: await time(one.name, whose, work), bytes: link.bytes - before };
  };
  for (let run = 0; run <= runs; run++) {
    if (!one.dropFirst) await dr.query("TRUNCATE TABLE bench.http SYNC");
    const theirs = await passed("theirs", async () => {
      if (one.dropFirst) await dr.query("ALTER TABLE bench.http DROP PARTITION ID '20260101'");
      await dr.query(recopy);
    });
    await one.damage(sites);
    let reasons = {};
    const ours = await passed("ours", async () => {
      const settings = { maxInsertThreads: MAX_INSERT_THREADS, remoteNative };
      reasons = reasonsOf(await checkSites(sites, { settings }));
    });
    const counts = await Promise.all(
      [primary, dr].map((site) => site.query("SELECT count() FROM bench.http")),
    );
    if (counts[0] !== counts[1] || Object.values(reasons).join() !== one.found) {
      throw new Error(`${one.name} went wrong: ${JSON.stringify(reasons)}, ${counts}`);
    }
    if (run === 0) continue; // the first one warms both sites up
    times!.push({ theirs: theirs.time, ours: ours.time });
    bytes!.push({ theirs: theirs.bytes, ours: ours.bytes });
  }
  const against = one.dropFirst ? "DROP PARTITION and INSERT … SELECT" : "INSERT … SELECT";
  return [
    compare(one.name, against, times!, one.goal),
    compare(`${one.name}: bytes between the sites`, against, bytes!, one.wireGoal, megabytes),
  ];
}

/** Equal partitions: what the proof costs beyond reading. */
export async function measureDigest(sites: TwoSites, runs: number, time: Stopwatch): Promise<Result> {
  const name = "an equal day, proven";
  const read = "SELECT * FROM bench.http FORMAT Null";
  const pairs: { theirs: number; ours: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const theirs = await time(
      name,
      "theirs",
      () => Promise.all([sites.primary.query(read), sites.dr.query(read)]),
    );
    const ours = await time(name, "ours", async () => {
      const reasons = reasonsOf(await checkSites(sites));
      if (Object.keys(reasons).length > 0) throw new Error(`The sites differ: ${JSON.stringify(reasons)}`);
    });
    if (run > 0) pairs.push({ theirs, ours });
  }
  return compare(name, "a bare read of it at both sites", pairs, 1.8);
}
