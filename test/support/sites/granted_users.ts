/** The users of scripts/grants.sql with these rights and no others, for the configuration of a test's server. */
import assert from "node:assert/strict";
import type { User } from "./clickhouse_server.ts";

const SQL = Deno.readTextFileSync(new URL("../../../scripts/grants.sql", import.meta.url));

export interface LeastPrivilege {
  /** They take the place of `otel`. */
  readonly databases: readonly string[];
  /** Takes the place of `otel` in the rights on staging tables. */
  readonly staging?: string;
  /** Variables whose rights count too: lines that the file keeps as comments under `Only with …`, or `Only to see …`. */
  readonly with?: readonly string[];
  /** What else the writer's profile holds. */
  readonly profile?: Record<string, unknown>;
  /** Rights to leave out, as they stand in the file: `SELECT ON otel.* TO chsync_reader`. */
  readonly without?: readonly string[];
}

/** Every right in the file, without `GRANT` and the semicolon. */
export function grantLines(only: readonly string[] = []): string[] {
  return statements(only).flatMap((line) => /^GRANT (.+);$/.exec(line)?.[1] ?? []);
}

/** @param password of all users, with the user's name behind it */
export function grantedUsers(rights: LeastPrivilege, password: string): Record<string, User> {
  const users: Record<string, User & { grants: string[] }> = {};
  for (const line of statements(rights.with ?? [])) {
    const [, name, readonly] =
      /^CREATE USER IF NOT EXISTS (\w+) IDENTIFIED BY '[^']*'( SETTINGS readonly = 2)?;$/.exec(line) ?? [];
    if (name !== undefined) {
      users[name] = {
        password: `${password}-${name}`,
        grants: [],
        ...(readonly ? { readonly: 2 } : rights.profile ? { profile: rights.profile } : {}),
      };
      continue;
    }
    const [, grant = "", grantee = ""] = /^GRANT (.+) TO (\w+);$/.exec(line) ?? [];
    const user = users[grantee];
    assert.ok(user, `grants.sql: ${line}`);
    if (rights.without?.includes(`${grant} TO ${grantee}`)) continue;
    const places = rights.staging !== undefined && grant.includes("._chsync_")
      ? [rights.staging]
      : rights.databases;
    const many = places.map((database) => grant.replace("ON otel.", `ON ${database}.`));
    user.grants.push(...new Set(many));
  }
  return users;
}

function statements(only: readonly string[]): string[] {
  let counts = false;
  return SQL.split("\n").flatMap((line) => {
    const [heading, variable = ""] = /^-- Only (?:(?:with|to see) (\w+))?/.exec(line) ?? [];
    if (heading !== undefined) counts = only.includes(variable);
    const statement = counts && heading === undefined ? line.replace(/^-- /, "") : line;
    return statement.replace(/ ?--.*/, "") || [];
  });
}
