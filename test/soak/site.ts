/** A site of a night: one server, or a cluster of two shards with two replicas each and a Keeper. */
import type { SiteName } from "../../src/model/site.ts";
import { type FaultyLink, startFaultyLink } from "../support/links/faulty_link.ts";
import { environmentOf } from "../support/program/ch_sync.ts";
import { startReplicatedSite } from "../support/sites/replicated_sites.ts";
import { type Site, startSite, startTogether, startTwoSites } from "../support/sites/two_sites.ts";
import type { ZooKeeper } from "../support/sites/zookeeper.ts";
import { siteOf } from "../support/versions/engine_of_run.ts";
import type { OldEngine } from "../support/versions/engines.ts";

export const SITES = ["primary", "dr"] as const satisfies readonly SiteName[];

export interface SoakSite {
  readonly name: SiteName;
  /** By shard, the replicas: of a single server that one alone. */
  readonly shards: readonly (readonly Site[])[];
  readonly servers: readonly Site[];
  /** Null: a single server. */
  readonly keeper: ZooKeeper | null;
  /** The ways by which the other site reaches each server: its HTTP and its native port. */
  readonly links: ReadonlyMap<Site, readonly [http: FaultyLink, native: FaultyLink]>;
  /** Whether servers that are started from now on find no room on their disk; null: this engine knows no such thing. */
  full: boolean | null;
}

export type SoakSites = Readonly<Record<SiteName, SoakSite>>;

export type NightKind = "servers" | "clusters";

/** The engine of tests sends nothing from the queues of Distributed tables by itself, and fetches one part at a time. */
const POOLS = { background_distributed_schedule_pool_size: 4, background_fetches_pool_size: 4 };

/** Sites that are one server of another version: it has no listener for replicas, so it stands in no cluster. */
export type Engines = Readonly<Partial<Record<SiteName, OldEngine>>>;

/** More than any disk has. */
const NO_ROOM = 2 ** 50;

export async function startSoakSites(
  kind: NightKind,
  engines: Engines = {},
): Promise<SoakSites & AsyncDisposable> {
  await using unlessMoved = new AsyncDisposableStack();
  const rooms = { primary: { keep_free_space_bytes: 0 }, dr: { keep_free_space_bytes: 0 } };
  const config = (name: SiteName, more: Record<string, unknown> = {}) => ({
    config: { storage_configuration: { disks: { default: rooms[name] } }, ...POOLS, ...more },
  });
  const place = (name: SiteName, shards: SoakSite["shards"], keeper: ZooKeeper | null): SoakSite => {
    const link = (port: number) => unlessMoved.use(startFaultyLink(port));
    const servers = shards.flat();
    return {
      name,
      shards,
      servers,
      keeper,
      links: new Map(servers.map((one) => [one, [link(one.server.httpPort), link(one.tcpPort)] as const])),
      get full() {
        return engines[name] ? null : rooms[name].keep_free_space_bytes > 0;
      },
      set full(full) {
        rooms[name].keep_free_space_bytes = full ? NO_ROOM : 0;
      },
    };
  };
  let sites: SoakSites;
  if (kind === "clusters") {
    const start = async (name: SiteName) => {
      const engine = engines[name];
      if (engine) {
        const alone = unlessMoved.use(
          await startTogether("ch-sync-site-", (directory) => [
            startSite(`${directory}/${name}`, `canary-${name}-pw`, {}, siteOf(engine)),
          ]),
        );
        return place(name, [alone.sites], null);
      }
      const { shards, keeper, ...rest } = await startReplicatedSite(name, {
        shards: 2,
        [name]: config(name),
      });
      unlessMoved.use(rest);
      return place(name, shards, keeper);
    };
    sites = { primary: await start("primary"), dr: await start("dr") };
  } else {
    // Whether a repair that was killed has fed the views, the log of queries tells.
    const log = { query_log: { database: "system", table: "query_log", flush_interval_milliseconds: 500 } };
    const both = unlessMoved.use(
      await startTwoSites({ primary: config("primary", log), dr: config("dr", log) }),
    );
    sites = { primary: place("primary", [[both.primary]], null), dr: place("dr", [[both.dr]], null) };
  }
  const all = unlessMoved.move();
  return { ...sites, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Where ch-sync at one site finds both: the other one by links that can break. */
export function addressesOf(here: SoakSite, there: SoakSite): Record<string, string> {
  const list = (site: SoakSite, address: (server: Site) => string) =>
    site.shards.map((shard) => shard.map(address).join("|")).join(",");
  const local = `LOCAL_CH_URL=${list(here, ({ url }) => url)}`;
  const own = here.servers.length === 1
    ? []
    : [`LOCAL_CH_HOST=${list(here, ({ host, tcpPort }) => `${host}:${tcpPort}`)}`];
  const remote = [
    `REMOTE_CH_URL=${list(there, (server) => `http://127.0.0.1:${there.links.get(server)![0].port}`)}`,
    `REMOTE_CH_HOST=${list(there, (server) => `127.0.0.1:${there.links.get(server)![1].port}`)}`,
  ];
  const { REMOTE_CH_PORT: _, ...logins } = environmentOf(here.name, here.servers[0]!, there.servers[0]!);
  const pairs = [local, ...own, ...remote].map((line) => line.split(/=(.*)/s).slice(0, 2));
  return { ...logins, ...Object.fromEntries(pairs) };
}
