/** Whether the other server takes what statements are sent with, asked through `remote()` itself. */
import { EXACT } from "../http/exact_settings.ts";
import { type RemoteAccess, remoteTable } from "./remote_table.ts";
import { literal } from "./quoting.ts";

/** A setting that has another value at the other server than the one it was sent with. */
export interface UntakenSetting {
  readonly name: string;
  readonly wanted: string;
  readonly found: string;
}

/**
 * Answers an `UntakenSetting` for each. A server forwards settings and the other one clamps them to what the user's profile
 * allows, in silence: `readonly = 1` and constraints would cut answers off where the same statement over HTTP is refused.
 */
export function untakenSettings(remote: RemoteAccess): string {
  const names = Object.keys(EXACT).map(literal).join(", ");
  const settings = { id: { database: "system", name: "settings" }, columns: [] as const };
  const read = `SELECT name, value FROM system.settings WHERE name IN (${names})`;
  const there = remoteTable(remote, settings, read);
  return `SELECT name, wanted.value AS wanted, found.value AS found FROM (${read}) AS wanted ` +
    `INNER JOIN (SELECT name, value FROM ${there} WHERE name IN (${names})) AS found USING (name) ` +
    `WHERE wanted.value != found.value ORDER BY name`;
}

/** In words for an operator. */
export function describeUntaken(untaken: readonly UntakenSetting[]): string {
  const some = untaken.slice(0, 3).map(({ name, wanted, found }) =>
    `${name} is ${found || "''"} there and must be ${wanted || "''"}`
  );
  const more = untaken.length > some.length ? `, and ${untaken.length - some.length} more` : "";
  return `the profile of the user by whom this site's server reads the other one holds settings fast: ${
    some.join("; ")
  }${more}. ` +
    "Nothing that it sends can be relied on: give it readonly = 2 instead of 1, and no constraints (const, min, max) on them";
}
