/** SQL that tells which server answers, and which run of it. */
import { sql } from "./layout.ts";
import { literal } from "./quoting.ts";

/**
 * UUIDs that a server makes up each time it starts: those of its system tables, and of a system database in memory. So
 * they tell apart two servers whose disks were copied, which share `serverUUID()`, and two on one host. Everybody sees them
 * who may read `system.parts`. No scalar subquery: within IN the local server would work it out in place of the other one.
 */
const RUN = sql`
  SELECT arrayStringConcat(arraySort(groupArray(toString(uuid))), ' ')
  FROM (
    SELECT uuid FROM system.databases WHERE name = 'system'
    UNION ALL
    SELECT uuid FROM system.tables WHERE database = 'system' AND name = 'parts'
  )
`;

/** How often a server is asked who it is, over a connection of its own each time: behind an address there may be several. */
export const ASKED_TIMES = 3;

export interface RunRow {
  readonly run: string;
}

export const WHICH_RUN = sql`
  SELECT (
    ${RUN}
  ) AS run
`;

/** @throws where it is none: no other text becomes part of a statement */
export function parseRun(text: unknown): string {
  const run = String(text);
  if (!/^[0-9a-f-]{36}( [0-9a-f-]{36})?$/.test(run)) throw new TypeError("not the UUIDs of system tables");
  return run;
}

/**
 * Where a `remote(…)` leads, asked several times at once: a connection of its own each time. A named collection takes no
 * query, and a table of the system database asks for more rights than it takes to read it; a set is made where the table
 * is, and only by what the user may read there.
 *
 * @param from reads a table of the other site that is never empty
 */
export function leadsToStatement(
  from: string,
  runs: { readonly remote: string; readonly local: string },
  times: number,
) {
  const isRun = (run: string) =>
    sql`
      max(${literal(run)} IN (
        ${RUN}
      ))
    `;
  const once = sql`
    SELECT
      ${isRun(runs.remote)} AS _chsync_remote,
      ${isRun(runs.local)} AS _chsync_local
    FROM ${from}
  `;
  return Array.from({ length: times }, () => once).join("\nUNION ALL\n");
}
