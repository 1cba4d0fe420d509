/** Which rows of a partition a comparison covers, and how it cuts them into buckets. */
import type { Digest } from "./digest.ts";

/** What a column of times counts since 1970. */
export type TimeUnit = "days" | "seconds" | "milliseconds" | "microseconds" | "nanoseconds";

/** The column by which rows of a table settle and are cut into buckets. */
export interface TimeAxis {
  readonly column: string;
  /** What `toInt64(column)` counts: seconds (DateTime, DateTime64), days (Date, Date32), or what its numbers are taken for. */
  readonly unit: TimeUnit;
  /** The column holds whole numbers, and is of no type of times. */
  readonly numbers?: {
    /** All of them are multiples of this, in the unit: a row may be that much younger than its number says. */
    readonly grain: bigint;
  };
}

/** The literal instants of one check: the same numbers go to both sites, whatever their clocks say. */
export interface Moment {
  /** Unix seconds, on the older clock of the two. */
  readonly now: number;
  /** Rows before this are settled: unix seconds, `now` less the settle window. */
  readonly settledBefore: number;
  /** The same for a Date column: days since 1970, in the server's zone or by UTC, whichever is earlier. */
  readonly settledBeforeDay: number;
}

/** A table's delete TTL. Rows past it are neither compared nor copied: either site may drop them at any moment. */
export interface DeleteTtl {
  /** SQL, as the server prints it. */
  readonly expression: string;
  /** SQL of `DELETE WHERE …`; null: every row. */
  readonly where: string | null;
}

/** Which rows are compared. */
export interface RowScope {
  readonly axis: TimeAxis | null;
  readonly moment: Moment;
  /**
   * Neither side's parts have changed within the settle window: then every row is settled, whatever its time says, even in
   * the year 2050. Otherwise only rows from before the window are.
   */
  readonly quiet: boolean;
  /** Seconds: the settle window, to tell what lies in the future. */
  readonly settleSeconds: number;
  readonly ttls: readonly DeleteTtl[];
}

/** How rows are cut into buckets. Any row belongs to exactly one, by the same arithmetic at both sites. */
export type Bucketing =
  /** `intDiv(toInt64(axis) - origin, width)`, both in the unit of the axis; rows without a time are bucket null. */
  | { readonly kind: "time"; readonly origin: bigint; readonly width: bigint }
  /** By the hash of the columns of the sorting key (of all columns where there are none), modulo `count`. */
  | { readonly kind: "hash"; readonly count: number };

/** The number of a bucket, or null for the rows whose time is NULL. */
export type Bucket = bigint | null;

export interface BucketDigest {
  readonly partitionId: string;
  readonly bucket: Bucket;
  readonly digest: Digest;
  /** Two shards, counted from 1, that hold the very same rows of the whole partition; absent: none do, or there is one. */
  readonly copied?: readonly [number, number];
}

/** Digests of what keys come down to. */
export interface MergedDigest extends BucketDigest {
  /** Of those only that have no row inside the settle window. */
  readonly settled: Digest;
}

/**
 * How fine digests are: counts alone for each bucket, by both hashes for each bucket, by both hashes for each partition, or by one hash for each
 * partition: `alike` where it is only asked whether two are equal, `copy` where rows are only counted over from one place to another.
 */
export type DigestGrain = "count" | "bucket" | "partition" | "alike" | "copy";

/** How the rows of one bucket differ, row by row. */
export interface BucketDifference {
  readonly bucket: Bucket;
  /** Rows that the active site holds more often than this one, as often as they are short. */
  readonly missing: Digest;
  /** Of the missing rows, those that are here too, only fewer times. */
  readonly repeated: bigint;
  readonly surplus: Digest;
}

/** About how many rows of what is asked: it decides what travels from site to site, and no answer. */
export interface ExpectedRows {
  readonly here: bigint;
  readonly missing: bigint;
}
