/** The statements that keep aside what a repair replaces, bring it back, and find what is kept. */
import type { KeptTable } from "../../model/kept.ts";
import type { Repair } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";
import { sql } from "../sql/layout.ts";
import { literal, qualified } from "../sql/quoting.ts";
import { replacePartition } from "./staging_statements.ts";
import { createLike } from "./staging_table.ts";

/**
 * Starts the names of one role's kept tables. Staging tables start with `_chsync_primary_` or `_chsync_dr_`, and what
 * starts like that may be dropped at once by any ch-sync, an older one too.
 */
function keptPrefix(role: string): string {
  return `_chsync_kept_${role}_`;
}

/** Letters of a table's and a partition's name that a kept table's name repeats: a file is named after it. */
const REPEATED = 40;

/** `_chsync_kept_<role>_<table>_<partition>_<time>_<number>`. */
export function keptName(
  role: string,
  { pair: { here }, partitionId }: Pick<Repair, "pair" | "partitionId">,
  at: Date,
  number: string,
): string {
  const plain = (name: string) => name.replace(/\W+/g, "_").slice(0, REPEATED);
  const time = at.toISOString().replace(/\.\d+/, "").replace(/\W/g, "");
  return `${keptPrefix(role)}${plain(here.id.name)}_${plain(partitionId)}_${time}_${number}`;
}

/**
 * Makes the kept table and puts the partition's parts into it, by hard links. Its comment is no claim on the partition
 * (see `decodeClaim()`).
 *
 * @param version of an older server; null: of a new one
 */
export function keepPartition(repair: Repair, kept: TableId, at: Date, version: string | null): string[] {
  const { pair: { here }, partitionId } = repair;
  const comment = JSON.stringify({
    kept_of: tableName(here.id),
    kept_partition: partitionId,
    kept_at: at.toISOString(),
    restore: restorePartition(repair, kept),
  });
  return [
    createLike(here, kept, { comment, version }),
    `ALTER TABLE ${qualified(kept)} ATTACH PARTITION ID ${literal(partitionId)} FROM ${qualified(here.id)}`,
  ];
}

/** Puts back what is kept, in place of what the table holds of the partition now. */
export function restorePartition({ pair, partitionId }: Repair, kept: TableId): string {
  return replacePartition(pair.here.id, partitionId, kept);
}

export function listKept(role: string): string {
  return sql`
    SELECT database, name, comment, toInt64(now()) AS now, toInt64(metadata_modification_time) AS made
    FROM system.tables
    WHERE startsWith(name, ${literal(keptPrefix(role))})
  `;
}

export interface KeptRow {
  readonly database: string;
  readonly name: string;
  readonly comment: string;
  readonly now: string;
  readonly made: string;
}

/** The younger of what the server and the comment say: neither a clock that jumped nor a copied file makes it old. */
export function decodeKept({ database, name, comment, now, made }: KeptRow): KeptTable {
  const times = [Number(made), keptAt(comment)];
  const ages = times.map((time) => Number(now) - time).filter(Number.isFinite);
  return { id: { database, name }, ageSeconds: ages.length < times.length ? null : Math.min(...ages) };
}

/** Unix seconds; NaN: the comment does not say. */
function keptAt(comment: string): number {
  try {
    return Date.parse(JSON.parse(comment).kept_at) / 1000;
  } catch {
    return NaN;
  }
}
