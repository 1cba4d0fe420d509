/** The identity of the settings on which a streak of clean checks depends. */
import type { Endpoint, Settings } from "../model/settings.ts";

/** SHA-256, in hexadecimal, of the role, both sites' URLs, what is left out, the settle window and the time columns. */
export async function settingsDigest(settings: Settings): Promise<string> {
  const { role, excludePatterns, settleSeconds, timeColumns, ignoreColumns } = settings;
  // A streak that was counted before there were such settings goes on.
  const more = [
    ...timeColumns.length > 0 ? [timeColumns] : [],
    ...ignoreColumns.length > 0 ? [{ ignoreColumns: [...ignoreColumns].sort() }] : [],
  ];
  const identity = JSON.stringify([
    role,
    settings.localShards.length === 0
      ? urlsOf(settings.local, settings.replicas.local)
      : shardsOf(settings.localShards),
    settings.shards.length === 0
      ? urlsOf(settings.remote, settings.replicas.remote.map(({ url }) => url))
      : shardsOf(settings.shards),
    [...excludePatterns].sort(),
    settleSeconds,
    ...more,
  ]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(identity));
  return new Uint8Array(hash).toHex();
}

function shardsOf(shards: Settings["shards"]): string {
  return shards.map((shard) => shard.map(({ url }) => url).sort().join("|")).join(",");
}

/** All of a site, whichever of them is read and preferred. */
function urlsOf({ url }: Pick<Endpoint, "url">, replicas: readonly string[]): string {
  return replicas.length === 0 ? url : replicas.toSorted().join("|");
}
