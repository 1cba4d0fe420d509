/** Where the status page is served, from `STATUS_…`. */
import { isIP } from "node:net";
import type { StatusSettings } from "../model/settings.ts";
import { isHostName } from "./host_name.ts";
import type { ValueReader } from "./read_values.ts";

/** @param readFile returns the content of `STATUS_PASSWORD_FILE`, or throws */
export function readStatus(values: ValueReader, readFile: (path: string) => string): StatusSettings | null {
  const user = values.text("STATUS_USER", (name) => !name.includes(":"));
  const password = readPassword(values, readFile);
  const text = values.text("STATUS_LISTEN");
  if (text === "off") return null;
  const [, v6, host, digits = ""] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const hostname = v6 ?? host ?? "";
  const port = Number(digits);
  const known = v6 === undefined ? isIP(hostname) === 4 || isHostName(hostname) : isIP(v6) === 6;
  if (!known || port > 65_535) values.reject("STATUS_LISTEN");
  return { hostname, port, user, password };
}

/** An empty file is a mistake: an operator who names one wants a password. */
function readPassword(values: ValueReader, readFile: (path: string) => string): string | null {
  const path = values.raw("STATUS_PASSWORD_FILE");
  if (path === undefined) return null;
  try {
    const password = readFile(path).replace(/\r?\n$/, "");
    if (password === "") {
      values.reject("STATUS_PASSWORD_FILE", "is empty: put the password into it, or remove it");
    }
    return password;
  } catch {
    values.reject("STATUS_PASSWORD_FILE", "cannot be read: check the path and its mode");
    return null;
  }
}
