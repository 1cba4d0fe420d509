/** Kinds of settings that name the servers of a site: `,` stands between shards and `|` between replicas, as in `remote()`. */
import { isIP } from "node:net";
import { type Given, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";
import { HARMLESS_URL, isWebUrl, withoutBrackets } from "./addresses.ts";
import { isHostName } from "./host_name.ts";

/** By shard, the places of its replicas. */
export type Shards<Place> = readonly (readonly Place[])[];

const SIGNS = "| stands between the replicas of a shard, and , between shards";

const EMPTY_PLACE = "has an empty place: an address must stand before and after each | and each ,";

/** The places of each shard; a refusal where there is none. */
function placesOf(text: string): Shards<string> | RefusedValue {
  const shards = text.split(",").map((shard) => shard.split("|").map((place) => place.trim()));
  return shards.some((places) => places.includes("")) ? new RefusedValue(EMPTY_PLACE) : shards;
}

/**
 * Scheme, host and port of each server. `credentials` names the variables for the credentials, which do not belong in the
 * URL.
 */
export function endpoints<S extends Spec>(credentials: string, spec: S): Setting<Given<S, Shards<URL>>> {
  const accepts = "an http:// or https:// URL with host and port, without credentials, path or query";
  return setting(spec, {
    accepts,
    // Also with signs between places that ch-sync does not know, as those are for the operator to see.
    harmless: (text) => text.split(/[|,;\s]/).every((place) => HARMLESS_URL.test(place)),
    parse: (text): Shards<URL> | RefusedValue => {
      if (text.includes("@")) return new RefusedValue(`must not hold credentials: set ${credentials}`);
      const places = placesOf(text);
      if (places instanceof RefusedValue) return places;
      return eachPlace(places, accepts, urlOf, (a, b) => a.origin === b.origin);
    },
  });
}

function urlOf(place: string): URL | null {
  if (!isWebUrl(place)) return null;
  const url = new URL(place);
  // A URL takes `a;b` for a host.
  const isHost = url.hostname.startsWith("[") || isIP(url.hostname) !== 0 || isHostName(url.hostname);
  return isHost && url.pathname === "/" && url.search === "" && url.hash === "" && url.port !== "0"
    ? url
    : null;
}

/** @param read null: it is none. @param same whether two are one, which are refused */
function eachPlace<Place>(
  places: Shards<string>,
  accepts: string,
  read: (place: string) => Place | null,
  same: (a: Place, b: Place) => boolean,
): Shards<Place> | RefusedValue {
  const all: Place[] = [];
  for (const place of places.flat()) {
    const one = read(place);
    if (one === null) return noPlace(places, accepts, read);
    if (all.some((other) => same(one, other))) {
      return new RefusedValue(`names ${place.replace(/\/$/, "")} twice: each server once`);
    }
    all.push(one);
  }
  let at = 0;
  return places.map((shard) => shard.map(() => all[at++]!));
}

/** The refusal of the first place that is none: which one it is, where there are several, and what stands between them. */
function noPlace<Place>(
  shards: Shards<string>,
  accepts: string,
  read: (place: string) => Place | null,
): RefusedValue {
  const all = shards.flat();
  if (all.length === 1 && !/[;\s]/.test(all[0]!)) return new RefusedValue();
  const shard = shards.findIndex((places) => places.some((place) => read(place) === null));
  const replica = shards[shard]!.findIndex((place) => read(place) === null);
  const place = shards[shard]![replica]!;
  const where = [
    ...(shards[shard]!.length > 1 ? [`replica ${replica + 1}`] : []),
    ...(shards.length > 1 ? [`shard ${shard + 1}`] : []),
  ].join(" of ");
  // A password may be anywhere in a text with a @, which is not shown either.
  const shown = HARMLESS_URL.test(place) && !all.some((text) => text.includes("@")) ? ` (${place})` : "";
  return new RefusedValue(
    `must be ${accepts}${where === "" ? "" : `, which ${where}${shown} is not`}; ${SIGNS}`,
  );
}

/** A name or an address, without brackets. */
export interface Host {
  readonly host: string;
  /** Null: that of all of them. */
  readonly port: number | null;
}

/** Names or addresses, each with a port of its own or without. */
export function hosts<S extends Spec>(spec: S): Setting<Given<S, Shards<Host>>> {
  const accepts = "a host name or an address";
  return setting(spec, {
    accepts,
    parse: (text): Shards<Host> | RefusedValue => {
      const places = placesOf(text);
      return places instanceof RefusedValue ? places : eachPlace(places, accepts, hostOf, sameHost);
    },
  });
}

/** Whether both are one, as far as their spelling tells. */
export function sameHost(a: Host, b: Host): boolean {
  return a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port;
}

function hostOf(text: string): Host | null {
  const bare = withoutBrackets(text);
  if (isIP(bare) !== 0 || isHostName(text)) return { host: bare, port: null };
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [v6 ?? name ?? "", Number(digits)];
  const known = v6 === undefined ? isIP(host) === 4 || isHostName(host) : isIP(v6) === 6;
  return known && port >= 1 && port <= 65_535 ? { host, port } : null;
}
