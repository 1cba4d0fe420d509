/** Whether an address leads to one server, and to the right one. */
import type { MemberServer, PickedReplicas, SiteReplicas } from "../../model/replica_pick.ts";
import type { Settings } from "../../model/settings.ts";
import type { LeadsTo, ServerFacts } from "../../model/site.ts";

type Addresses = Pick<Settings, "local" | "remote" | "remoteNative" | "remoteCollection">;

/** Why what the servers answer over HTTP cannot be held against each other, for an operator; null: it can. */
export function findHttpProblem(
  local: ServerFacts,
  remote: ServerFacts,
  settings: Addresses,
): string | null {
  for (
    const [name, { runs }, { url }] of [
      ["LOCAL_CH_URL", local, settings.local],
      ["REMOTE_CH_URL", remote, settings.remote],
    ] as const
  ) {
    if (new Set(runs).size === 1) continue;
    return leadsToSeveral(name, url);
  }
  const same = local.runs[0] === remote.runs[0] && local.identity === remote.identity;
  return same
    ? "LOCAL_CH_URL and REMOTE_CH_URL lead to the same ClickHouse server; correct one of them"
    : null;
}

function leadsToSeveral(name: string, url: string): string {
  return `${name} (${url}) leads to several ClickHouse servers by turns: what one of them holds says nothing of the ` +
    "others. Give the address of one server, past whatever balances between them";
}

/**
 * Why the addresses of the two sites are not as many servers; null: they are.
 *
 * @param facts of sites with one address; null: they have not been asked yet, and only the others are looked at
 */
export function findTwice(
  { local, remote, shards, localShards }: PickedReplicas,
  facts: { readonly here: ServerFacts; readonly there: ServerFacts } | null,
  settings: Addresses,
): string | null {
  const own = ({ runs, identity }: ServerFacts, url: string) => [{
    url,
    run: runs[0] ?? "",
    identity,
    byTurns: false,
  }];
  const serversOf = (
    picked: SiteReplicas | null,
    shards: readonly SiteReplicas[],
    alone: () => readonly Pick<MemberServer, "url" | "run" | "identity" | "byTurns">[],
  ) =>
    picked?.servers ?? (shards.length > 0 ? shards.flatMap(({ servers }) => servers) : facts ? alone() : []);
  const here = serversOf(local, localShards, () => own(facts!.here, settings.local.url));
  const there = serversOf(remote, shards, () => own(facts!.there, settings.remote.url));
  const named = [
    ...here.map((server) => ({ ...server, name: "LOCAL_CH_URL" })),
    ...there.map((server) => ({ ...server, name: "REMOTE_CH_URL" })),
  ];
  const balanced = named.find(({ byTurns }) => byTurns);
  if (balanced) return leadsToSeveral(balanced.name, balanced.url);
  for (const [at, a] of named.entries()) {
    const b = named.slice(0, at).find(({ run, identity }) => run === a.run && identity === a.identity);
    if (b) {
      return `${b.url} (${b.name}) and ${a.url} (${a.name}) lead to the same ClickHouse server; each address must be that of ` +
        "another one: correct them";
    }
  }
  return null;
}

/**
 * Why the native address is not another way to the server that `REMOTE_CH_URL` leads to; null: it is.
 *
 * @param leadsTo where it led to, each time it was tried
 */
export function findNativeProblem(leadsTo: readonly LeadsTo[], settings: Addresses): string | null {
  const { url } = settings.remote;
  const address = nativeAddress(settings);
  const set = settings.remoteCollection === null
    ? "REMOTE_CH_HOST and REMOTE_CH_PORT"
    : "the named collection of REMOTE_COLLECTION";
  const correct = `correct ${set}, by which the local ClickHouse server reads the other one`;
  if (leadsTo.length === 0) return `${address} did not say where it leads to; ${correct}`;
  if (leadsTo.every((one) => one === "remote")) return null;
  if (leadsTo.some((one) => one !== leadsTo[0])) {
    return `${address} leads to several ClickHouse servers by turns, and REMOTE_CH_URL (${url}) to one of them. Give the ` +
      `address of one server, past whatever balances between them: ${correct}`;
  }
  return leadsTo[0] === "local"
    ? `${address} leads back to the local ClickHouse server, and REMOTE_CH_URL (${url}) to another one; ${correct}`
    : `${address} leads to another ClickHouse server than REMOTE_CH_URL (${url}), or that one was restarted this ` +
      `moment; if the next check says the same, ${correct}`;
}

/** By which the local server reads the other one, as an operator knows it. */
export function nativeAddress({ remoteNative: { host, port, secure }, remoteCollection }: Addresses): string {
  return remoteCollection === null
    ? `${host}:${port}${secure ? " (TLS)" : ""}`
    : `the named collection ${remoteCollection}`;
}
