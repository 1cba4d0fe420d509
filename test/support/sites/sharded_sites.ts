/** An active site of several shards, each a server of its own, and a passive one of one server, or of several shards too. */
import type { Settings } from "../../../src/model/settings.ts";
import { freePort } from "./free_port.ts";
import { type Site, type SiteOptions, startSite, startTogether, type TwoSites } from "./two_sites.ts";

/** The cluster of the passive site in the configuration of its servers, where it has several shards. */
export const OWN_CLUSTER = "dr";

type Named = Pick<Settings, "shards" | "remote" | "remoteNative">;

export interface ShardedSites extends AsyncDisposable {
  readonly shards: readonly Site[];
  /** The passive site: its first shard. */
  readonly dr: Site;
  readonly drs: readonly Site[];
  /** The first shard and the passive site. */
  readonly first: TwoSites;
  /** What names these shards, counted from 0; default: all. */
  settings(shards?: readonly number[]): Named;
  /** The same, and what names these shards of the passive site. */
  settingsOfBoth(
    shards?: readonly number[],
    here?: readonly number[],
  ): Named & Pick<Settings, "local" | "localShards">;
  /** Runs a statement on each shard and at the passive site. */
  everywhere(sql: string): Promise<void>;
}

type DrOptions = SiteOptions & {
  readonly leastPrivilege?: Parameters<typeof startSite>[2]["leastPrivilege"];
};

/** Of `sync` at the servers of either site. */
export const PASSWORD = "canary-primary-pw";
export const DR_PASSWORD = "canary-dr-pw";

/** Who may do everything but look at the cluster, with the password of `sync`. */
export const BLIND = "blind";

function blind(password: string) {
  return { users: { [BLIND]: { password, grants: ["ALL ON *.*", "REVOKE SELECT ON system.clusters"] } } };
}

/**
 * @param ofShard options of a server of the active site, by its shard, counted from 0
 * @param weights of the shards of the passive site in its cluster; default: it has one, and no cluster
 * @param ofDr the options of its servers, or of each by its shard, counted from 0
 */
export async function startShardedSites(
  count = 3,
  ofShard: (shard: number) => SiteOptions = () => ({}),
  weights: readonly number[] = [1],
  ofDr: DrOptions | ((shard: number) => DrOptions) = {},
): Promise<ShardedSites> {
  const ports = weights.map(() => weights.length === 1 ? 0 : freePort());
  const shard = weights.map((weight, at) => ({
    weight,
    replica: { host: "127.0.0.1", port: ports[at], user: "sync", password: DR_PASSWORD },
  }));
  const startDr = (directory: string, at: number) => {
    const { leastPrivilege, ...options } = typeof ofDr === "function" ? ofDr(at) : ofDr;
    const cluster = weights.length === 1
      ? {}
      : { config: { remote_servers: { [OWN_CLUSTER]: { shard } }, ...options.config } };
    return startSite(
      `${directory}/dr-${at}`,
      DR_PASSWORD,
      { ...blind(DR_PASSWORD), ...leastPrivilege ? { leastPrivilege } : {} },
      { tcpPort: ports[at]!, ...options, ...cluster },
    );
  };
  const together = await startTogether("ch-sync-shards-", (directory) => [
    ...Array.from(
      { length: count },
      (_, at) => startSite(`${directory}/primary-${at}`, PASSWORD, blind(PASSWORD), ofShard(at)),
    ),
    ...weights.map((_, at) => startDr(directory, at)),
  ]);
  const shards = together.sites.slice(0, count);
  const drs = together.sites.slice(count);
  const dr = drs[0]!;
  const addressOf = ({ url, host, tcpPort }: Site) => ({
    url,
    native: { host, port: tcpPort, secure: false },
  });
  const settings = (wanted: readonly number[] = shards.map((_, at) => at)): Named => {
    const some = wanted.map((at) => addressOf(shards[at]!));
    return {
      shards: some.length === 1 ? [] : some.map((address) => [address]),
      remote: { ...shards[wanted[0]!]!.endpoint },
      remoteNative: some[0]!.native,
    };
  };
  return {
    shards,
    dr,
    drs,
    first: { primary: shards[0]!, dr, [Symbol.asyncDispose]: () => Promise.resolve() },
    settings,
    settingsOfBoth(wanted, here = drs.map((_, at) => at)) {
      const some = here.map((at) => drs[at]!);
      return {
        ...settings(wanted),
        local: { ...some[0]!.writer },
        localShards: some.length === 1 ? [] : some.map((site) => [addressOf(site)]),
      };
    },
    async everywhere(sql) {
      await Promise.all([...shards, ...drs].map((site) => site.query(sql)));
    },
    [Symbol.asyncDispose]: () => together[Symbol.asyncDispose](),
  };
}
