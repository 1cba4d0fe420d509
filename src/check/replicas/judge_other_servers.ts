/** What other servers of a site hold that the one which is read does not, and the other way round. */
import type { OtherServers } from "../../model/other_servers.ts";
import { type Finding, finding } from "../../model/report.ts";
import { type TableId, tableName, type TablePair } from "../../model/table.ts";
import { SITE_OF } from "../shards/site_words.ts";
import { isExcluded } from "../tables/select_tables.ts";
import type { Side } from "./believe.ts";
import type { Doubts } from "./looked.ts";
import { maybeFurther, unexcused } from "./maybe_queued.ts";
import { namedServers } from "./named_servers.ts";
import { doubtsOfQueues, type KnownQueues, queuesAt } from "./queued.ts";

export interface FoundFurther {
  /** Tables for which rows are on their way, so that they cannot be compared; by the name here. */
  readonly tables: ReadonlyMap<string, Finding>;
  /** Tables that are compared all the same, and are not at all replicas; by the name here. */
  readonly lacking: ReadonlyMap<string, Finding>;
  /** What is for no table that is compared. */
  readonly others: readonly Finding[];
  readonly warnings: readonly string[];
}

/** Rows that wait in the queues of other servers, or may. */
export function queuedFurther(
  others: OtherServers,
  side: Side,
  pairs: readonly TablePair[],
  known: KnownQueues,
  compared: ReadonlySet<string>,
): Doubts {
  const found = others.servers.flatMap(({ name, holds }) =>
    holds === null ? [] : queuesAt(holds.queues, side, `server ${name}`)
  );
  return doubtsOfQueues([...found, ...maybeFurther(others, side, known)], side, pairs, known, compared);
}

/** Tables that the server which is read does not have: nobody compares their rows. */
export function elsewhere(
  { servers }: OtherServers,
  known: { readonly tables: ReadonlySet<string>; readonly databases: ReadonlySet<string> },
  excludePatterns: readonly string[],
): Finding[] {
  const holders = new Map<string, string[]>();
  for (const { name: server, holds } of servers) {
    for (const id of holds?.tables ?? []) {
      const name = tableName(id);
      // Of a database that its user does not see at all: `databasesElsewhere`.
      if (known.tables.has(name) || !known.databases.has(id.database) || isExcluded(name, excludePatterns)) {
        continue;
      }
      holders.set(name, [...holders.get(name) ?? [], server]);
    }
  }
  return [...holders].map(([name, servers]) =>
    finding(
      name,
      null,
      "not_at_replica",
      `the table is at ${
        namedServers(servers)
      } of the active site, and not at the one that is read (or ch-sync's user does not see ` +
        "it there), so nothing of it is compared: create it there too, or exclude it",
    )
  );
}

/**
 * Warnings of databases that the server which is read does not have. They are no findings: ch-sync's user may well have been given
 * some databases only, and the cluster's user sees all of them.
 */
export function databasesElsewhere(
  { servers }: OtherServers,
  databases: ReadonlySet<string>,
  excludePatterns: readonly string[],
): string[] {
  const holders = new Map<string, Set<string>>();
  for (const { name: server, holds } of servers) {
    for (const id of holds?.tables ?? []) {
      if (databases.has(id.database) || isExcluded(tableName(id), excludePatterns)) continue;
      holders.set(id.database, (holders.get(id.database) ?? new Set()).add(server));
    }
  }
  return [...holders].map(([database, servers]) =>
    `Database ${database} is at ${
      namedServers([...servers])
    } of the active site, and not at the one that is read (or ch-sync's user ` +
    `does not see it there), so nothing of it is compared: create it there too, or exclude ${database}.*`
  );
}

/** Replicated tables of this site that other replicas do not have: whoever is sent to one of those finds no rows. */
export function lackingReplicas(
  { servers }: OtherServers,
  pairs: readonly TablePair[],
): Map<string, Finding> {
  const replicas = servers.flatMap(({ name, replica, holds }) =>
    replica && holds !== null ? [{ name, tables: new Set(holds.tables.map(tableName)) }] : []
  );
  return new Map(pairs.flatMap(({ name, here }) => {
    if (!here.engine.startsWith("Replicated") || isInner(here.id)) return [];
    const lacking = replicas.filter(({ tables }) => !tables.has(name)).map(({ name }) => name);
    if (lacking.length === 0) return [];
    const detail =
      `the table is not at ${
        namedServers(lacking)
      } of this site (or hidden there from the user of the cluster): create ` +
      "it there too, as SHOW CREATE TABLE prints it here";
    return [[name, finding(name, null, "not_at_all_replicas", detail)] as const];
  }));
}

/** What a check warns of where no queue of a table stands against it: the doctor tells the rest. */
export function unanswered(
  others: OtherServers,
  side: Side,
  known: Pick<KnownQueues, "distributed" | "clusters" | "excludePatterns">,
): string[] {
  const { servers, unseen } = others;
  const { name: site } = SITE_OF[side];
  const queues = known.distributed.length > 0;
  const told = queues ? unexcused(others, known) : { silent: [], failed: null };
  const warnings: string[] = [];
  if (unseen?.because === "denied" && queues) {
    warnings.push(
      `Other servers of ${site}, if it has any, may not be asked whether rows wait in their queues: grant ch-sync's user ` +
        `there SELECT ON system.clusters and READ ON REMOTE (before ClickHouse 25.7 REMOTE ON *.*; docs/clusters.md), ` +
        `or see to the queues yourself. ${unseen.why}`,
    );
  }
  if (unseen?.because === "failed" && told.failed === null) {
    warnings.push(`Other servers of ${site} are not seen: ${unseen.why}`);
  }
  const silent = servers.filter((server) => server.holds === null && !told.silent.includes(server));
  if (silent.length > 0) {
    const names = capital(namedServers(silent.map(({ name }) => name)));
    warnings.push(`${names} of ${site} gives no answer: whether rows wait in a queue there is not known`);
  }
  return warnings;
}

function isInner({ name }: TableId): boolean {
  return name.startsWith(".inner");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
