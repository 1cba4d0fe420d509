/** One check of so much, measured once its sites are warm. */
import { cpuUsage } from "node:process";
import { checkSites, type CheckSitesOptions, drSettings } from "../../test/support/sites/check_sites.ts";
import { startSlowLink } from "../../test/support/links/slow_link.ts";
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import { type Site, startTwoSites, type TwoSites } from "../../test/support/sites/two_sites.ts";
import { QUERY_LOG } from "../bench/clusters.ts";
import { seconds } from "../bench/measuring.ts";
import { growingPartitions } from "../bench/quiet_checks.ts";
import { fill, makeTables } from "../bench/small_tables.ts";
import type { Point, SERIES } from "./measured.ts";

export type Name = keyof typeof SERIES;

interface Prepared extends Pick<CheckSitesOptions, "only" | "wrap"> {
  /** What happens between the check that warms the sites up and the one that is measured. */
  readonly between?: () => Promise<unknown>;
  /** It finds everything for the first time. */
  readonly first?: true;
}

const DAY_ROWS = 24_000;
const FAR_TABLES = 4;

export const SIZES: Readonly<Record<Name, readonly number[]>> = {
  partitions: [1000, 10_000, 100_000, 1_000_000],
  tables: [1, 10, 100, 1000],
  gaps: [1, 4, 16, 64],
  rows: [10_000, 100_000, 1_000_000, 10_000_000],
  latency: [1, 50, 200],
};

const PREPARE: Readonly<Record<Name, (sites: TwoSites, size: number, memory: string) => Promise<Prepared>>> =
  {
    partitions: async (sites, size, memory) => ({
      only: ["growth.t"],
      ...await growingPartitions(sites, size, memory, true),
    }),
    tables: async (sites, size) => {
      await makeTables([sites.primary, sites.dr], "scaling", size, 10, 1000);
      return {};
    },
    gaps: makeGaps,
    rows: async (sites, size) => {
      await makeTables([sites.primary, sites.dr], "scaling", 1, 1, size);
      return { first: true };
    },
    latency: (sites) => makeGaps(sites, FAR_TABLES),
  };

export async function measurePoint(name: Name, size: number): Promise<{ point: Point; version: string }> {
  await using sites = await startTwoSites({ primary: QUERY_LOG, dr: QUERY_LOG });
  const { primary, dr } = sites;
  await using directory = await temporaryDirectory();
  const { between, first, ...options } = await PREPARE[name](sites, size, directory.path);
  await using http = startSlowLink(Number(new URL(primary.url).port));
  await using native = startSlowLink(primary.tcpPort);
  const settings = {
    remote: { ...drSettings(sites).remote, url: `http://127.0.0.1:${http.port}` },
    remoteNative: { host: "127.0.0.1", port: native.port, secure: false },
  };
  const check = async (memory?: string) => {
    const { outcome, error } = await checkSites(sites, { ...options, settings, ...memory ? { memory } : {} });
    if (outcome !== "completed") throw new Error(`The check ended as ${outcome}: ${error}`);
  };
  await check(first ? undefined : directory.path);
  await between?.();
  if (name === "latency") http.delayMs = native.delayMs = native.connectMs = size;
  await Promise.all([primary, dr].map(takeStatements));
  const passed = () => http.bytes + native.bytes;
  const before = passed();
  let most = 0;
  const timer = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 20);
  let own = 0;
  const time = await seconds(async () => {
    const begun = cpuUsage();
    await check(first ? undefined : directory.path);
    const { user, system } = cpuUsage(begun);
    own = (user + system) / 1e6;
  });
  clearInterval(timer);
  const kilobytes = Math.round((passed() - before) / 100) / 10;
  const [here, there] = [await takeStatements(dr), await takeStatements(primary)];
  const cpuSeconds = Math.round((own + here.cpuSeconds + there.cpuSeconds) * 100) / 100;
  const rounded = Math.round(time * 100) / 100;
  return {
    point: {
      x: size,
      seconds: rounded,
      cpuSeconds,
      megabytes: Math.round(most / 1e6),
      here: here.statements,
      there: there.statements,
      kilobytes,
    },
    version: (await dr.query("SELECT version()")).trim(),
  };
}

/** Statements of ch-sync, and of its statements at the other site, since this was asked last, and what they took of the cores. */
async function takeStatements(site: Site): Promise<{ statements: number; cpuSeconds: number }> {
  await site.query("SYSTEM FLUSH LOGS");
  const [statements, microseconds] = (await site.query(
    "SELECT count(), sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) FROM system.query_log " +
      "WHERE type != 'QueryStart' AND initial_query_id LIKE 'ch-sync-%'",
  )).split("\t").map(Number) as [number, number];
  await site.query("TRUNCATE TABLE system.query_log");
  return { statements, cpuSeconds: microseconds / 1e6 };
}

async function makeGaps(sites: TwoSites, tables: number): Promise<Prepared> {
  await makeTables([sites.primary, sites.dr], "scaling", tables, 1, DAY_ROWS);
  const between = async () => {
    for (let at = 0; at < tables; at++) {
      await sites.dr.query(`TRUNCATE TABLE scaling.t${at} SYNC`);
      await fill(sites.dr, `scaling.t${at}`, 1, DAY_ROWS, "toHour(ts) NOT IN (4, 5)");
    }
  };
  return { between };
}
