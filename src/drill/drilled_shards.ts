/** What a drill at sites of several shards rehearses, and what it does not. */
import type { DrillStep } from "../model/drill.ts";
import type { Settings } from "../model/settings.ts";

/** Null: each site has one shard, so nothing is left out. @param settings with the replicas that were picked */
export function drilledShards(
  { local, localShards, remote, shards }: Pick<Settings, "local" | "localShards" | "remote" | "shards">,
): DrillStep | null {
  const sites = [
    { name: "this site", url: local.url, count: localShards.length },
    { name: "the other site", url: remote.url, count: shards.length },
  ].filter(({ count }) => count > 0);
  if (sites.length === 0) return null;
  const drilled = sites.map(({ name, url, count }) => `shard 1 of ${count} of ${name} (${url})`);
  return {
    name: "pick one shard of each site",
    seconds: 0,
    detail:
      `what follows is done with ${
        drilled.join(" and ")
      } alone. Not drilled: the other shards, the ways to them, and how ` +
      "rows are put on them; each check proves the ways before it reads",
    passed: true,
    remedy: null,
  };
}
