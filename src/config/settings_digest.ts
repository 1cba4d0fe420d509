/** The identity of the settings on which a streak of clean checks depends, and of the sites that the memory is of. */
import type { Endpoint, Settings } from "../model/settings.ts";

/** SHA-256, in hexadecimal, of the role, both sites' URLs, what is left out, the settle window and the time columns. */
export async function settingsDigest(settings: Settings): Promise<string> {
  const { role, excludePatterns, settleSeconds, timeColumns, ignoreColumns } = settings;
  // A streak that was counted before there were such settings goes on.
  const more = [
    ...timeColumns.length > 0 ? [timeColumns] : [],
    ...ignoreColumns.length > 0 ? [{ ignoreColumns: [...ignoreColumns].sort() }] : [],
  ];
  return await digestOf([role, ...sitesOf(settings), [...excludePatterns].sort(), settleSeconds, ...more]);
}

/**
 * SHA-256, in hexadecimal, of the role and both sites' URLs: what is remembered of tables is true of these sites. What is left out,
 * and by what rows settle, changes neither what was proven of parts nor which rows arrived late.
 */
export async function sitesDigest(settings: Settings): Promise<string> {
  return await digestOf([settings.role, ...sitesOf(settings)]);
}

function sitesOf(settings: Settings): readonly string[] {
  return [
    settings.localShards.length === 0
      ? urlsOf(settings.local, settings.replicas.local)
      : shardsOf(settings.localShards),
    settings.shards.length === 0
      ? urlsOf(settings.remote, settings.replicas.remote.map(({ url }) => url))
      : shardsOf(settings.shards),
  ];
}

async function digestOf(identity: unknown): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(identity)));
  return new Uint8Array(hash).toHex();
}

function shardsOf(shards: Settings["shards"]): string {
  return shards.map((shard) => shard.map(({ url }) => url).sort().join("|")).join(",");
}

/** All of a site, whichever of them is read and preferred. */
function urlsOf({ url }: Pick<Endpoint, "url">, replicas: readonly string[]): string {
  return replicas.length === 0 ? url : replicas.toSorted().join("|");
}
