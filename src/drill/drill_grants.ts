/** Which rights a drill is missing, each as the statement that grants it. */
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { ReadableSite } from "../check/ports/readable_site.ts";
import { SCRATCH_PREFIX } from "./scratch_database.ts";
import { identifier } from "../clickhouse/sql/quoting.ts";
import { OLDEST, spelledFor } from "../clickhouse/dialect/versions.ts";
import { isExcluded } from "../check/tables/select_tables.ts";
import type { DrillOptions } from "./drill_options.ts";
import type { ScratchSite } from "./scratch_site.ts";

/** Those of scripts/grants-drill.sql, in its order. */
export const DRILL_GRANTS: readonly string[] = [
  "CREATE DATABASE ON ch_sync_drill_*.*",
  "DROP DATABASE ON ch_sync_drill_*.*",
  "CREATE TABLE ON ch_sync_drill_*.*",
  "DROP TABLE ON ch_sync_drill_*.*",
  "SELECT ON ch_sync_drill_*.*",
  "INSERT ON ch_sync_drill_*.*",
  "ALTER DELETE ON ch_sync_drill_*.*",
  "ALTER MODIFY COMMENT ON ch_sync_drill_*.*",
  "TABLE ENGINE ON MergeTree",
  "READ ON REMOTE",
  "SELECT ON system.parts",
  "SELECT ON system.mutations",
  "SELECT ON system.disks",
  "SELECT ON system.storage_policies",
  "SELECT ON system.metrics",
  "SELECT ON system.processes",
];

const CLUSTERS = "SELECT ON system.clusters";

/** Those that the file keeps for sites of several shards, at the site that is repaired. */
export const SHARD_GRANTS: readonly string[] = ["WRITE ON REMOTE", CLUSTERS];

/** Statements that are named one by one, at most; the file has them all. */
const NAMED = 4;
const FILE = "scripts/grants-drill.sql (before ClickHouse 25.7 scripts/grants-drill-older.sql)";

class LacksRight extends Error {}

type Asking = Pick<DrillOptions, "here" | "there" | "settings"> & {
  readonly ports: Pick<CheckPorts, "here" | "there" | "signal">;
};

interface Asked {
  /** In words. */
  readonly place: string;
  readonly server: Pick<ReadableSite, "hasGrant" | "ping">;
  /** What the user needs there. */
  readonly rights: readonly string[];
}

/** Each server on which the user needs rights. */
function serversOf({ ports, here, there, settings }: Asking): Asked[] {
  const sharded = ports.here.shards !== undefined;
  const ofSite = (port: ReadableSite, { servers }: ScratchSite, more: readonly string[]) =>
    (port.shards ?? [port]).map((server, at) => ({
      place: servers[at]!.place,
      server,
      rights: [...DRILL_GRANTS, ...more],
    }));
  // Whoever excludes all clusters takes it upon himself that all shards are named.
  const wanted = SHARD_GRANTS.filter((right) =>
    right !== CLUSTERS || !isExcluded("cluster.*", settings.excludePatterns)
  );
  return [...ofSite(ports.here, here, sharded ? wanted : []), ...ofSite(ports.there, there, [])];
}

/**
 * Makes sure that the database can be removed again before it is made; and of a site of several shards, that it can be told
 * whether all are named.
 *
 * @throws if a server says that the user may not. One that cannot tell passes
 */
export async function assertRights(options: Asking & Pick<DrillOptions, "database">): Promise<void> {
  const own = `${identifier(options.database)}.*`;
  for (const { place, server, rights } of serversOf(options)) {
    for (const right of ["DROP DATABASE", "DROP TABLE"]) {
      if (await server.hasGrant(`${right} ON ${own}`) === false) {
        throw new LacksRight(`the user may not remove it again (no ${right} at ${place})`);
      }
    }
    if (rights.includes(CLUSTERS) && await server.hasGrant(CLUSTERS) === false) {
      throw new LacksRight(
        `it cannot be told whether LOCAL_CH_URL names all shards of this site (no ${CLUSTERS} at ${place})`,
      );
    }
  }
}

/** What to do about a step that failed for lack of rights, or of a shard; null: it failed for another reason. Never throws. */
export async function advise(error: unknown, options: Asking): Promise<string | null> {
  // Missing rights, forbidden settings, a user that is not accepted.
  const denied = error instanceof LacksRight || /\bcode (497|164|516)\b/.test(String(error));
  if (!denied) return await silentShards(options);
  const { settings } = options;
  if (settings.drill === null) {
    return `run ${FILE} at both sites, and set DRILL_USER and DRILL_PASSWORD_FILE`;
  }
  const { user } = settings.drill;
  const advice = await Promise.all(
    serversOf(options).map(async ({ place, server, rights }) => {
      const missing = await missingRights(server, rights);
      if (missing === null) return [`at ${place}: make the user by ${FILE}, or correct DRILL_PASSWORD`];
      if (missing.length === 0) return [];
      const statements = missing.length > NAMED
        ? FILE
        : missing.map((right) => `GRANT ${right} TO ${quote(user)}`).join("; ");
      return [`run at ${place}: ${statements}`];
    }),
  );
  const places = advice.flat();
  return places.length > 0 ? places.join("; ") : `compare SHOW GRANTS at both sites with ${FILE}`;
}

/** Null: all answer, or each site is one server. */
async function silentShards(options: Asking): Promise<string | null> {
  const { ports } = options;
  if (ports.signal.aborted || (!ports.here.shards && !ports.there.shards)) return null;
  const problems = await Promise.all(
    serversOf(options).map(async ({ place, server }) => {
      const problem = await server.ping();
      return problem === null ? [] : [`bring back ${place}: ${problem}`];
    }),
  );
  return problems.flat().join("; ") || null;
}

/**
 * In the words of the server. Null: it does not accept the user. Empty also if it cannot tell (CHECK GRANT needs ClickHouse 24.11).
 */
async function missingRights(
  server: Pick<ReadableSite, "hasGrant">,
  rights: readonly string[],
): Promise<string[] | null> {
  const missing = new Set<string>();
  for (const today of rights) {
    // One that has no word for it cannot tell, and is asked in the older one. Which version it is it need not let the user read.
    for (const right of new Set([today, spelledFor(OLDEST, today)])) {
      try {
        // Asked of a name that the pattern matches: not every version takes a pattern here.
        const held = await server.hasGrant(right.replace(`${SCRATCH_PREFIX}*`, `${SCRATCH_PREFIX}any`));
        if (held === false) missing.add(right);
        if (held !== null) break;
      } catch {
        return null;
      }
    }
  }
  return [...missing];
}

/** Ordinary names stay as they are: people read and type the statement. */
function quote(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : identifier(name);
}
