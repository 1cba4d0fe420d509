/** The checks that would read other addresses than the one of now: after a failover, what is wrong with those counts. */
import type { PickedReplicas, SiteReplicas } from "../model/replica_pick.ts";
import type { NativeAddress, ReplicaAddress, Settings } from "../model/settings.ts";

/** Of this site. */
interface OwnAddress {
  readonly url: string;
  /** Null: no server of the site reads another one. */
  readonly native: NativeAddress | null;
}

type Configured = Pick<
  Settings,
  "local" | "remote" | "remoteNative" | "replicas" | "shards" | "localShards"
>;

/**
 * Settings that each read other servers, so that every server which answers and reads the others, reads each address that answers.
 *
 * @param settings with all addresses
 * @returns without those that were picked
 */
export function otherPicks<Given extends Configured>(settings: Given, picked: PickedReplicas): Given[] {
  const { here, there } = answering(settings, picked);
  const [readers = [], ...others] = here;
  const each = Math.max(0, ...[...others, ...there].map((shard) => shard.length));
  if ([...here, ...there].some((shard) => shard.length === 0)) return [];
  return readers.flatMap((reader) =>
    Array.from({ length: each }, (_, at) => {
      const own = [reader, ...others.map((shard) => shard[at % shard.length]!)];
      return reading(settings, own, there.map((shard) => shard[at % shard.length]!));
    })
  ).slice(1);
}

/** For each address of the site that answers, settings that read it alone; none: the site has one address. */
export function alone<Given extends Configured>(
  settings: Given,
  picked: PickedReplicas,
  side: "local" | "remote",
): Given[] {
  const { here, there } = answering(settings, picked);
  const [ofSite, one] = side === "local"
    ? [settings.replicas.local.length + settings.localShards.length, here]
    : [settings.replicas.remote.length + settings.shards.length, there];
  if (ofSite === 0) return [];
  return one.flat().map(({ url }) => ({
    ...settings,
    [side]: { ...settings[side], url },
    shards: [],
    localShards: [],
  }));
}

/** By shard, those that answer, the one that was picked first. Of a site with one address it is not asked. */
function answering(settings: Configured, { local, remote, shards, localShards }: PickedReplicas) {
  const { replicas } = settings;
  const urls = replicas.local.length > 0 ? replicas.local : [settings.local.url];
  const natives = replicas.remote.length > 0
    ? replicas.remote
    : [{ url: settings.remote.url, native: settings.remoteNative }];
  const here: readonly (readonly OwnAddress[])[] = settings.localShards.length > 0
    ? settings.localShards.map((shard, at) => whoAnswer(shard, localShards[at] ?? null))
    : [whoAnswer(urls.map((url) => ({ url, native: null })), local)];
  const there: readonly (readonly ReplicaAddress[])[] = settings.shards.length > 0
    ? settings.shards.map((shard, at) => whoAnswer(shard, shards[at] ?? null))
    : [whoAnswer(natives, remote)];
  return { here, there };
}

function whoAnswer<Address extends { readonly url: string }>(
  shard: readonly Address[],
  picked: SiteReplicas | null,
): Address[] {
  if (picked === null) return [...shard];
  const answers = shard.filter(({ url }) => picked.servers.some((server) => server.url === url));
  return answers.toSorted((a, b) => Number(b.url === picked.url) - Number(a.url === picked.url));
}

function reading<Given extends Configured>(
  settings: Given,
  here: readonly OwnAddress[],
  there: readonly ReplicaAddress[],
): Given {
  const [own, other] = [here[0]!, there[0]!];
  return {
    ...settings,
    local: { ...settings.local, url: own.url },
    remote: { ...settings.remote, url: other.url },
    remoteNative: other.native,
    shards: settings.shards.length === 0 ? [] : there.map((one) => [one]),
    localShards: here.flatMap(({ url, native }) => native === null ? [] : [[{ url, native }]]),
  };
}
