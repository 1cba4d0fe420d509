/** Two real sites of shards and replicas, each with a ZooKeeper of its own, or with one for both. */
import { freePort } from "./free_port.ts";
import { type Site, startSite, startTogether, type TwoSites, type TwoSitesOptions } from "./two_sites.ts";
import { startZooKeeper, type ZooKeeper } from "./zookeeper.ts";

/** The cluster of a site in the configuration of its servers: its shards and their replicas. */
export const CLUSTER = "site";

/** Another cluster of the same servers, whose shards have weights. */
export const WEIGHTED = "weighted";

export interface ReplicatedSite {
  readonly keeper: ZooKeeper;
  /** By shard, the replicas. */
  readonly shards: readonly (readonly Site[])[];
  readonly replicas: readonly Site[];
  /** Runs a statement at every replica. */
  everywhere(sql: string): Promise<void>;
}

export interface ReplicatedSites extends AsyncDisposable {
  readonly primary: ReplicatedSite;
  readonly dr: ReplicatedSite;
  /** The first replicas, as ch-sync at the DR site meets them. */
  readonly first: TwoSites;
  /** Two replicas of the first shards, counted from 0. */
  pair(primary: number, dr: number): TwoSites;
}

export interface ReplicatedSitesOptions extends TwoSitesOptions {
  /** Of each site; default: 1 and 2. */
  readonly shards?: number;
  readonly replicas?: number;
  /** Of each shard, in {@link WEIGHTED}; default: there is no such cluster. */
  readonly weights?: readonly number[];
  /** Of second replicas, rights that `leastPrivilege` would give, as in its `without`. */
  readonly secondWithout?: readonly string[];
  /** Both sites have the same one; default: each has its own. */
  readonly oneKeeper?: boolean;
}

/**
 * Starts all of it side by side. The macros `shard` and `replica` are those of a server, `site` is `primary` or `dr`. The replicas
 * of both sites are called alike, `r1` and `r2`.
 */
export async function startReplicatedSites(options: ReplicatedSitesOptions = {}): Promise<ReplicatedSites> {
  await using unlessMoved = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-keepers-" });
  unlessMoved.defer(() => Deno.remove(directory, { recursive: true }));
  const keeper = async (name: string) => {
    const started = await startZooKeeper(`${directory}/${name}`);
    unlessMoved.use(started);
    return started;
  };
  const keepers = await Promise.all(options.oneKeeper ? [keeper("both")] : [keeper("primary"), keeper("dr")]);
  const [ofPrimary, ofDr = ofPrimary] = keepers as [ZooKeeper, ZooKeeper?];
  const places = placesOf(options);
  const together = await startTogether("ch-sync-replicas-", (directory) => [
    ...startReplicas("primary", directory, ofPrimary, options),
    ...startReplicas("dr", directory, ofDr, options),
  ]);
  unlessMoved.use(together);
  const [primary, dr] = [
    siteOf(ofPrimary, together.sites.slice(0, places.length), places),
    siteOf(ofDr, together.sites.slice(places.length), places),
  ];
  const all = unlessMoved.move();
  const dispose = async () => {
    for (const one of keepers) one.resume();
    await all.disposeAsync();
  };
  const pair = (atPrimary: number, atDr: number): TwoSites => ({
    primary: primary.replicas[atPrimary]!,
    dr: dr.replicas[atDr]!,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  return { primary, dr, first: pair(0, 0), pair, [Symbol.asyncDispose]: dispose };
}

/** Starts one of them alone. */
export async function startReplicatedSite(
  name: "primary" | "dr",
  options: ReplicatedSitesOptions,
): Promise<ReplicatedSite & AsyncDisposable> {
  await using unlessMoved = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-keepers-" });
  unlessMoved.defer(() => Deno.remove(directory, { recursive: true }));
  const keeper = unlessMoved.use(await startZooKeeper(`${directory}/${name}`));
  const { sites } = unlessMoved.use(
    await startTogether("ch-sync-replicas-", (directory) => startReplicas(name, directory, keeper, options)),
  );
  const all = unlessMoved.move();
  const dispose = async () => {
    keeper.resume();
    await all.disposeAsync();
  };
  return { ...siteOf(keeper, sites, placesOf(options)), [Symbol.asyncDispose]: dispose };
}

interface Place {
  readonly shard: number;
  readonly replica: number;
}

function placesOf({ shards = 1, replicas = 2 }: ReplicatedSitesOptions): Place[] {
  return Array.from({ length: shards * replicas }, (_, at) => ({
    shard: Math.floor(at / replicas),
    replica: at % replicas,
  }));
}

function startReplicas(
  site: "primary" | "dr",
  directory: string,
  keeper: ZooKeeper,
  options: ReplicatedSitesOptions,
): Promise<Site>[] {
  const password = `canary-${site}-pw`;
  const { config, ...more } = options[site] ?? {};
  const places = placesOf(options).map((place) => ({ ...place, tcpPort: freePort() }));
  const shard = [...Map.groupBy(places, ({ shard }) => shard).values()].map((shard) => ({
    internal_replication: true,
    replica: shard.map(({ tcpPort }) => ({ host: "127.0.0.1", port: tcpPort, user: "sync", password })),
  }));
  const { weights, leastPrivilege, secondWithout } = options;
  const remote_servers = {
    [CLUSTER]: { shard },
    ...(weights && { [WEIGHTED]: { shard: shard.map((one, at) => ({ weight: weights[at], ...one })) } }),
  };
  const second = leastPrivilege && secondWithout
    ? { ...options, leastPrivilege: { ...leastPrivilege, without: secondWithout } }
    : options;
  return places.map(({ shard, replica, tcpPort }) =>
    startSite(`${directory}/${site}-${shard}-${replica}`, password, replica === 1 ? second : options, {
      ...more,
      tcpPort,
      zookeeper: keeper.port,
      config: {
        macros: { site, shard: shard + 1, replica: `r${replica + 1}` },
        remote_servers,
        ...config,
      },
    })
  );
}

function siteOf(keeper: ZooKeeper, replicas: readonly Site[], places: readonly Place[]): ReplicatedSite {
  const shards = [...Map.groupBy(replicas, (_, at) => places[at]!.shard).values()];
  return {
    keeper,
    shards,
    replicas,
    async everywhere(sql) {
      // One after the other: replicas that are made at the same time wait for each other.
      for (const replica of replicas) await replica.query(sql);
    },
  };
}
