/** Whether settings that name several shards of a site name all, by what each server knows of its clusters. */
import type { ClusterNode } from "../../model/replica_pick.ts";
import type { MayNotLook } from "../../model/replication.ts";
import type { Finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import { findOneShard, unnamedHere, unnamedShards } from "./unnamed_shards.ts";

/**
 * @returns of the active site, shards that are not named: no check is whole without them
 * @throws where rows would count twice, or be taken for missing ones, in words
 */
export async function examineShards(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  settings: Settings,
): Promise<Finding[]> {
  const own = { shards: settings.localShards, excludePatterns: settings.excludePatterns };
  const [nodes, ownNodes] = await Promise.all([clustersOf(there), clustersOf(here)]);
  const wrong = findOneShard(nodes, settings, "active") ?? findOneShard(ownNodes, own, "here") ??
    unnamedHere(ownNodes, own);
  if (wrong !== null) throw new Error(wrong);
  return unnamedShards(nodes, settings);
}

/** What each shard of a site has in its `system.clusters`; none: the site is one server. */
export async function clustersOf({ shards = [] }: ReadableSite): Promise<(ClusterNode[] | MayNotLook)[]> {
  return await Promise.all(shards.map((shard) => shard.clusters()));
}
