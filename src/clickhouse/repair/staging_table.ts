/** The statements that make a table which takes parts of another one, and keeps them as they are. */
import type { Table, TableId } from "../../model/table.ts";
import { QUOTED_NAME } from "../../text/quoted.ts";
import { knowsTableSetting } from "../dialect/versions.ts";
import { parseEngineClause, splitArguments } from "../sql/engine_clause.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";

/**
 * What the table itself says, or the server for all tables, and a staging table must not follow. No part of it is merged
 * unless ch-sync does it: what is proven is what is attached. It takes any number of parts, blocks and partitions, and its
 * blocks are not the table's: their numbers must not be kept in rows.
 */
const OF_STAGING: Readonly<Record<string, number>> = {
  max_bytes_to_merge_at_max_space_in_pool: 1,
  max_bytes_to_merge_at_min_space_in_pool: 1,
  min_age_to_force_merge_seconds: 0,
  max_number_of_merges_with_ttl_in_pool: 0,
  parts_to_delay_insert: 1_000_000_000,
  parts_to_throw_insert: 1_000_000_000,
  inactive_parts_to_delay_insert: 0,
  inactive_parts_to_throw_insert: 0,
  max_parts_in_total: 1_000_000_000,
  max_partitions_to_read: -1,
  max_concurrent_queries: 0,
  non_replicated_deduplication_window: 0,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 0,
  enable_block_number_column: 0,
  enable_block_offset_column: 0,
};

/** As `enable_block_number_column` was called before 24.5. */
const OLD_BLOCK_NUMBERS = "allow_experimental_block_number_column";

/**
 * Creates an empty table to which and from which parts can be attached: for that, ClickHouse wants its keys to be
 * those of the table to the letter, brackets included. It is a plain MergeTree, but see {@link engineOf}, and takes the
 * values of MATERIALIZED columns (which it would compute anew) and rows that violate a constraint (older than it,
 * perhaps) as they are. It has the table's TTL, as parts that were written without one would never expire, move or be
 * recompressed in the table; it applies none itself, except that parts are written to the volume where they belong. The
 * table's comment is left out: that of a staging table marks rows which are being fed to views.
 *
 * @param version of an older server; null: of a new one
 */
export function createStaging(table: Table, staging: TableId, version: string | null): string[] {
  const create = createLike(table, staging, { comment: "", ttl: table.ttl, version });
  const loosen = [
    ...table.columns
      .filter(({ defaultKind }) => defaultKind === "MATERIALIZED")
      .map(({ name }) => `MODIFY COLUMN ${identifier(name)} REMOVE MATERIALIZED`),
    ...constraintNames(table.createQuery).map((name) => `DROP CONSTRAINT IF EXISTS ${name}`),
  ];
  if (loosen.length === 0) return [create];
  const alter = sql`
    ALTER TABLE ${qualified(staging)}
      ${listed(loosen)}
  `;
  return [create, alter];
}

/** Creates an empty table that takes parts of the table, and keeps them as they are, with what they know of their TTL. */
export function createLike(
  table: Table,
  id: TableId,
  { comment, version, ttl = null }: {
    readonly comment: string;
    readonly version: string | null;
    readonly ttl?: string | null;
  },
): string {
  const { keys, settings } = parseEngineClause(table.engineFull);
  const isKept = (name: string) => !(name in OF_STAGING) && name !== OLD_BLOCK_NUMBERS;
  const kept = splitArguments(settings ?? "").filter((one) => isKept(one.split(" = ")[0]!));
  const own = Object.entries(OF_STAGING).filter(([name]) => knowsTableSetting(version, name))
    .map(([name, value]) => `${name} = ${value}`);
  return sql`
    CREATE TABLE ${qualified(id)} AS ${qualified(table.id)}
    ENGINE = ${engineOf(table)}
    ${keys}
    ${ttl === null ? null : `TTL ${ttl}`}
    SETTINGS ${[...kept, ...own].filter(Boolean).join(", ")}
    COMMENT ${literal(comment)}
  `;
}

/**
 * A plain MergeTree, so that no row is taken for another, unless the engine sorts by more than its ORDER BY says:
 * VersionedCollapsingMergeTree by the version too. Parts that were sorted by less would never collapse in the table, and
 * FINAL would show every state. Nothing collapses on the way either: neither on insert (`optimize_on_insert` is off) nor
 * in merges, of which there are none.
 */
function engineOf({ mergeRule, engineFull }: Table): string {
  if (mergeRule.kind !== "collapse" || !mergeRule.versioned) return "MergeTree";
  const { engine } = parseEngineClause(engineFull);
  const [sign, version] = splitArguments(engine.slice(engine.indexOf("(") + 1, -1)).slice(-2);
  return `VersionedCollapsingMergeTree(${sign}, ${version})`;
}

const CONSTRAINT = new RegExp(String.raw`, CONSTRAINT (${QUOTED_NAME}|[A-Za-z_]\w*) (?:CHECK|ASSUME) `, "g");

/** Names as quoted in the statement. A CONSTRAINT stands between columns, after a comma; so may the text of a default. */
function constraintNames(createQuery: string): string[] {
  return [...createQuery.matchAll(CONSTRAINT)].map((match) => match[1]!);
}
