/** Rows that may wait in the queues of servers which cannot be looked at: whoever does not know must not say that there are none. */
import type { OtherServers } from "../../model/other_servers.ts";
import type { SiteReplicas } from "../../model/replica_pick.ts";
import { shorten } from "../../text/readable.ts";
import { SITE_OF } from "../shards/site_words.ts";
import { ANY_CLUSTER, clusterName, isLeftOut } from "../shards/unnamed_shards.ts";
import { isExcluded } from "../tables/select_tables.ts";
import type { Side } from "./believe.ts";
import { namedServers } from "./named_servers.ts";
import type { KnownQueues, QueueDoubt } from "./queued.ts";

/** At an address of the settings. */
export function maybeAtAddress(
  { url, why }: SiteReplicas["unseen"][number],
  side: Side,
  known: KnownQueues,
): QueueDoubt[] {
  const remedy = `bring it back, or take the address out of ${
    SITE_OF[side].variable
  } if its rows are not wanted`;
  return maybeQueued(url, why, remedy, side, known);
}

/** At other servers of the site's clusters. */
export function maybeFurther(others: OtherServers, side: Side, known: KnownQueues): QueueDoubt[] {
  const { silent, failed } = unexcused(others, known);
  if (failed !== null) {
    const { cluster, why } = failed;
    const at = cluster === null ? "other servers" : `other servers of cluster ${cluster}`;
    const remedy = `bring back those that do not answer, or take them out of the cluster${
      orExclude(cluster === null ? ANY_CLUSTER : clusterName(cluster))
    }`;
    return maybeQueued(at, shorten(why), remedy, side, known);
  }
  if (silent.length === 0) return [];
  const clusters = [...new Set(silent.flatMap(({ clusters }) => clusters))];
  const [they, them] = silent.length === 1 ? ["it gives", "it"] : ["they give", "them"];
  const remedy = `bring ${them} back, or take ${them} out of cluster ${clusters.join(" and ")}${
    orExclude(clusters.map(clusterName).join(","))
  }`;
  const names = namedServers(silent.map(({ name }) => name));
  return maybeQueued(names, `${they} no answer`, remedy, side, known);
}

/**
 * Of those that were asked in vain, whoever is in a cluster over which a Distributed table that counts spreads its rows (old configurations
 * have clusters of servers that are not there), unless CH_EXCLUDE_PATTERNS leaves it out.
 */
export function unexcused(
  { servers, unseen }: OtherServers,
  { clusters, excludePatterns }: Pick<KnownQueues, "clusters" | "excludePatterns">,
): { readonly silent: OtherServers["servers"]; readonly failed: OtherServers["unseen"] } {
  const counts = (cluster: string) =>
    (clusters?.has(cluster) ?? true) && !isLeftOut(cluster, excludePatterns);
  const hasFailed = unseen !== null && unseen.because === "failed" &&
    (unseen.cluster === null ? !isExcluded(ANY_CLUSTER, excludePatterns) : counts(unseen.cluster));
  return {
    silent: servers.filter(({ holds, clusters }) => holds === null && clusters.some(counts)),
    failed: hasFailed ? unseen : null,
  };
}

function orExclude(excuse: string): string {
  return `; if no rows for tables that are compared can wait there, add ${excuse} to CH_EXCLUDE_PATTERNS`;
}

/** @param at which servers those are @param why they cannot be looked at */
function maybeQueued(
  at: string,
  why: string,
  remedy: string,
  side: Side,
  { distributed }: KnownQueues,
): QueueDoubt[] {
  return distributed.map(({ name: queue, target }) => ({
    queue,
    told: target,
    cause: side === "active" ? "rows_queued" : "queued_here",
    detail: `rows may wait in the queue of ${queue} at ${at} of ${
      SITE_OF[side].name
    }, which cannot be looked at (${why}): ${remedy}`,
  }));
}
