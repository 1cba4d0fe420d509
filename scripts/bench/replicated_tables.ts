/** Quiet checks of many Replicated tables, against those of as many plain ones: what grows table by table shows here. */
import type { Settings } from "../../src/model/settings.ts";
import { checkSites } from "../../test/support/sites/check_sites.ts";
import type { ReplicatedSites } from "../../test/support/sites/replicated_sites.ts";
import type { Site } from "../../test/support/sites/two_sites.ts";
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import { takeWork } from "./clusters.ts";
import { median, seconds } from "./measuring.ts";

const REPLICATED = "ReplicatedMergeTree('/tables/{shard}/{database}/{table}', '{replica}')";

/** One database of plain tables at the first replicas, and one of Replicated tables at all of them, of three parts each. */
export async function makeReplicatedTables({ primary, dr }: ReplicatedSites, tables: number): Promise<void> {
  const fill =
    "SELECT toDateTime('2025-01-01 00:00:00', 'UTC') + 86400 * (number % 3), number FROM numbers(9)";
  const make = async (database: string, replicas: readonly Site[], engine: string) => {
    for (const site of replicas) await site.query(`CREATE DATABASE ${database}`);
    await many(tables, async (table) => {
      const name = `${database}.t${table}`;
      for (const site of replicas) {
        await site.query(
          `CREATE TABLE ${name} (ts DateTime('UTC'), v UInt32) ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY ts`,
        );
      }
      await replicas[0]!.query(`INSERT INTO ${name} ${fill}`);
      for (const other of replicas.slice(1)) await other.query(`SYSTEM SYNC REPLICA ${name}`);
    });
  };
  for (const { replicas } of [primary, dr]) {
    await make("plain", replicas.slice(0, 1), "MergeTree");
    await make("many", replicas, REPLICATED);
  }
}

/** Some at a time. */
async function many(count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Lines of a table: what is checked, statements, CPU seconds of all servers, seconds. */
export async function measureReplicatedTables(
  sites: ReplicatedSites,
  tables: number,
  runs: number,
): Promise<string[]> {
  const { primary, dr } = sites;
  const servers = [...primary.replicas, ...dr.replicas];
  const named = (replicas: readonly Site[]) => [
    replicas.map(({ url, host, tcpPort }) => ({ url, native: { host, port: tcpPort, secure: false } })),
  ];
  const two: Partial<Settings> = { shards: named(primary.replicas), localShards: named(dr.replicas) };
  const cases = [
    ["plain tables", "plain", {}],
    ["`Replicated…`, one address a site", "many", {}],
    ["`Replicated…`, two addresses a site", "many", two],
  ] as const;
  const lines: string[] = [];
  for (const [name, database, settings] of cases) {
    await using directory = await temporaryDirectory();
    const excludePatterns = ["system.*", database === "plain" ? "many.*" : "plain.*"];
    const check = async () => {
      const options = { memory: directory.path, settings: { ...settings, excludePatterns } };
      const report = await checkSites(sites.first, options);
      const proven = report.tables.filter(({ findings }) => findings.length === 0).length;
      if (proven !== tables) throw new Error(`${proven} of ${tables} tables were proven: ${report.error}`);
    };
    await check(); // what proves them
    const taken: { readonly time: number; readonly cores: number; readonly statements: number }[] = [];
    for (let run = 0; run < runs; run++) {
      await takeWork(servers);
      const time = await seconds(check);
      taken.push({ time, ...await takeWork(servers) });
    }
    const of = (what: "time" | "cores" | "statements") => median(taken.map((one) => one[what]));
    lines.push(`| ${name} | ${of("statements")} | ${of("cores").toFixed(2)} | ${of("time").toFixed(1)} s |`);
  }
  return lines;
}
