/** An active site of several shards, each a server of its own, and a passive one of one server. */
import type { Settings } from "../../../src/model/settings.ts";
import { type Site, type SiteOptions, startSite, startTogether, type TwoSites } from "./two_sites.ts";

export interface ShardedSites extends AsyncDisposable {
  readonly shards: readonly Site[];
  readonly dr: Site;
  /** The first shard and the passive site. */
  readonly first: TwoSites;
  /** What names these shards, counted from 0; default: all. */
  settings(shards?: readonly number[]): Pick<Settings, "shards" | "remote" | "remoteNative">;
  /** Runs a statement on each shard and at the passive site. */
  everywhere(sql: string): Promise<void>;
}

/** @param ofShard options of a server, by its shard, counted from 0 */
export async function startShardedSites(
  count = 3,
  ofShard: (shard: number) => SiteOptions = () => ({}),
): Promise<ShardedSites> {
  const together = await startTogether("ch-sync-shards-", (directory) => [
    ...Array.from(
      { length: count },
      (_, at) => startSite(`${directory}/primary-${at}`, "canary-primary-pw", {}, ofShard(at)),
    ),
    startSite(`${directory}/dr`, "canary-dr-pw", {}),
  ]);
  const shards = together.sites.slice(0, count);
  const dr = together.sites[count]!;
  const addresses = shards.map(({ url, host, tcpPort }) => ({
    url,
    native: { host, port: tcpPort, secure: false },
  }));
  return {
    shards,
    dr,
    first: { primary: shards[0]!, dr, [Symbol.asyncDispose]: () => Promise.resolve() },
    settings(wanted = shards.map((_, at) => at)) {
      const some = wanted.map((at) => addresses[at]!);
      return {
        shards: some.length === 1 ? [] : some.map((address) => [address]),
        remote: { ...shards[wanted[0]!]!.endpoint },
        remoteNative: some[0]!.native,
      };
    },
    async everywhere(sql) {
      await Promise.all([...shards, dr].map((site) => site.query(sql)));
    },
    [Symbol.asyncDispose]: () => together[Symbol.asyncDispose](),
  };
}
