/** Two ch-sync at two replicas of one table: only one of them brings rows into a partition at a time. */
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { ofTable } from "../catalog/parts.ts";
import { sql } from "../sql/layout.ts";
import { literal, qualified } from "../sql/quoting.ts";
import { dropStaging } from "./staging_statements.ts";

/** Tries, and the longest pause between two of them in milliseconds, where another one claims the partition too. */
const TRIES = 5;
const PAUSE_MS = 1000;

/**
 * Claims a partition of a Replicated table at all of its replicas. Staging tables are on one replica alone, so the mark is a
 * small Replicated table with a path of the partition: whoever claims it is a replica of that table, whose replicas Keeper
 * names to each. As with marks, each marks first and looks for others afterwards. The claim of a server that has died is void
 * once Keeper has ended its session: it can commit nothing without one.
 *
 * @param claim the table that is made, which the caller drops, or which the next check finds as left behind
 * @param path in Keeper of the table that the rows are for
 * @returns who brings rows into the partition now; null: nobody else
 */
export async function claimInKeeper(
  connection: Connection,
  claim: TableId,
  path: string,
  partitionId: string,
): Promise<string | null> {
  const place = `${/^[^/]*/.exec(path)![0]}/ch-sync/claims/${await hashOf(`${path} ${partitionId}`)}`;
  const host = await hostOf(connection);
  for (let tries = 1;; tries++) {
    await connection.command(claimTable(claim, place, host));
    const other = await otherClaimant(connection, claim);
    if (other === null || other === UNKNOWN) return other;
    await connection.command(dropStaging(claim));
    if (tries === TRIES) return other;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS));
  }
}

const hosts = new WeakMap<Connection, Promise<string>>();

/** Asked once in a check, which has a connection of its own. */
function hostOf(connection: Connection): Promise<string> {
  const known = hosts.get(connection);
  if (known) return known;
  const asked = connection.one<{ host: string }>("SELECT hostName() AS host").then(({ host }) => host);
  hosts.set(connection, asked);
  asked.catch(() => hosts.delete(connection));
  return asked;
}

/** In place of another one's name. */
export const UNKNOWN = "?";

/**
 * Who else claims the partition now, or why a claim is void; null: nobody else. A claim that was good may be void by now: if this
 * server's session with Keeper ended for a while, another one saw nobody and went to work.
 */
export async function otherClaimant(connection: Connection, claim: TableId): Promise<string | null> {
  const { names } = await connection.one<{ names: readonly string[] }>(claimants(claim));
  const claims = names.map((name) => name.split(AT) as [string, string?]);
  if (!claims.some(([name]) => name === claim.name)) return UNKNOWN;
  const other = claims.find(([name]) => name !== claim.name);
  if (other === undefined) return null;
  const [name, host] = other;
  return `${name} of another replica${
    host ? `, at server ${host}` : ""
  }; if no ch-sync works there any more, drop that table there`;
}

/** Between a claim and the host that it is at, in the name of the claim's replica: so who is refused is told where to look. */
const AT = "@";

async function hashOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex().slice(0, 32);
}

/** A table that says no more than that it is there, to all that name the same place in Keeper. */
function claimTable(claim: TableId, place: string, host: string): string {
  return sql`
    CREATE TABLE ${qualified(claim)} (claimed UInt8)
    ENGINE = ReplicatedMergeTree(${literal(place)}, ${literal(`${claim.name}${AT}${host}`)})
    ORDER BY claimed
  `;
}

/** The names of all that are at a claim's place now; none: Keeper does not say. */
function claimants(claim: TableId): string {
  return sql`
    SELECT arrayFilter(name -> replica_is_active[name] = 1, mapKeys(replica_is_active)) AS names
    FROM system.replicas
    WHERE ${ofTable(claim)}
  `;
}
