/** Rules about the addresses of both sites: each server once, and each that a server reads with its native address. */
import type { NativeAddress } from "../model/settings.ts";
import { withoutBrackets } from "./kinds/addresses.ts";
import { type Host, sameHost, type Shards } from "./kinds/replicas.ts";
import type { Name, Values } from "./table/table.ts";

/** A setting that is fine by itself but wrong together with others. */
export interface BrokenRule {
  readonly name: Name;
  /** Reads on from the variable's name. */
  readonly problem: string;
}

export function replicaRules(values: Partial<Values>): BrokenRule[] {
  return [...twoSites(values), ...eachOwn(values), ...eachNative(values), ...noCollection(values)];
}

type Addresses = Pick<Values, "REMOTE_CH_URL" | "REMOTE_CH_HOST" | "REMOTE_CH_PORT" | "REMOTE_CH_SECURE">;

/** The native addresses of the other site, by shard, in the order of its URLs. */
export function nativeAddresses(
  { REMOTE_CH_URL: urls, REMOTE_CH_HOST: hosts, REMOTE_CH_PORT: port, REMOTE_CH_SECURE: secure }: Addresses,
): Shards<NativeAddress> {
  return addressesOf(urls, hosts, port ?? (secure ? 9440 : 9000), secure);
}

/** The same of this site, as its servers reach each other. */
export function ownAddresses(
  { LOCAL_CH_URL: urls, LOCAL_CH_HOST: hosts, LOCAL_CH_PORT: port, LOCAL_CH_SECURE: secure }: Pick<
    Values,
    "LOCAL_CH_URL" | "LOCAL_CH_HOST" | "LOCAL_CH_PORT" | "LOCAL_CH_SECURE"
  >,
): Shards<NativeAddress> {
  return addressesOf(urls, hosts, port ?? (secure ? 9440 : 9000), secure);
}

function addressesOf(
  urls: Shards<URL>,
  hosts: Shards<Host> | null,
  port: number,
  secure: boolean,
): Shards<NativeAddress> {
  const all: Shards<Host> = hosts ??
    urls.map((shard) => shard.map(({ hostname }) => ({ host: withoutBrackets(hostname), port: null })));
  return all.map((shard) => shard.map((one) => ({ host: one.host, port: one.port ?? port, secure })));
}

function twoSites({ LOCAL_CH_URL: local, REMOTE_CH_URL: remote }: Partial<Values>): BrokenRule[] {
  const [here, there] = [local?.flat() ?? [], remote?.flat() ?? []];
  const both = there.find(({ origin }) => here.some((one) => one.origin === origin));
  if (!both) return [];
  return [{
    name: "REMOTE_CH_URL",
    problem: here.length + there.length === 2
      ? "must not be the same as LOCAL_CH_URL"
      : `must not hold ${both.origin}, which LOCAL_CH_URL holds: a server is at one site`,
  }];
}

/** @returns one mistake at most */
function eachNative(values: Partial<Values>): BrokenRule[] {
  const { REMOTE_CH_URL: urls, REMOTE_CH_HOST: hosts, REMOTE_CH_PORT, REMOTE_CH_SECURE } = values;
  if (!urls || hosts === undefined || REMOTE_CH_PORT === undefined || REMOTE_CH_SECURE === undefined) {
    return [];
  }
  const addresses = { REMOTE_CH_URL: urls, REMOTE_CH_HOST: hosts, REMOTE_CH_PORT, REMOTE_CH_SECURE };
  return oneForEach("REMOTE", urls, hosts, () => nativeAddresses(addresses));
}

/** Needed by several shards only. @returns one mistake at most */
function eachOwn(values: Partial<Values>): BrokenRule[] {
  const { LOCAL_CH_URL: urls, LOCAL_CH_HOST: hosts, LOCAL_CH_PORT, LOCAL_CH_SECURE } = values;
  if (!urls || hosts === undefined || LOCAL_CH_PORT === undefined || LOCAL_CH_SECURE === undefined) return [];
  if (urls.length === 1 && hosts === null) return [];
  const addresses = { LOCAL_CH_URL: urls, LOCAL_CH_HOST: hosts, LOCAL_CH_PORT, LOCAL_CH_SECURE };
  return oneForEach("LOCAL", urls, hosts, () => ownAddresses(addresses));
}

/** @param natives only asked for where there is one for each URL */
function oneForEach(
  site: "LOCAL" | "REMOTE",
  urls: Shards<URL>,
  hosts: Shards<Host> | null,
  natives: () => Shards<NativeAddress>,
): BrokenRule[] {
  const name = `${site}_CH_HOST` as const;
  const shape = (shards: Shards<unknown>) => shards.map(({ length }) => length).join(" and ");
  if (hosts !== null && shape(hosts) !== shape(urls)) {
    const shards = urls.length + hosts.length > 2 ? " servers of its shards" : "";
    return [{
      name,
      problem:
        `names ${shape(hosts)}${shards} and ${site}_CH_URL ${
          shape(urls)
        }: it must name the native host of each, in the ` +
        "same order and between the same signs",
    }];
  }
  const all = natives().flat();
  const twice = all.find((one, at) => all.slice(0, at).some((other) => sameHost(one, other)));
  if (!twice) return [];
  return [{
    name,
    problem: hosts === null
      ? `is required: several servers of ${site}_CH_URL are on ${twice.host}, so their native ports must be told`
      : `names ${twice.host}:${twice.port} twice: each server once`,
  }];
}

function noCollection({ REMOTE_CH_URL: urls, REMOTE_COLLECTION: collection }: Partial<Values>): BrokenRule[] {
  if (!collection || !urls || urls.flat().length === 1) return [];
  return [{
    name: "REMOTE_COLLECTION",
    problem: "holds the address of one server, and REMOTE_CH_URL names several: leave one of them out",
  }];
}
