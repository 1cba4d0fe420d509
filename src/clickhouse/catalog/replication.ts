/** What is asked of a site's replicas, and of the queues of its Distributed tables. */
import type {
  BrokenPart,
  DistributedQueue,
  KeeperLog,
  OpenMutation,
  QueueEntry,
  Replica,
  ReplicationFacts,
} from "../../model/replication.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { rowOf, text, wholeNumber } from "../http/decode.ts";
import { destination } from "../sql/engine_clause.ts";
import { sql } from "../sql/layout.ts";
import { literal, tuples } from "../sql/quoting.ts";

/** Entries of a replica's queue after which the table holds the same rows as before. Whatever else there is may bring some. */
export const SAME_ROWS = [
  "EMPTY",
  "MERGE_PARTS",
  "MUTATE_PART",
  "ALTER_METADATA",
  "CLEAR_COLUMN",
  "CLEAR_INDEX",
  "SYNC_PINNED_PART_UUIDS",
];

/** The kind of a row that tells of damaged parts. */
const ASIDE = "aside";

/** Of one kind each; none of them makes the server ask Keeper. */
const OF_REPLICAS = [
  sql`
    SELECT
      'replica' AS kind, database, table AS name, replica_name AS what,
      concat(if(zookeeper_name = 'default', '', concat(zookeeper_name, ':')), zookeeper_path) AS which,
      last_queue_update_exception AS why, toUnixTimestamp(last_queue_update) AS since,
      toUInt64(is_readonly OR is_session_expired) AS count, toUInt64(parts_to_check) AS more
    FROM system.replicas
  `,
  sql`
    SELECT
      'entry', database, table, type, concat(node_name, ' ', new_part_name),
      if(last_exception = '', postpone_reason, last_exception), toUnixTimestamp(create_time), 0, 0
    FROM system.replication_queue
    WHERE type NOT IN (${SAME_ROWS.map(literal).join(", ")})
  `,
  sql`
    SELECT
      'mutation', database, table, '', mutation_id, latest_fail_reason, toUnixTimestamp(create_time), toUInt64(parts_to_do), 0
    FROM system.mutations
    WHERE NOT is_done
  `,
  // Nearly always none: only then are parts looked at, of which there may be very many.
  sql`
    SELECT '${ASIDE}', database, table, '', '', '', 0, count(), 0
    FROM system.detached_parts
    WHERE startsWith(ifNull(reason, ''), 'broken') AND (database, table) IN (SELECT database, table FROM system.replicas)
    GROUP BY database, table
  `,
];

/**
 * Damaged parts, in the columns of the others. One that was fetched again is in the table, by itself or in a larger one. 23.8
 * does not tell when it was set aside.
 */
export const BROKEN = sql`
  SELECT
    'broken' AS kind, of_database AS database, of_table AS name, '' AS what, part AS which, '' AS why,
    toUnixTimestamp(modified_at) AS since, toUInt64(0) AS count, toUInt64(0) AS more
  FROM (
    SELECT
      database AS of_database, table AS of_table, ifNull(partition_id, '') AS of_partition, name AS part,
      ifNull(min_block_number, -1) AS first_block, ifNull(max_block_number, -1) AS last_block,
      arrayMax([toDateTime(0), COLUMNS('^modification_time$')]) AS modified_at
    FROM system.detached_parts
    WHERE startsWith(ifNull(reason, ''), 'broken') AND (database, table) IN (SELECT database, table FROM system.replicas)
  ) AS damaged
  LEFT JOIN (
    SELECT
      database AS of_database, table AS of_table, partition_id AS of_partition,
      groupArray((min_block_number, max_block_number)) AS blocks
    FROM system.parts
    WHERE active
    GROUP BY of_database, of_table, of_partition
  ) AS held USING (of_database, of_table, of_partition)
  WHERE NOT arrayExists(b -> b.1 <= first_block AND b.2 >= last_block, blocks)
`;

/** Whether a row says no more than that {@link BROKEN} has to be asked. */
export function isAside({ kind }: ReplicationRow): boolean {
  return kind === ASIDE;
}

/** Rows of the queues, in the columns of the others. */
export const OF_DISTRIBUTED = sql`
  SELECT
    'queue' AS kind, database, table AS name, ifNull(any(engine_full), '') AS what, '' AS which, any(last_exception) AS why,
    toUnixTimestamp(max(last_exception_time)) AS since, toUInt64(sum(data_files)) AS count,
    toUInt64(sum(broken_data_files)) AS more
  FROM system.distribution_queue
  LEFT JOIN (
    SELECT database, name AS table, engine_full
    FROM system.tables
    WHERE engine = 'Distributed'
  ) AS d USING (database, table)
  GROUP BY database, table
  HAVING count + more > 0
`;

/** The statement for a site that holds Replicated tables, Distributed ones, or both. */
export function replicationStatement(of: { readonly replicated: boolean; readonly distributed: boolean }) {
  return [...(of.replicated ? OF_REPLICAS : []), ...(of.distributed ? [OF_DISTRIBUTED] : [])].join(
    "\nUNION ALL\n",
  );
}

export interface ReplicationRow {
  readonly kind: string;
  readonly database: string;
  readonly name: string;
  readonly what: string;
  readonly which: string;
  readonly why: string;
  readonly since: number | string;
  readonly count: number | string;
  readonly more: number | string;
}

const REPLICATION_ROW = {
  kind: "text",
  database: "text",
  name: "text",
  what: "text",
  which: "text",
  why: "text",
  since: "number",
  count: "number",
  more: "number",
} as const;

/** @throws {TypeError} where a row is not of the form that it must have */
export function decodeReplication(answer: readonly ReplicationRow[]): ReplicationFacts {
  const facts = {
    replicas: new Map<string, Replica>(),
    entries: new Map<string, QueueEntry[]>(),
    broken: new Map<string, BrokenPart[]>(),
    mutations: new Map<string, OpenMutation[]>(),
    queues: new Map<string, DistributedQueue>(),
  };
  for (const row of answer.map((row) => rowOf(row, REPLICATION_ROW))) {
    const { what, which } = row;
    const why = withoutTrace(row.why);
    const table = tableName({ database: row.database, name: row.name });
    const [since, count, more] = [wholeNumber(row.since), wholeNumber(row.count), wholeNumber(row.more)];
    switch (row.kind) {
      case "replica":
        facts.replicas.set(table, {
          name: what,
          path: which,
          cutOff: count > 0,
          partsToCheck: more,
          pullError: why,
          pulledAt: since,
        });
        break;
      case "entry": {
        const [node = "", part = ""] = which.split(" ");
        facts.entries.set(table, [...facts.entries.get(table) ?? [], { node, type: what, part, since, why }]);
        break;
      }
      case "broken":
        facts.broken.set(table, [...facts.broken.get(table) ?? [], { part: which, since }]);
        break;
      case "mutation": {
        const open = { id: which, since, partsToDo: count, why };
        facts.mutations.set(table, [...facts.mutations.get(table) ?? [], open]);
        break;
      }
      default: {
        const to = destination(what, row.database);
        const target = to && tableName(to);
        facts.queues.set(table, {
          target,
          files: count,
          broken: more,
          failedAt: since > 0 ? since : null,
          why,
        });
      }
    }
  }
  return facts;
}

/** What a server keeps of an error, on one line, without the stack trace that it keeps with it. */
function withoutTrace(error: string): string {
  return error.replace(/,? Stack trace \(when copying.*$/s, "").replace(/\s+/g, " ").trim();
}

/** Makes the server ask Keeper about each of these tables. */
export function keeperStatement(ids: readonly TableId[]): string {
  const tables = tuples(ids);
  return sql`
    SELECT
      database, table AS name, toUInt64(log_max_index) AS last, toUInt64(log_pointer) AS next,
      toUInt64(lost_part_count) AS lost, toJSONString(mapKeys(replica_is_active)) AS replicas,
      toJSONString(mapKeys(mapFilter((name, active) -> active = 1, replica_is_active))) AS active,
      if(is_session_expired AND zookeeper_exception = '', 'its session has expired', zookeeper_exception) AS error
    FROM system.replicas
    WHERE (database, table) IN (${tables})
  `;
}

export interface KeeperRow {
  readonly database: string;
  readonly name: string;
  readonly last: number | string;
  readonly next: number | string;
  readonly lost: number | string;
  readonly error: string;
  readonly replicas: string;
  readonly active: string;
}

/** @throws {TypeError} where a row is not of the form that it must have */
export function decodeKeeper(answer: readonly KeeperRow[]): Map<string, KeeperLog> {
  return new Map(answer.map((row) => {
    const log = {
      last: wholeNumber(row.last),
      next: wholeNumber(row.next),
      lostParts: wholeNumber(row.lost),
      error: withoutTrace(text(row.error)),
      replicas: names(row.replicas),
      active: names(row.active),
    };
    return [tableName({ database: text(row.database), name: text(row.name) }), log] as const;
  }));
}

function names(json: string): string[] {
  const list: unknown = JSON.parse(text(json));
  if (!Array.isArray(list)) throw new TypeError("replicas are no list");
  return list.map(text);
}
