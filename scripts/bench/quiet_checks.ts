/** Checks that find nothing to do: how they grow with tables, partitions and the distance of the sites. */
import type { CheckPorts } from "../../src/check/ports/check_ports.ts";
import type { RememberedPartition } from "../../src/model/memory.ts";
import type { Partition } from "../../src/model/partition.ts";
import { tableName } from "../../src/model/table.ts";
import { checkSites, drSettings } from "../../test/support/sites/check_sites.ts";
import { startSlowLink } from "../../test/support/links/slow_link.ts";
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { checkApart } from "./check_apart.ts";
import { compare, megabytes, type Result, seconds, type Stopwatch } from "./measuring.ts";

export async function makeTables(sites: TwoSites, tables: number, partitions: number): Promise<void> {
  await Promise.all([sites.primary, sites.dr].map(async (site) => {
    await site.query("CREATE DATABASE quiet");
    for (let table = 0; table < tables; table++) {
      await site.query(
        `CREATE TABLE quiet.t${table} (ts DateTime('UTC'), v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts`,
      );
      await site.query(
        `INSERT INTO quiet.t${table} SELECT toDateTime('2025-01-01 00:00:00', 'UTC') + 86400 * (number % ${partitions}), ` +
          `number FROM numbers(${partitions * 3}) SETTINGS max_partitions_per_insert_block = 0`,
      );
    }
  }));
}

/** Against a loop that asks both sites for the parts of one table after the other. */
export async function measureQuiet(
  sites: TwoSites,
  tables: number,
  runs: number,
  what: string,
  time: Stopwatch,
): Promise<(Result | string)[]> {
  const name = `a quiet check, ${what}`;
  await using directory = await temporaryDirectory();
  const check = async () => {
    const { outcome } = await checkSites(sites, { memory: directory.path });
    if (outcome !== "completed") throw new Error(`The check ended as ${outcome}`);
  };
  await check();
  const pairs: { theirs: number; ours: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const theirs = await time(name, "theirs", async () => {
      for (let table = 0; table < tables; table++) {
        for (const site of [sites.primary, sites.dr]) {
          await site.query(
            `SELECT partition, sum(rows) FROM system.parts WHERE active AND database = 'quiet' AND table = 't${table}' ` +
              "GROUP BY partition ORDER BY partition",
          );
        }
      }
    });
    pairs.push({ theirs, ours: await time(name, "ours", check) });
  }
  const { seconds, mostMemory } = await checkApart(sites, directory.path);
  return [
    compare(name, "two queries of system.parts a table", pairs, 0.05),
    `${name}, in a process of its own, from source: ${seconds.toFixed(2)} s, ${
      megabytes(mostMemory)
    } at most`,
  ];
}

/** What a quiet check takes when the other site is `delayMs` away, and in how many questions to it. */
export async function measureDistance(sites: TwoSites, delayMs: number): Promise<string> {
  await using directory = await temporaryDirectory();
  await using link = startSlowLink(Number(new URL(sites.primary.url).port));
  const settings = { remote: { ...drSettings(sites).remote, url: `http://127.0.0.1:${link.port}` } };
  let questions = 0;
  const count = (ports: CheckPorts) => {
    const { connection } = ports.there as unknown as {
      connection: { rows(...all: unknown[]): Promise<unknown> };
    };
    const rows = connection.rows.bind(connection);
    connection.rows = (...all) => {
      questions++;
      return rows(...all);
    };
    return ports;
  };
  await checkSites(sites, { memory: directory.path, settings });
  link.delayMs = delayMs;
  const time = await seconds(() => checkSites(sites, { memory: directory.path, settings, wrap: count }));
  return `A quiet check at ${delayMs} ms latency: ${questions} questions and two pings to the other site, ${
    time.toFixed(2)
  } s`;
}

/**
 * So many proven partitions of one table, `growth.t`, made up by the servers.
 *
 * @param memory directory for what a first check leaves: each of them proven
 * @param everywhere no stretch of them has the parts that it was proven with, and not one in the middle alone
 * @returns what makes them up, and what has the table looked into again
 */
export async function growingPartitions(
  sites: TwoSites,
  partitions: number,
  memory: string,
  everywhere: boolean,
): Promise<{ wrap: (ports: CheckPorts) => CheckPorts; between: () => Promise<void> }> {
  for (const site of [sites.primary, sites.dr]) {
    await site.query("DROP DATABASE IF EXISTS growth SYNC");
    await site.query("CREATE DATABASE growth");
    await site.query(
      "CREATE TABLE growth.t (ts DateTime('UTC')) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
    );
  }
  const query = (after: string, upTo: string | null, limit: number) =>
    `SELECT leftPad(toString(number), 9, '0') AS id FROM numbers(${partitions}) ` +
    `WHERE number > ${after === "" ? -1 : Number(after)} AND number <= ${Number(upTo ?? partitions)} ` +
    `ORDER BY number LIMIT ${limit}`;
  /** Each of them is its own fingerprint. */
  const sums = (ends: readonly string[]) =>
    `SELECT arraySum([${
      ends.map((end) => `id > '${end}'`)
    }]) AS stretch, toString(sum(toUInt64(id))) AS fingerprint ` +
    `FROM (SELECT leftPad(toString(number), 9, '0') AS id FROM numbers(${partitions})) GROUP BY stretch`;
  const changed = Math.ceil(partitions / 2);
  const made = (id: string): Partition => ({
    id,
    rows: 3n,
    bytes: 900n,
    fingerprint: id,
    written: 0n,
    insertedAt: 0,
    changedAt: 0,
    hasLightweightDeletes: false,
    hasPatches: false,
  });
  let fingerprint = "as it was";
  const makeUp = (ports: CheckPorts) => {
    for (const [port, site] of [[ports.here, sites.dr], [ports.there, sites.primary]] as const) {
      port.summaries = () =>
        Promise.resolve(new Map([["growth.t", { partitions, rows: 3n, fingerprint, changedAt: 0 }]]));
      port.partitions = async ([id], page) => {
        const { after = "", upTo = null, limit = partitions } = page ?? {};
        const rows = await site.rows<{ id: string }>(query(after, upTo, limit));
        return new Map([[tableName(id!), new Map(rows.map(({ id }) => [id, made(id)]))]]);
      };
      port.stretchFingerprints = async (_, ends) => {
        const rows = await site.rows<{ stretch: string; fingerprint: string }>(sums(ends));
        const found = new Map(rows.map(({ stretch, fingerprint }) => [Number(stretch), fingerprint]));
        const at = everywhere ? [...found.keys()] : [ends.filter((end) => Number(end) < changed).length];
        for (const one of at) found.set(one, String(BigInt(found.get(one)!) + 1n));
        return Array.from({ length: ends.length + 1 }, (_, one) => found.get(one) ?? "");
      };
    }
    return ports;
  };
  // What an earlier check would have left: every partition proven.
  await checkSites(sites, { only: ["growth.t"], memory, wrap: (ports) => remembering(makeUp(ports)) });
  let changes = 0;
  const between = () => {
    fingerprint = `as it was after ${++changes} changes`; // or the table would not be looked into
    return Promise.resolve();
  };
  return { wrap: makeUp, between };
}

/** Seconds and megabytes that a check takes over so many proven partitions of one table. */
export async function measureGrowth(
  sites: TwoSites,
  partitions: number,
  where: "everywhere" | "in one place",
  time: Stopwatch,
): Promise<string> {
  const name = `a check over ${partitions} proven partitions, of which parts came and went ${where}`;
  await using directory = await temporaryDirectory();
  const { wrap, between } = await growingPartitions(
    sites,
    partitions,
    directory.path,
    where === "everywhere",
  );
  await between();
  let most = 0;
  const timer = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 20);
  let read = 0;
  const taken = await time(name, "ours", async () => {
    const report = await checkSites(sites, { only: ["growth.t"], memory: directory.path, wrap });
    read = report.tables[0]!.proven;
  });
  clearInterval(timer);
  if (read !== partitions) throw new Error(`${read} of ${partitions} partitions were proven`);
  return `${name}: ${taken.toFixed(2)} s, ${(most / 1e6).toFixed(0)} MB at most in this process`;
}

/** Ports that take every partition for proven, so that a first check leaves such a memory. */
function remembering(ports: CheckPorts): CheckPorts {
  const { memory, here, there } = ports;
  here.visibility = there.visibility = () => Promise.resolve({ stored: [], visible: [] });
  here.digests = there.digests = () => Promise.resolve([]);
  const remember = memory.remember.bind(memory);
  memory.remember = async (name, partitions) => {
    const proven = (id: string): RememberedPartition => ({
      rowsHere: 3n,
      rowsActive: 3n,
      quiet: true,
      arrivedAt: null,
      repair: null,
      digestedAt: Math.floor(Date.now() / 1000) - 60,
      proof: { here: id, active: id, written: 0n, city: 1n, reason: null, surplus: 0n },
    });
    await remember(name, new Map([...partitions.keys()].map((id) => [id, proven(id)])));
  };
  return ports;
}
