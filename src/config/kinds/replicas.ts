/** Kinds of settings that name the servers of a site: `,` stands between shards and `|` between replicas, as in `remote()`. */
import { isIP } from "node:net";
import { type Given, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";
import { HARMLESS_URL, isWebUrl, withoutBrackets } from "./addresses.ts";
import { isHostName } from "./host_name.ts";

/** By shard, the places of its replicas. */
export type Shards<Place> = readonly (readonly Place[])[];

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
  return setting(spec, {
    accepts: "an http:// or https:// URL with host and port, without credentials, path or query",
    harmless: (text) => text.split(/[|,]/).every((place) => HARMLESS_URL.test(place.trim())),
    parse: (text): Shards<URL> | RefusedValue => {
      if (text.includes("@")) return new RefusedValue(`must not hold credentials: set ${credentials}`);
      const places = placesOf(text);
      if (places instanceof RefusedValue) return places;
      return eachPlace(places, urlOf, (a, b) => a.origin === b.origin);
    },
  });
}

function urlOf(place: string): URL | null {
  if (!isWebUrl(place)) return null;
  const url = new URL(place);
  return url.pathname === "/" && url.search === "" && url.hash === "" && url.port !== "0" ? url : null;
}

/** @param read null: it is none. @param same whether two are one, which are refused */
function eachPlace<Place>(
  places: Shards<string>,
  read: (place: string) => Place | null,
  same: (a: Place, b: Place) => boolean,
): Shards<Place> | RefusedValue {
  const all: Place[] = [];
  for (const place of places.flat()) {
    const one = read(place);
    if (one === null) return new RefusedValue();
    if (all.some((other) => same(one, other))) {
      return new RefusedValue(`names ${place.replace(/\/$/, "")} twice: each server once`);
    }
    all.push(one);
  }
  let at = 0;
  return places.map((shard) => shard.map(() => all[at++]!));
}

/** A name or an address, without brackets. */
export interface Host {
  readonly host: string;
  /** Null: that of all of them. */
  readonly port: number | null;
}

/** Names or addresses, each with a port of its own or without. */
export function hosts<S extends Spec>(spec: S): Setting<Given<S, Shards<Host>>> {
  return setting(spec, {
    accepts: "a host name or an address",
    parse: (text): Shards<Host> | RefusedValue => {
      const places = placesOf(text);
      return places instanceof RefusedValue ? places : eachPlace(places, hostOf, sameHost);
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
