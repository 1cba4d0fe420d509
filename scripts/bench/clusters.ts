/** Checks of an active site of several shards and replicas, against those of one server with the same rows. */
import type { Settings } from "../../src/model/settings.ts";
import { checkSites } from "../../test/support/sites/check_sites.ts";
import type { ReplicatedSites } from "../../test/support/sites/replicated_sites.ts";
import type { Site } from "../../test/support/sites/two_sites.ts";
import { compare, type Result, seconds } from "./measuring.ts";
import { wideRows, wideTable } from "./wide_rows.ts";

export const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
const REPLICATED = "ReplicatedMergeTree('/tables/{shard}/{database}/{table}', '{replica}')";

/** The databases: on one server of the active site, on the first ones of its two shards, on all of their replicas. */
export const CASES = ["one", "two", "four"] as const;
type Case = typeof CASES[number];

/** The database at all servers of both sites. */
export const EVERYWHERE = "both";

async function load(site: Site, table: string, day: string, rows: number, where?: string): Promise<void> {
  await site.query(`INSERT INTO ${table} ${wideRows(rows, day, where)}`);
}

/** @param rows of each table, over four partitions */
export async function makeShards({ primary, dr }: ReplicatedSites, rows: number): Promise<void> {
  const [[a1, a2], [b1, b2]] = primary.shards as [[Site, Site], [Site, Site]];
  const here = dr.replicas[0]!;
  const holders = { one: [a1], two: [a1, b1], four: [a1, a2, b1, b2] };
  for (const name of CASES) {
    const table = `${name}.t`;
    for (const site of [here, ...holders[name]]) {
      await site.query(`CREATE DATABASE ${name}`);
      await site.query(wideTable(table, name === "four" && site !== here ? REPLICATED : "MergeTree"));
    }
    for (const day of DAYS) {
      const of = Math.round(rows / DAYS.length);
      await load(here, table, day, of);
      if (name === "one") await load(a1, table, day, of);
      else {for (const [at, site] of [a1, b1].entries()) {
          await load(site, table, day, of, `number % 2 = ${at}`);
        }}
    }
    if (name === "four") { for (const site of [a2, b2]) await site.query(`SYSTEM SYNC REPLICA ${table}`); }
  }
  for (const site of [primary, dr]) {
    await site.everywhere(`CREATE DATABASE ${EVERYWHERE}`);
    await site.everywhere(wideTable(`${EVERYWHERE}.t`, REPLICATED));
    for (const [at, [first]] of site.shards.entries()) {
      for (const day of DAYS) {
        await load(first!, `${EVERYWHERE}.t`, day, Math.round(rows / DAYS.length), `number % 2 = ${at}`);
      }
    }
    await site.everywhere(`SYSTEM SYNC REPLICA ${EVERYWHERE}.t`);
  }
}

/** For the servers of both sites: it tells what their statements took. */
export const QUERY_LOG = { config: { query_log: { database: "system", table: "query_log" } } };

/**
 * The whole check of equal sites, for the first time: all rows are digested. On one machine every server of a site takes time from
 * the others, so what the statements took of the cores is told besides.
 */
export async function measureShards(sites: ReplicatedSites, runs: number): Promise<Result[]> {
  const [[a1, a2], [b1, b2]] = sites.primary.shards as [[Site, Site], [Site, Site]];
  const settings: Record<Case, Partial<Settings>> = {
    one: {},
    two: { shards: [[a1], [b1]].map((shard) => shard.map(address)) },
    four: { shards: [[a1, a2], [b1, b2]].map((shard) => shard.map(address)) },
  };
  const servers = [...sites.primary.replicas, sites.first.dr];
  const measure = async (name: Case) => {
    const others = [...CASES, EVERYWHERE].filter((other) => other !== name).map((other) => `${other}.*`);
    const excludePatterns = ["system.*", ...others];
    await takeWork(servers);
    const time = await seconds(async () => {
      const { outcome, error } = await checkSites(sites.first, {
        settings: { ...settings[name], excludePatterns },
        deep: false,
      });
      if (outcome !== "completed") throw new Error(`The check ended as ${outcome}: ${error}`);
    });
    return { time, ...await takeWork(servers) };
  };
  for (const name of CASES) await measure(name);
  const measured: { readonly [name in Case]: Work & { readonly time: number } }[] = [];
  for (let run = 0; run < runs; run++) {
    measured.push({ one: await measure("one"), two: await measure("two"), four: await measure("four") });
  }
  const against = "the same of one server";
  const pairs = (name: Case, of: "time" | "cores") =>
    measured.map(({ one, [name]: it }) => ({ theirs: one[of], ours: it[of] }));
  return [
    compare("a site of 2 shards, the whole check", against, pairs("two", "time"), 1.3),
    compare("its statements, CPU seconds of all servers", against, pairs("two", "cores"), NaN),
    compare("2 shards of 2 replicas, the whole check", against, pairs("four", "time"), 1.3),
    compare("its statements, CPU seconds of all servers", against, pairs("four", "cores"), NaN),
  ];
}

/** What ch-sync's statements took since this was asked last. */
export interface Work {
  /** CPU seconds, those of what they sent on to other servers included. */
  readonly cores: number;
  /** Those that ch-sync sent itself. */
  readonly statements: number;
}

export async function takeWork(servers: readonly Site[]): Promise<Work> {
  let [microseconds, statements] = [0, 0];
  for (const server of servers) {
    await server.query("SYSTEM FLUSH LOGS");
    const [row] = await server.rows<{ cores: string; sent: string }>(
      "SELECT toString(sum(ProfileEvents['OSCPUVirtualTimeMicroseconds'])) AS cores, toString(countIf(is_initial_query)) AS sent " +
        "FROM system.query_log WHERE type != 'QueryStart' AND initial_query_id LIKE 'ch-sync-%'",
    );
    microseconds += Number(row!.cores);
    statements += Number(row!.sent);
    await server.query("TRUNCATE TABLE system.query_log");
  }
  return { cores: microseconds / 1e6, statements };
}

function address({ url, host, tcpPort }: Site) {
  return { url, native: { host, port: tcpPort, secure: false } };
}
