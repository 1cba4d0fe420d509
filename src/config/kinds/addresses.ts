/** Kinds of settings that are addresses. */
import { isIP } from "node:net";
import { type Given, type Kind, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";
import { isHostName } from "./host_name.ts";

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** A URL without any part that could be a password, however it is misspelt: `[scheme://]host[:port][/path]`. */
export const HARMLESS_URL = /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[\w.-]*|\[[\da-f:.]*\])(?::\d*)?(?:\/[\w./-]*)?$/i;

/** Any address on the web. It is a secret: whoever knows it can use it. */
export function secretUrl<S extends Spec>(spec: S): Setting<Given<S, string>> {
  const kind: Kind<string> = {
    accepts: "an http:// or https:// URL",
    secret: true,
    parse: (text) => isWebUrl(text) ? text : new RefusedValue(),
  };
  return setting(spec, kind);
}

export function isWebUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** An address as DNS gives it: without the zone that `isIP` allows. `but` is appended to the text of what is accepted. */
export function address<S extends Spec>(spec: S, but = ""): Setting<Given<S, string>> {
  return setting(spec, {
    accepts: `an IPv4 or IPv6 address${but}`,
    parse: (text) => isIP(text) !== 0 && !text.includes("%") ? text : new RefusedValue(),
  });
}

export function hostName<S extends Spec>(spec: S): Setting<Given<S, string>> {
  return setting(spec, {
    accepts: "a host name",
    parse: (text) => isHostName(text) ? text : new RefusedValue(),
  });
}

/** `::1` of `[::1]`; any other host as it is. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

export function nameServer<S extends Spec>(spec: S): Setting<Given<S, HostAndPort>> {
  return setting(spec, {
    accepts: "an address with or without port: 192.0.2.53, 192.0.2.53:5353, [2001:db8::53]:5353",
    parse: (text): HostAndPort | RefusedValue => {
      if (isIP(text)) return { host: text, port: 53 };
      const [, v6, v4, port = "53"] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
      const address = v6 ?? v4 ?? "";
      const valid = isIP(address) === (v6 === undefined ? 4 : 6) && Number(port) >= 1 &&
        Number(port) <= 65_535;
      return valid ? { host: address, port: Number(port) } : new RefusedValue();
    },
  });
}

/** Where to listen, or `off`. Port 0 is any that is free. */
export function listener<S extends Spec>(spec: S): Setting<Given<S, HostAndPort | "off">> {
  return setting(spec, {
    accepts: "off, or HOST:PORT: 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080",
    parse: (text): HostAndPort | "off" | RefusedValue => {
      if (text === "off") return text;
      const [, v6, name, digits = ""] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
      const [host, port] = [v6 ?? name ?? "", Number(digits)];
      const known = v6 === undefined ? isIP(host) === 4 || isHostName(host) : isIP(v6) === 6;
      return known && port <= 65_535 ? { host, port } : new RefusedValue();
    },
  });
}
