/** The addresses of a site that has several: each is asked; and what the cluster's own configuration has besides. */
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { Examination } from "../model/examination.ts";
import { type ClusterNode, nodesIn, type PickedReplicas, type SiteReplicas } from "../model/replica_pick.ts";
import type { Settings } from "../model/settings.ts";
import { ok, warning } from "./graded.ts";
import { counted } from "../text/readable.ts";

/** Seconds by which a clock may differ without a remark. */
const SKEW = 5;

/** A host, and where it is known the port, by which a server of a site is reached. */
interface KnownAddress {
  readonly host: string;
  readonly port: number | null;
}

export async function examineReplicas(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  settings: Settings,
  picked: PickedReplicas,
  now: Date,
): Promise<Examination[]> {
  const { local, remote } = settings.replicas;
  const urls = local.length === 0 ? [settings.local.url] : local;
  const { shards, localShards } = settings;
  const natives = shards.length > 0
    ? shards.flat().map(({ native }) => native)
    : remote.length === 0
    ? [settings.remoteNative]
    : remote.map(({ native }) => native);
  const [ownNodes, theirNodes] = await Promise.all([
    here.clusters().then(nodesIn, () => []),
    there.clusters().then(nodesIn, () => []),
  ]);
  const ownHosts = localShards.length > 0
    ? localShards.flat().map(({ native }) => native)
    : urls.map((url) => ({
      host: new URL(url).hostname.replace(/^\[(.*)\]$/, "$1"),
      port: null,
    }));
  return [
    ...eachAddress("local", picked.local, now),
    ...picked.localShards.flatMap((shard) => eachAddress("local", shard, now)),
    ...unnamed("local", ownNodes, ownHosts),
    ...eachAddress("remote", picked.remote, now),
    ...picked.shards.flatMap((shard) => eachAddress("remote", shard, now)),
    ...unnamed("remote", theirNodes, natives),
  ];
}

function eachAddress(site: "local" | "remote", picked: SiteReplicas | null, now: Date): Examination[] {
  if (picked === null) return [];
  const read = ok(`${site} replicas`, `a check would read ${picked.url}`);
  return [
    read,
    ...picked.remarks.map(({ url, remark }) => {
      const server = picked.servers.find((one) => one.url === url);
      const subject = `${site} replica ${url}`;
      if (!server) {
        return warning(subject, remark ?? "it does not answer", "check the server and the network");
      }
      const skew = Math.round(server.now - now.getTime() / 1000);
      const clock = Math.abs(skew) <= SKEW
        ? "its clock is right"
        : `its clock is ${counted(Math.abs(skew), "second")} ${
          skew > 0 ? "ahead of" : "behind"
        } this machine's`;
      const about = `version ${server.version}; ${clock}`;
      return remark === null
        ? ok(subject, `${about}; it holds what its shard holds`)
        : warning(subject, `${about}; ${remark}`, "a check reads another replica as long as one is better");
    }),
    ...[...picked.differing].map(([table, why]) =>
      warning(`table ${table}`, why, "until then a check does not compare it")
    ),
  ];
}

/** Replicas of the shard that is read which `.env` does not name, and other shards. */
function unnamed(
  site: "local" | "remote",
  nodes: readonly ClusterNode[],
  known: readonly KnownAddress[],
): Examination[] {
  const isKnown = ({ host, address, port }: ClusterNode) =>
    known.some((one) => (one.host === host || one.host === address) && (one.port ?? port) === port);
  const variable = site === "local" ? "LOCAL_CH_URL" : "REMOTE_CH_URL";
  const lines = new Map<string, Examination>();
  for (const [cluster, all] of Map.groupBy(nodes, ({ cluster }) => cluster)) {
    const shards = new Set(all.filter((node) => node.own || isKnown(node)).map(({ shard }) => shard));
    if (shards.size === 0) continue;
    const names = (some: readonly ClusterNode[]) =>
      some.map(({ host, port }) => `${host}:${port}`).join(", ");
    const replicas = all.filter((node) => shards.has(node.shard) && !node.own && !isKnown(node));
    const others = all.filter(({ shard }) => !shards.has(shard));
    if (replicas.length > 0) {
      lines.set(
        names(replicas),
        warning(
          `${site} cluster ${cluster}`,
          `its configuration has replicas of the shard that ${variable} does not name: ${names(replicas)}`,
          `add them to ${variable}, with | between the addresses: a check then reads whichever keeps up`,
        ),
      );
    }
    if (others.length > 0) {
      lines.set(
        names(others),
        warning(
          `${site} cluster ${cluster}`,
          `it has other shards, whose rows this ch-sync does not see: ${names(others)}`,
          `name all shards in ${variable}, with a comma between them (docs/clusters.md)`,
        ),
      );
    }
  }
  return [...lines.values()];
}
