/** Which servers a drill works with, where a site has several, and what it does not rehearse there. */
import type { DrillStep } from "../model/drill.ts";
import type { PickedReplicas, SiteReplicas } from "../model/replica_pick.ts";
import type { Settings } from "../model/settings.ts";

type Asked = Pick<SiteReplicas, "url" | "others">;

/** Null: each site has one address, so nothing is left out. @param settings that name the picked replicas */
export function drilledServers(
  { local, localShards, remote, shards }: PickedReplicas,
  settings: Pick<Settings, "local" | "remote">,
): DrillStep | null {
  const sites = [
    { name: "this site", url: settings.local.url, one: local, shards: localShards },
    { name: "the other site", url: settings.remote.url, one: remote, shards },
  ];
  const asked: readonly Asked[] = sites.flatMap(({ one, shards }) => [...one ? [one] : [], ...shards]);
  if (asked.length === 0) return null;
  const drilled = sites.map(({ name, url, shards }) =>
    shards.length === 0
      ? `${name} (${url})`
      : shards.map((shard, at) => `shard ${at + 1} of ${name} (${shard.url})`).join(", ")
  );
  const others = asked.flatMap(({ others }) => others.map(({ url }) => url));
  const left = [
    ...others.length > 0
      ? [
        `the ${others.length === 1 ? "replica" : "replicas"} ${others.join(", ")}`,
        "how replicas pass on what they get",
      ]
      : [],
    ...localShards.length > 0
      ? ["the keys of your Distributed tables (here rows go by the hash of all their columns)"]
      : [],
  ];
  return {
    name: "pick the servers",
    seconds: 0,
    detail: drilled.join("; ") + (left.length > 0 ? `. Not drilled: ${left.join("; ")}` : ""),
    passed: true,
    remedy: null,
  };
}
