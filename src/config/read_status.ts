/** Where the status page is served, and for whom, from `STATUS_…`. */
import { isIP } from "node:net";
import type { StatusPassword, StatusSettings } from "../model/settings.ts";
import { isHostName } from "./host_name.ts";
import { readPair } from "./read_tls.ts";
import type { ValueReader } from "./read_values.ts";

/** Of bcrypt. A cost above 14 takes the processor for seconds at each login, and whoever logs in pays nothing for it. */
const HASH = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;

/** @param readFile returns the content of the files that are named, or throws */
export function readStatus(values: ValueReader, readFile: (path: string) => string): StatusSettings | null {
  const user = values.text("STATUS_USER", (name) => !name.includes(":"));
  const password = readPassword(values, readFile);
  const tls = readPair(values, "STATUS", readFile);
  const hosts = readHosts(values);
  const text = values.text("STATUS_LISTEN");
  if (text === "off") return null;
  const [, v6, host, digits = ""] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const hostname = v6 ?? host ?? "";
  const port = Number(digits);
  const known = v6 === undefined ? isIP(hostname) === 4 || isHostName(hostname) : isIP(v6) === 6;
  if (!known || port > 65_535) values.reject("STATUS_LISTEN");
  return { hostname, port, hosts, user, password, tls };
}

function readHosts(values: ValueReader): string[] {
  const names = (values.raw("STATUS_HOSTS") ?? "").split(",").map((name) => name.trim()).filter(Boolean);
  if (!names.every(isHostName)) values.reject("STATUS_HOSTS");
  return names.map((name) => name.toLowerCase().replace(/\.$/, ""));
}

/** An empty file is a mistake: an operator who names one wants a password. */
function readPassword(values: ValueReader, readFile: (path: string) => string): StatusPassword | null {
  const path = values.raw("STATUS_PASSWORD_FILE");
  if (path === undefined) return null;
  try {
    const text = readFile(path).replace(/\r?\n$/, "");
    if (text === "") {
      values.reject("STATUS_PASSWORD_FILE", "is empty: put the password into it, or remove it");
    }
    const hashed = /^(?:[^:]*:)?\$2[abxy]\$/.test(text);
    if (hashed && !HASH.test(text)) {
      values.reject(
        "STATUS_PASSWORD_FILE",
        "holds no hash that ch-sync takes: $2y$, $2b$ or $2a$ at the beginning, without a user, with a cost from 04 to " +
          "14, as htpasswd -nBC 10 '' | tr -d ':\\n' makes it",
      );
    }
    return { text, hashed };
  } catch {
    values.reject("STATUS_PASSWORD_FILE", "cannot be read: check the path and its mode");
    return null;
  }
}
