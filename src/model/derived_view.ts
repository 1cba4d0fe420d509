/** What a materialized view makes of the rows that its source is given, and how what it made is compared. */
import type { MaterializedView, TableId, TablePair } from "./table.ts";
import type { Bucket, RowScope } from "./scope.ts";

/** A view together with the table, or what passes rows on, whose inserts feed it. */
export interface FeedingView {
  /** `database.table`. */
  readonly source: string;
  readonly view: MaterializedView;
}

/** A column that a view gives. */
export interface ViewColumn {
  readonly name: string;
  /** `plain`: a column of the source as it is, or a function of its row; of a view that groups: `key`, or the function. */
  readonly role: "plain" | "key" | "other" | { readonly aggregate: string };
  /** The column of the source that it is, or of which it is an aggregate, unchanged; null: it is computed. */
  readonly of: string | null;
}

export type ViewKind =
  /** Every row becomes rows of its own, whatever comes with it. */
  | { readonly kind: "rows"; readonly columns: readonly ViewColumn[] }
  /** Rows of an insert are put together by keys. */
  | {
    readonly kind: "groups";
    readonly columns: readonly ViewColumn[];
    /** Columns of the source by which rows are chosen and grouped. */
    readonly by: readonly string[];
  }
  | {
    readonly kind: "unknown";
    readonly why: string;
    /** Of the columns that it gives; empty: not known. */
    readonly names: readonly string[];
    /** Those of them that are the same at any moment and with any other rows, as far as the row of the source is. */
    readonly steady: readonly string[];
    /** What a row becomes may depend on the rows that come with it. */
    readonly together: boolean;
  };

/** Names of the columns that a view gives. */
export function namesGiven(kind: ViewKind): readonly string[] {
  return kind.kind === "unknown" ? kind.names : kind.columns.map(({ name }) => name);
}

/** What views of one table make of rows that are about to be repaired, and where they put it. */
export interface FedTarget {
  /** With the columns that the view gives and the target takes. */
  readonly views: readonly (FeedingView & { readonly columns: readonly string[] })[];
  /** Those that fill it with rows of other tables, as far as these keep them. */
  readonly beside: FedTarget["views"];
  /** The target. */
  readonly pair: TablePair;
  /**
   * How the target is held against what the view makes. `again`: of equal keys one row stays, and may come any number of times.
   * `set`: how many rows there are depends on which came together, and only whether there is one of them tells.
   */
  readonly by: "rows" | "set" | "again" | KeyedRequest["by"];
  /**
   * `both`: this site's target is held against the active site's. `here`: against what the view makes of the source at this
   * site, as the active site's is not compared. `either`: that first, as the active site's need not hold the same.
   */
  readonly against: "both" | "here" | "either";
  /** The same rows make the same here, now as when they came. */
  readonly steady: boolean;
  /** Columns of its key hold something else whenever the views are fed: what comes again is another row. */
  readonly redrawn: boolean;
  /** Names of the columns that all of these views give, the same at any moment. */
  readonly given: readonly string[];
  readonly scope: RowScope;
  /** What views of the target make of that. */
  readonly next: readonly FedWay[];
}

/** What is not asked what it holds: it hands rows on to views, as a Null table does, or keeps them where they are not read. */
export interface FedPassage {
  readonly by: "nothing";
  /** A row that comes once more would be there twice. */
  readonly keeps: boolean;
  readonly views: FedTarget["views"];
  readonly through: TableId;
  readonly next: readonly FedWay[];
}

export type FedWay = FedTarget | FedPassage;

/** Rows of a table put together by keys: by its engine's key and its types, or as the views group that fill it. */
export interface KeyedRequest {
  readonly pair: TablePair;
  readonly by: "engine" | readonly ViewColumn[];
  /** Null: the whole table. */
  readonly partitionId: string | null;
  readonly scope: RowScope;
  readonly bucketCount: number;
  readonly buckets: readonly Bucket[] | "all";
}

/** How rows of a key are put together. */
export interface PutTogetherBy {
  /** Names of the columns that are left out. */
  readonly ignored: readonly string[];
  /** Rows come to the same however often they are there. */
  readonly repeatable: boolean;
}

/** How many keys differ, by what they come down to. */
export interface KeyedDifference {
  /** Keys that both sites hold, or the active one. */
  readonly keys: bigint;
  /** Only at the active site. */
  readonly missing: bigint;
  /** At both, with less here. */
  readonly less: bigint;
  /** At both, other, and it cannot be told where there is more. */
  readonly other: bigint;
  /** At both with more here, or only here. */
  readonly more: bigint;
  /** At both and the same, but for values that may differ where rows tie. */
  readonly doubtful: bigint;
  /** With rows inside the settle window: left out. */
  readonly unsettled: bigint;
  /** Columns of which equal rows may make other values, or values that cannot be put together: not compared. */
  readonly ignored: readonly string[];
}

export const NO_KEYED_DIFFERENCE: KeyedDifference = {
  keys: 0n,
  missing: 0n,
  less: 0n,
  other: 0n,
  more: 0n,
  doubtful: 0n,
  unsettled: 0n,
  ignored: [],
};
