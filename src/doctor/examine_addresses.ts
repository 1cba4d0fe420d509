/** What only a failover would show: rights, ways and certificates of the addresses that a check does not read now. */
import { nativeAddress } from "../check/open/one_server.ts";
import { proveNativeRoad, readFacts } from "../check/open/open_sites.ts";
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { NativeCertificate } from "../clickhouse/http/native_certificate.ts";
import { spelled } from "../clickhouse/sql/remote_table.ts";
import type { Examination } from "../model/examination.ts";
import type { PickedReplicas } from "../model/replica_pick.ts";
import type { NativeAddress, Settings } from "../model/settings.ts";
import { examineCertificate } from "./examine_certificate.ts";
import { examineGrants } from "./examine_grants.ts";
import { failedBy, ok, skipped } from "./graded.ts";
import { alone, otherPicks } from "./other_addresses.ts";
import type { GrantedTable } from "./required_grants.ts";

/** Connects to the servers that these settings read. */
type Connect = (settings: Settings) => CheckPorts & AsyncDisposable;

/**
 * Whether each server of this site that may come to read the other one can, at each of its addresses.
 *
 * @param settings with all addresses
 */
export async function examineRoads(
  settings: Settings,
  picked: PickedReplicas,
  connect: Connect,
): Promise<Examination[]> {
  const found: Examination[] = [];
  // One after the other: some lead to one server, which is asked over connections of each.
  for (const pick of otherPicks(settings, picked)) {
    const subject = `native protocol from ${pick.local.url}`;
    try {
      await using ports = connect(pick);
      await proveNativeRoad(ports, await readFacts(ports, pick), pick);
      const there = pick.shards.length === 0
        ? [nativeAddress(pick)]
        : pick.shards.map(([one]) => spelled(one!.native));
      const own = pick.localShards.slice(1).map(([one]) => spelled(one!.native));
      found.push(ok(subject, `it reads what it needs through ${[...there, ...own].join(" and ")}`));
    } catch (error) {
      found.push(failedBy(subject, error));
    }
  }
  return found;
}

/**
 * The rights at each address that answers; null: the site has one address.
 *
 * @param settings with all addresses
 * @param read those that a check reads now
 */
export async function examineRightsOfEach(
  side: "local" | "remote",
  settings: Settings,
  picked: PickedReplicas,
  connect: Connect,
  { tables, read }: { readonly tables: readonly GrantedTable[]; readonly read: Settings },
): Promise<Examination[] | null> {
  const each = alone(settings, picked, side);
  if (each.length === 0) return null;
  const sites = side === "local" ? [picked.local, ...picked.localShards] : [picked.remote, ...picked.shards];
  const servers = sites.flatMap((site) => site?.servers ?? []);
  const found = await Promise.all(each.map(async (one) => {
    const { url } = one[side];
    await using ports = connect(one);
    const site = side === "local" ? ports.here : ports.there;
    const version = servers.find((server) => server.url === url)?.version;
    return await examineGrants(side, site, read, tables, version, url)
      .catch(() => [skipped(`rights at ${url}`, "its server must accept the user first")]);
  }));
  return found.flat();
}

/** Of each native address of both sites. @param settings with all addresses */
export async function examineCertificates(
  settings: Settings,
  look: (address: NativeAddress) => Promise<NativeCertificate>,
): Promise<Examination[]> {
  const { replicas: { remote }, shards, localShards, remoteNative } = settings;
  const several = shards.length > 0 ? shards.flat() : remote;
  const there = several.length > 0 ? several.map(({ native }) => native) : [remoteNative];
  const here = localShards.flat().map(({ native }) => native);
  const found = await Promise.all([
    ...there.map((native) => examineCertificate({ ...settings, remoteNative: native }, () => look(native))),
    ...here.map((native) =>
      examineCertificate(
        { remoteNative: native, remoteCollection: null },
        () => look(native),
        "LOCAL_CH_HOST",
      )
    ),
  ]);
  return found.flat();
}
