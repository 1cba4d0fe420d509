/** Tables and views as a site describes them. */
import type { EarlyRule, TableRules, UntakenRule } from "./expiry_rule.ts";
import type { MergeRule, MergeTraits } from "./merge_rule.ts";
import type { DeleteTtl } from "./scope.ts";

/** A table by the two parts of its name, neither of them quoted. */
export interface TableId {
  readonly database: string;
  readonly name: string;
}

/** `database.table` in one piece, as reports, logs and the state name a table. Not quoted: never use it in SQL. */
export function tableName(id: TableId): string {
  return `${id.database}.${id.name}`;
}

/** How a column gets its value when an insert leaves it out; empty: no default. */
export type DefaultKind = "" | "DEFAULT" | "MATERIALIZED" | "ALIAS" | "EPHEMERAL";

/**
 * What of a column's values is hashed: the values; the values with each NULL told apart from them, where a server hashes
 * no NULL (before 25.5); both the values and their texts, where neither alone tells them apart; or their text where the two
 * servers hash the type differently. Or nothing, so that the table cannot be compared: not even their texts agree, or neither server
 * hashes them at all.
 */
export type ComparedAs = "value" | "null_apart" | "both" | "text" | "nothing" | "unhashed";

/** When values of a column turn into its default although their rows stay. */
export interface Expiry {
  /** SQL expressions of a time, which both servers apply; none: never. */
  readonly rules: readonly string[];
  /** Unix seconds: what has expired by then counts as expired. */
  readonly now: number;
}

export interface Column {
  readonly name: string;
  /** The type as ClickHouse prints it. */
  readonly type: string;
  readonly comparedAs: ComparedAs;
  readonly defaultKind: DefaultKind;
  readonly defaultExpression: string;
  readonly expiry: Expiry;
  /** It, or a part of it such as `t.day`. */
  readonly inPartitionKey: boolean;
  readonly inSortingKey: boolean;
  /** SQL of what stands in the sorting key of it alone, such as `t.host`: the server then says that it is in none. Absent: nothing. */
  readonly partsInSortingKey?: readonly string[];
  /** Each site fills it for itself (IGNORE_COLUMNS): it tells no rows apart, and is copied with them. Absent: it is compared. */
  readonly ignored?: true;
}

/** Whether values of a type are hashed before the row is, each of a dictionary once. NULL has no hash. */
export function isHashedByDictionary(type: string, as: ComparedAs): boolean {
  return as === "value" && /^LowCardinality\((?!Nullable\()/.test(type);
}

/**
 * Whether the hash of a value does not tell it from others: servers hash what is in an array of objects without the bounds of the
 * objects, so that `[{"b":1},{}]` and `[{},{"b":1}]` have one hash (26.7, either hash). Their texts differ; those of 1 and '1' need not.
 */
export function isHashedLoosely(type: string): boolean {
  const bare = type.replace(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "");
  return /(?:^|[(, ])(?:JSON|Dynamic)(?=$|[(),])/.test(bare);
}

export interface Table {
  readonly id: TableId;
  /** One for all replicas of the table. The all-zero UUID in databases that give none. */
  readonly uuid: string;
  /** The UUID that it has at the server that is read. */
  readonly ownUuid: string;
  /** The engine's name without arguments, such as `ReplacingMergeTree`. */
  readonly engine: string;
  /** What stands in its brackets: columns, such as `version`, without a path in Keeper and the replica's name. */
  readonly engineArguments: string;
  /** The engine clause as `system.tables.engine_full` prints it: engine, keys, TTL, settings. */
  readonly engineFull: string;
  /** What the engine does to rows of equal sorting key. */
  readonly mergeRule: MergeRule;
  /** What follows from that. */
  readonly traits: MergeTraits;
  readonly partitionKey: string;
  readonly sortingKey: string;
  /** The statement that would create the table, from the site that holds it. */
  readonly createQuery: string;
  /** As the server prints it; null: rows do not expire. */
  readonly ttl: string | null;
  /** By which rows and values expire. */
  readonly rules: TableRules;
  /** As in `index_granularity = 8192`; null: none. */
  readonly settings: string | null;
  /** Columns, indices, projections and constraints, each as the definition has it. */
  readonly elements: readonly string[];
  /** In the order of the table. */
  readonly columns: readonly Column[];
  /** Views that an insert into this table feeds (`dependencies_table`): no refreshable ones, no join partners. */
  readonly feeds: readonly TableId[];
  /** Mutations that have not finished. */
  readonly unfinishedMutations: number;
  /** Unix seconds of the newest mutation on record; 0: none. */
  readonly mutatedAt: number;
  /** The same of a finished `ALTER … DELETE`. */
  readonly deletedAt: number;
}

export interface MaterializedView {
  readonly id: TableId;
  /** The table that holds the view's rows: its `TO` table or its inner one. */
  readonly target: TableId;
  /** A refreshable view is fed by its schedule, not by inserts. */
  readonly refreshable: boolean;
  /** The statement that would create the view. */
  readonly createQuery: string;
  /** Its SELECT, as the server prints it. */
  readonly select: string;
}

/** Something that a site holds besides tables. */
export interface SiteObject {
  /** As an operator calls it: `view`, `dictionary`, `user`. */
  readonly kind: string;
  /** With its database in front where it has one. */
  readonly name: string;
}

/** A table of an engine that is not of the MergeTree family: it is not compared, but rows may pass through it. */
export interface OtherTable {
  readonly id: TableId;
  /** The all-zero UUID in databases that give none. */
  readonly uuid: string;
  readonly engine: string;
  readonly feeds: readonly TableId[];
  /** Where it puts the rows that it is given, as far as its definition says; not its inner tables. */
  readonly writesTo: readonly TableId[];
  /** The cluster of a Distributed table, macros put in; null: another engine, or the server has not all of the macros. */
  readonly cluster: string | null;
  /** Seconds for which a Buffer table keeps a row at most; null: another engine. */
  readonly keepsFor: number | null;
}

/** What one site holds, without the databases that belong to the server. Keys are `tableName`. */
export interface Catalog {
  /** Tables of the MergeTree family. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly views: ReadonlyMap<string, MaterializedView>;
  /** Tables of all other engines. */
  readonly others: ReadonlyMap<string, OtherTable>;
  /** What statements read by other names than those of tables: of a plain view its SELECT, of an Alias the table behind it. */
  readonly readAs: ReadonlyMap<string, { readonly database: string; readonly text: string }>;
  /** Names that stand for two tables: table `b.c` of database `a`, and table `c` of database `a.b`. */
  readonly ambiguous: ReadonlySet<string>;
  /** Of several shards: why a table is not the same on all of them, by `tableName`. */
  readonly unequal?: ReadonlyMap<string, string>;
  /** Of several shards: why the views that read or fill a table are not the same on all of them, by `tableName`. */
  readonly unlikeViews?: ReadonlyMap<string, string>;
  /** The engine of each database that exists. */
  readonly databases: ReadonlyMap<string, string>;
  /** Of several shards: of which engine it is on each, in words, of a database that is not the same on all of them. */
  readonly unequalDatabases?: ReadonlyMap<string, string>;
}

/** The same table at both sites. The names differ only for inner tables of views, which carry a UUID. */
export interface TablePair {
  /** `database.table` of this site: what reports show. */
  readonly name: string;
  readonly here: Table;
  readonly there: Table;
  /**
   * Rules by which the active site deletes rows, and by which either site puts rows together (`TTL … GROUP BY`): both
   * servers apply them.
   */
  readonly deletes: readonly DeleteTtl[];
  readonly groups: readonly DeleteTtl[];
  readonly early: readonly EarlyRule[];
  /** Rules of one site which the other one's server is not asked to apply: the table cannot be compared. */
  readonly untaken: readonly UntakenRule[];
  /** Gives this site's table the TTL of the active one's; null: none that can be run as it is, or without harm. */
  readonly ttlStatement: string | null;
  /** Views fill it or are fed by it, and yet it is compared and repaired by itself: no repair feeds them. */
  readonly pastViews?: boolean;
  /** All that counts are the lowest and highest values of each key: more copies of a row mean no more than one. */
  readonly covers?: boolean;
  /** Why columns that IGNORE_COLUMNS names cannot be left out, in words, so that nothing is compared; absent: they can. */
  readonly unignorable?: string;
}

/** In which form values are hashed: as they are, with NULL told apart, or as text. */
export type HashedAs = Exclude<ComparedAs, "nothing" | "unhashed">;
