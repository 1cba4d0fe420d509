/** scripts/grants.sql and scripts/grants-drill.sql in the words of servers before 25.7. */

const HEAD =
  `-- scripts/grants.sql for ClickHouse 23.8 to 25.6, which know no READ ON REMOTE, and before 24.10 no names with a *. Made from it
-- by \`deno task generate\`: say there what should change, and use that one on newer servers.
--
-- On all of \`otel\` the writer gets here what it needs on its own tables, _chsync_*, alone: whoever has ALTER DELETE can delete rows.
-- From 24.10 on write otel._chsync_* in place of otel.* in the lines from CREATE TABLE to SYSTEM TTL MERGES.
-- 23.8 knows no TABLE ENGINE, and 24.5 does: where a server calls these lines a syntax error, leave them out. It asks for no such right.
`;

export function olderGrants(grants: string): string {
  const body = grants.slice(grants.indexOf("\n\n") + 1);
  return HEAD + body
    .replace(
      "-- Staging tables, and no others, are made, filled and dropped.",
      "-- Staging tables are made, filled and dropped.",
    )
    .replace("No row of theirs can be deleted.", "ch-sync deletes no row of theirs.")
    .replace(STAGING_DATABASE, STAGING_DATABASE_OLDER)
    .replaceAll("otel._chsync_*", "otel.*")
    .replaceAll(SOURCES, "REMOTE ON *.*");
}

const STAGING_DATABASE =
  "-- Only with STAGING_DATABASE, whose name takes the place of `otel` here and in all other lines with _chsync_*:";

/** It has no other lines with _chsync_*. */
const STAGING_DATABASE_OLDER =
  `-- Only with STAGING_DATABASE, whose name takes the place of \`otel\` here and in the lines from CREATE TABLE to SYSTEM TTL MERGES.
-- Before 24.10 take it: the writer can then drop, alter and delete nothing of yours:`;

const SOURCES = /(READ|WRITE) ON REMOTE/g;

/** Its names end with a *, as they can from 24.10 on: no wider ones are granted for a rehearsal. */
export function olderDrillGrants(grants: string): string {
  return grants
    // The one for several shards is the same there.
    .replace(/^-- GRANT WRITE ON REMOTE .*\n/m, "")
    .replaceAll(SOURCES, "REMOTE ON *.*")
    .replaceAll("grants-drill.sql", "grants-drill-older.sql")
    .replace(
      /Needs ClickHouse 25\.7:\n.*\n/,
      "For ClickHouse 24.10 to 25.6, which know no\n-- READ ON REMOTE. Made from scripts/grants-drill.sql by `deno task generate`: say there what should change.\n",
    );
}
