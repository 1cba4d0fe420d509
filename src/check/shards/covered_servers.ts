/** The servers of a site's clusters, asked through its shards: whether one of them has asked those that another one would ask. */
import type { OtherServers } from "../../model/other_servers.ts";
import { type ClusterNode, nodeName, nodesIn } from "../../model/replica_pick.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import { addOtherServers } from "./add_shards.ts";

/** A cluster of all shards is asked once, and not by each of its servers. @param further whether servers of other shards matter too */
export async function askOthers(shards: readonly ReadableSite[], further: boolean): Promise<OtherServers> {
  const [first, ...rest] = shards as readonly [ReadableSite, ...ReadableSite[]];
  const nodesOf = (site: ReadableSite) => site.clusters().then(nodesIn, () => []); // asking for the servers says why
  const [answer, own, ...each] = await Promise.all([
    first.otherServers(further),
    nodesOf(first),
    ...rest.map(nodesOf),
  ]);
  const uncovered = rest.filter((_, at) => !isCovered(each[at]!, answer, own));
  return addOtherServers([
    answer,
    ...await Promise.all(uncovered.map((site) => site.otherServers(further))),
  ]);
}

/**
 * @param nodes as the other shard has them
 * @param answer of those that were asked
 * @param own nodes as the shard has them that asked
 */
export function isCovered(
  nodes: readonly ClusterNode[],
  { servers }: OtherServers,
  own: readonly ClusterNode[],
): boolean {
  const known = new Set([
    ...servers.flatMap(({ name, holds }) => holds === null ? [] : [name]),
    ...own.flatMap((node) => node.own ? [nodeName(node)] : []),
  ]);
  const clusters = new Set(nodes.flatMap(({ cluster, own }) => own ? [cluster] : []));
  return clusters.size > 0 && nodes.every((node) => !clusters.has(node.cluster) || known.has(nodeName(node)));
}
