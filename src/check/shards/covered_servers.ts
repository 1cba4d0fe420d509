/** Whether one shard of a site has asked the servers that another one would ask. */
import type { OtherServers } from "../../model/other_servers.ts";
import { type ClusterNode, nodeName } from "../../model/replica_pick.ts";

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
