/** Whether a site has shards that the settings do not name, by the clusters over which its own Distributed tables spread rows. */
import type { ClusterNode } from "../../model/replica_pick.ts";
import { type Catalog, tableName } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import type { Selection } from "../tables/select_tables.ts";
import { clustersOf } from "./examine_shards.ts";
import {
  type ClusterSettings,
  moreThanOneHere,
  moreThanOneThere,
  type UnnamedShards,
} from "./more_than_one.ts";
import { unshown } from "./unnamed_shards.ts";
import { type Spread, spreadOver, type UsedClusters, usedClusters } from "./used_clusters.ts";

/** A site without Distributed tables over tables that are compared is asked nothing. @param selection of the tables that the check is limited to */
export async function examineClusters(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  catalogs: { readonly here: Catalog; readonly there: Catalog },
  { pairs, newTables }: Pick<Selection, "pairs" | "newTables">,
  settings: ClusterSettings,
): Promise<UnnamedShards> {
  const { excludePatterns } = settings;
  const namesHere = new Map([...pairs.keys()].map((name) => [name, name]));
  const namesThere = new Map([
    ...[...pairs.values()].map(({ name, there: { id } }) => [tableName(id), name] as const),
    // Those are compared as soon as they are made.
    ...(settings.autoCreateTables ? newTables : []).map(({ id }) => [tableName(id), tableName(id)] as const),
  ]);
  const usedHere = usedClusters(catalogs.here, namesHere, excludePatterns);
  const usedThere = usedClusters(catalogs.there, namesThere, excludePatterns);
  const { shards, localShards } = settings;
  const [spreadHere, spreadThere, ...warnings] = await Promise.all([
    spreadsOf(here, usedHere, isLocal(settings)),
    spreadsOf(there, usedThere, isRemote(settings)),
    usedHere.size > 0 && here.shards
      ? clustersOf(here).then((seen) => unshown(seen, { shards: localShards, excludePatterns }, "here"))
      : null,
    usedThere.size > 0 && there.shards
      ? clustersOf(there).then((seen) => unshown(seen, { shards, excludePatterns }, "active"))
      : null,
  ]);
  return {
    here: moreThanOneHere(spreadHere, spreadThere, settings),
    there: moreThanOneThere(spreadThere, spreadHere, settings),
    warnings: warnings.filter((one) => one !== null),
  };
}

/** Of a site that the settings name by one shard; none: they name several. */
async function spreadsOf(
  site: ReadableSite,
  used: UsedClusters,
  isNamed: (node: ClusterNode) => boolean,
): Promise<Spread[]> {
  if (site.shards || used.size === 0) return [];
  const nodes = await site.clusters();
  return [...used].map(([cluster, tables]) =>
    "denied" in nodes
      ? { cluster, tables, shards: null, others: "" }
      : spreadOver(cluster, tables, nodes, isNamed)
  );
}

/** What LOCAL_CH_URL says of native ports is nothing. */
function isLocal({ local, replicas }: ClusterSettings): (node: ClusterNode) => boolean {
  const hosts = [local.url, ...replicas.local].map((url) =>
    new URL(url).hostname.replace(/^\[(.*)\]$/, "$1")
  );
  return ({ host, address }) => hosts.includes(host) || hosts.includes(address);
}

function isRemote({ remoteNative, replicas }: ClusterSettings): (node: ClusterNode) => boolean {
  const named = [remoteNative, ...replicas.remote.map(({ native }) => native)];
  return ({ host, address, port }) =>
    named.some((one) => (one.host === host || one.host === address) && one.port === port);
}
