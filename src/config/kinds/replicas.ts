/** Kinds of settings that name the replicas of a site, one or several: `|` stands between them, as in `remote()`. */
import { isIP } from "node:net";
import { type Given, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";
import { HARMLESS_URL, isWebUrl, withoutBrackets } from "./addresses.ts";
import { isHostName } from "./host_name.ts";

/** `,` stands between shards in `remote()`. */
const SHARDS =
  "names several shards (,): ch-sync compares one shard with one, and cannot yet compare sites of several as a whole. " +
  "Give each shard a ch-sync of its own if both sites spread rows alike (docs/clusters.md)";
const EMPTY_PLACE = "has an empty place: an address must stand before and after each |";

/** The places between `|`; a refusal where there is no address, or where they are of several shards. */
function placesOf(text: string): readonly string[] | RefusedValue {
  if (text.includes(",")) return new RefusedValue(SHARDS);
  const places = text.split("|").map((place) => place.trim());
  return places.includes("") ? new RefusedValue(EMPTY_PLACE) : places;
}

/**
 * Scheme, host and port of each server. `credentials` names the variables for the credentials, which do not belong in the
 * URL.
 */
export function endpoints<S extends Spec>(credentials: string, spec: S): Setting<Given<S, readonly URL[]>> {
  return setting(spec, {
    accepts: "an http:// or https:// URL with host and port, without credentials, path or query",
    harmless: (text) => text.split(/[|,]/).every((place) => HARMLESS_URL.test(place.trim())),
    parse: (text): readonly URL[] | RefusedValue => {
      if (text.includes("@")) return new RefusedValue(`must not hold credentials: set ${credentials}`);
      const places = placesOf(text);
      if (places instanceof RefusedValue) return places;
      const urls: URL[] = [];
      for (const place of places) {
        if (!isWebUrl(place)) return new RefusedValue();
        const url = new URL(place);
        const plain = url.pathname === "/" && url.search === "" && url.hash === "" && url.port !== "0";
        if (!plain) return new RefusedValue();
        const twice = urls.some(({ origin }) => origin === url.origin);
        if (twice) return new RefusedValue(`names ${url.origin} twice: each replica once`);
        urls.push(url);
      }
      return urls;
    },
  });
}

/** A name or an address, without brackets. */
export interface Host {
  readonly host: string;
  /** Null: that of all of them. */
  readonly port: number | null;
}

/** Names or addresses, each with a port of its own or without. */
export function hosts<S extends Spec>(spec: S): Setting<Given<S, readonly Host[]>> {
  return setting(spec, {
    accepts: "a host name or an address",
    parse: (text): readonly Host[] | RefusedValue => {
      const places = placesOf(text);
      if (places instanceof RefusedValue) return places;
      const found: Host[] = [];
      for (const place of places) {
        const host = hostOf(place);
        if (host === null) return new RefusedValue();
        if (found.some((one) => sameHost(one, host))) {
          return new RefusedValue(`names ${place} twice: each replica once`);
        }
        found.push(host);
      }
      return found;
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
