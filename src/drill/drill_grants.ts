/** Which rights a drill is missing, each as the statement that grants it. */
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { ReadableSite } from "../check/ports/readable_site.ts";
import { SCRATCH_PREFIX } from "./scratch_database.ts";
import { identifier } from "../clickhouse/sql/quoting.ts";
import type { Settings } from "../model/settings.ts";

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

/** Statements that are named one by one, at most; the file has them all. */
const NAMED = 4;
const FILE = "scripts/grants-drill.sql";

class MayNotDrop extends Error {}

/**
 * Makes sure that the database can be removed again before it is made.
 *
 * @throws if a server says that the user may not. One that cannot tell passes
 */
export async function assertMayDrop(
  { ports, database }: { readonly ports: Pick<CheckPorts, "here" | "there">; readonly database: string },
): Promise<void> {
  for (const [site, port] of [["local", ports.here], ["remote", ports.there]] as const) {
    for (const right of ["DROP DATABASE", "DROP TABLE"]) {
      if (await port.hasGrant(`${right} ON ${identifier(database)}.*`) === false) {
        throw new MayNotDrop(`the user may not remove it again (no ${right} at the ${site} site)`);
      }
    }
  }
}

/** What to do about a step that failed for lack of rights; null: it failed for another reason. Never throws. */
export async function advise(
  error: unknown,
  { ports, settings }: { readonly ports: Pick<CheckPorts, "here" | "there">; readonly settings: Settings },
): Promise<string | null> {
  // Missing rights, forbidden settings, a user that is not accepted.
  const denied = error instanceof MayNotDrop || /\bcode (497|164|516)\b/.test(String(error));
  if (!denied) return null;
  if (settings.drill === null) {
    return `run ${FILE} at both sites, and set DRILL_USER and DRILL_PASSWORD_FILE`;
  }
  const { user } = settings.drill;
  const sites = [["local", ports.here], ["remote", ports.there]] as const;
  const advice = await Promise.all(sites.map(async ([site, port]) => {
    const rights = await missingRights(port);
    if (rights === null) return [`at the ${site} site: make the user by ${FILE}, or correct DRILL_PASSWORD`];
    if (rights.length === 0) return [];
    const statements = rights.length > NAMED
      ? FILE
      : rights.map((right) => `GRANT ${right} TO ${quote(user)}`).join("; ");
    return [`run at the ${site} site: ${statements}`];
  }));
  const places = advice.flat();
  return places.length > 0 ? places.join("; ") : `compare SHOW GRANTS at both sites with ${FILE}`;
}

/** Null: the server does not accept the user. Empty also if it cannot tell (CHECK GRANT needs ClickHouse 24.11). */
async function missingRights(site: Pick<ReadableSite, "hasGrant">): Promise<string[] | null> {
  const missing: string[] = [];
  for (const right of DRILL_GRANTS) {
    try {
      // Asked of a name that the pattern matches: not every version takes a pattern here.
      const held = await site.hasGrant(right.replace(`${SCRATCH_PREFIX}*`, `${SCRATCH_PREFIX}any`));
      if (held === false) missing.push(right);
    } catch {
      return null;
    }
  }
  return missing;
}

/** Ordinary names stay as they are: people read and type the statement. */
function quote(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : identifier(name);
}
