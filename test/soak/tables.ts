/** The tables of a night, how collectors reach them, and what a site holds of them. */
import type { Site } from "../support/sites/two_sites.ts";
import type { NightKind, SoakSite } from "./site.ts";

export interface NightTable {
  readonly name: string;
  /** Rows of one key become one. */
  readonly merges: boolean;
  /** The table whose view fills it; null: collectors do. */
  readonly from: string | null;
  /** How collectors put rows into it. */
  readonly ways: readonly Way[];
}

/**
 * `local`: into the table of the server itself, which is one of some shard. `all`: into a `Distributed` table, which answers once the
 * shards have the rows. `queue`: the same, and it answers once the rows are in its queue.
 */
export type Way = "local" | "all" | "queue";

const COLUMNS = "ts DateTime64(3, 'UTC'), batch UInt32, n UInt32, host LowCardinality(String)";
const PARTITION = "PARTITION BY toStartOfTenMinutes(ts)";
export const ROLLUP =
  "SELECT toStartOfMinute(ts) AS minute, count() AS requests FROM d.viewed GROUP BY minute";

const filled = (name: string, ways: readonly Way[], merges = false): NightTable => ({
  name,
  merges,
  from: null,
  ways,
});

export const TABLES: Readonly<Record<NightKind, readonly NightTable[]>> = {
  servers: [filled("d.plain", ["local"]), filled("d.viewed", ["local"])],
  clusters: [
    // While a row waits in a queue, the table is not READY: few do.
    filled("d.plain", ["local", "local", "local", "all", "all", "all", "queue"]),
    // A queue that sends once more what a shard has already feeds no view again, whatever became of the first time.
    filled("d.viewed", ["local", "all"]),
    { name: "d.copied", merges: false, from: "d.viewed", ways: [] },
    // All rows of a key are to be on one shard.
    filled("d.latest", ["all", "all", "all", "all", "all", "queue"], true),
  ],
};

/** A server that lost its session with Keeper opens another one once it looks for that: by default, once a minute. */
const REOPENS = "zookeeper_session_expiration_check_period = 1";

/** A table as servers of this site have it: replicated, where it has a Keeper. */
export function placed({ keeper }: SoakSite, name: string, definition: string): string {
  if (keeper === null) return definition;
  const path = `'/tables/{shard}/${name}', '{replica}'`;
  const replicated = definition.replace(
    /ENGINE = (\w*MergeTree)(?:\(([^()]*)\))?/,
    (_, engine: string, more?: string) => `ENGINE = Replicated${engine}(${path}${more ? `, ${more}` : ""})`,
  );
  return `${replicated}${/\bSETTINGS\b/.test(replicated) ? "," : " SETTINGS"} ${REOPENS}`;
}

const defined = ({ name, merges }: NightTable) =>
  `CREATE TABLE ${name} (${COLUMNS}) ENGINE = ${
    merges ? "ReplacingMergeTree(ts)" : "MergeTree"
  } ${PARTITION} ORDER BY ${merges ? "(batch, n)" : "(host, ts)"}`;

/** After a failure queues wait longer from one try to the next, up to half a minute, and for minutes: no check would be clean. */
export const QUEUE = "SETTINGS background_insert_max_sleep_time_ms = 1000";

/** Statements that make all of it, at each server of a site. */
const SCHEMAS: Readonly<Record<NightKind, (site: SoakSite) => readonly string[]>> = {
  servers: (site) => [
    "CREATE DATABASE d",
    ...TABLES.servers.map((table) => placed(site, table.name, defined(table))),
    "CREATE TABLE d.minutes (minute DateTime('UTC'), requests UInt64) ENGINE = SummingMergeTree ORDER BY minute",
    `CREATE MATERIALIZED VIEW d.to_minutes TO d.minutes AS ${ROLLUP}`,
  ],
  clusters: (site) => [
    "CREATE DATABASE d",
    ...TABLES.clusters.flatMap((table) => [
      placed(site, table.name, defined(table)),
      ...site.keeper === null || table.ways.length === 0 ? [] : [
        `CREATE TABLE ${table.name}_all AS ${table.name} ENGINE = Distributed(site, ${
          table.name.replace(".", ", ")
        }, n) ${QUEUE}`,
      ],
    ]),
    "CREATE MATERIALIZED VIEW d.to_copied TO d.copied AS SELECT ts, batch, n, host FROM d.viewed",
  ],
};

/** One after the other: replicas that are made at the same time wait for each other. */
export async function createTables(site: SoakSite, kind: NightKind): Promise<void> {
  for (const server of site.servers) {
    for (const statement of SCHEMAS[kind](site)) await server.query(statement);
  }
}

/** By batch, how often each of its rows is held, by the row's number. */
export type Held = ReadonlyMap<number, readonly number[]>;

/** What these servers hold since then, one beside the other. */
async function heldBy(servers: readonly Site[], { name, merges }: NightTable, since = 0): Promise<Held[]> {
  const each = `SELECT batch, n, toUInt32(count()) AS c FROM ${name}${
    merges ? " FINAL" : ""
  } WHERE ts >= fromUnixTimestamp64Milli(toInt64(${since})) GROUP BY batch, n`;
  return await Promise.all(servers.map(async ({ query }) => {
    const text = await query(
      `SELECT batch, groupArray(n), groupArray(c) FROM (${each}) GROUP BY batch FORMAT JSONCompactEachRow`,
    );
    return new Map(
      text.split("\n").filter(Boolean).map((line) => {
        const [batch, rows, times]: [number, number[], number[]] = JSON.parse(line);
        const held: number[] = [];
        for (const [at, row] of rows.entries()) held[row] = times[at]!;
        return [batch, held] as const;
      }),
    );
  }));
}

/** What a site holds since then (unix milliseconds), whichever replica of a shard has it. */
export async function heldAnywhere(site: SoakSite, table: NightTable, since: number): Promise<Held> {
  const shards = await Promise.all(
    site.shards.map(async (shard) => together(await heldBy(shard, table, since), Math.max)),
  );
  return together(shards, (a, b) => a + b);
}

/** What a site holds by its first replicas, and by its second ones. */
export async function heldByEach(site: SoakSite, table: NightTable): Promise<Held[]> {
  const replicas = site.shards[0]!.map((_, at) => site.shards.map((shard) => shard[at]!));
  return await Promise.all(
    replicas.map(async (servers) => together(await heldBy(servers, table), (a, b) => a + b)),
  );
}

function together(all: readonly Held[], put: (a: number, b: number) => number): Held {
  const result = new Map<number, number[]>();
  for (const [batch, rows] of all.flatMap((one) => [...one])) {
    const held = result.get(batch) ?? [];
    for (const [at, times] of rows.entries()) held[at] = put(held[at] ?? 0, times ?? 0);
    result.set(batch, held);
  }
  return result;
}

/** Waits until no row is on its way inside the site. */
export async function atRest({ keeper, servers }: SoakSite): Promise<void> {
  if (keeper === null) return;
  const named = (server: Site, engine: string) =>
    server.rows<{ name: string }>(
      `SELECT database || '.' || name AS name FROM system.tables WHERE database IN ('d', 'otel') AND ${engine} ORDER BY name`,
    );
  for (const server of servers) {
    for (const { name } of await named(server, "engine = 'Distributed'")) {
      await server.query(`SYSTEM FLUSH DISTRIBUTED ${name}`);
    }
  }
  for (const server of servers) {
    for (const { name } of await named(server, "engine LIKE 'Replicated%'")) {
      await server.query(`SYSTEM SYNC REPLICA ${name}`);
    }
  }
}
