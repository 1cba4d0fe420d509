/** The statements that repair several partitions of one table together. */
import { sumDigests } from "../../model/digest.ts";
import type { Repair } from "../../model/repair.ts";
import type { Bucket } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import { type AbsentRequest, isNotHere } from "../compare/absent_rows.ts";
import { compared, type DifferenceRequest } from "../compare/row_difference.ts";
import { digestStatement } from "../compare/digest_statement.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { allOf, sql } from "../sql/layout.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { uuidOf } from "../sql/table_uuid.ts";
import { inBucketsOfPartitions } from "../sql/rows_in_scope.ts";

/** Partitions of one table, one or more, of one scope: all of them absent, or all cut into the same buckets. */
export type Batch = readonly Repair[];

/** Any of them stands for what all have in common: table, scope, buckets, whether they are absent. */
export function anyOf(batch: Batch): Repair {
  return batch[0]!;
}

/** Copies what is missing in all of them. */
export function fillTogether(batch: Batch, staging: TableId, remote: RemoteAccess): string {
  const { pair, scope, bucketing, absent } = anyOf(batch);
  const columns = copiedColumns(pair.here.columns).map(({ name }) => identifier(name)).join(", ");
  const partitionIds = batch.map(({ partitionId }) => partitionId);
  const wanted = batch.map((repair) => [repair.partitionId, bucketsOf(repair)] as const);
  const buckets: DifferenceRequest["buckets"] = absent === "all"
    ? "all"
    : [...new Set(wanted.flatMap(([, buckets]) => buckets))];
  const expected = {
    here: sumDigests(batch.map(({ before }) => before)).rows,
    missing: sumDigests(batch.map(({ missing }) => missing)).rows,
  };
  // A row is like rows of its own partition and bucket only, so this site's may be those of all of them.
  const request: AbsentRequest = { pair, partitionIds, scope, bucketing, buckets, expected };
  const some = absent === "all"
    ? []
    : [inBucketsOfPartitions(wanted, bucketing, scope.axis, pair.here.columns), isNotHere(request, remote)];
  return sql`
    INSERT INTO ${qualified(staging)} (${columns})
    SELECT ${columns}
    FROM ${remoteTable(remote, pair.there)}
    WHERE ${allOf([compared(request), ...some])}
    ${mostOfEach(batch)}
  `;
}

/** More rows than are presumed disprove it: where both sites wrote a partition differently, not all of it is copied. */
function mostOfEach(batch: Batch): string | null {
  if (!batch.some(({ presumed }) => presumed)) return null;
  const most = batch.reduce((most, { missing }) => missing.rows > most ? missing.rows : most, 0n);
  return `LIMIT ${most + 1n} BY _partition_id`;
}

function bucketsOf({ absent, partial }: Repair): readonly Bucket[] {
  return [...absent === "all" ? [] : absent, ...partial.flatMap(({ buckets }) => buckets)];
}

/** What is staged of each of them: digested as it was at the active site, where absent ones are read by one hash alone. */
export function digestTogether(batch: Batch, staging: TableId): string {
  const { pair, scope, bucketing, absent } = anyOf(batch);
  const partitionIds = batch.map(({ partitionId }) => partitionId);
  const grain = absent === "all" ? "copy" : "partition";
  return digestStatement(
    { table: pair.here, partitionIds, scope, bucketing, buckets: "all", grain },
    staging,
  );
}

/** The parts of these partitions, in the table and in the staging table; none where another table has the name by now. */
export function partsTogether(batch: Batch, staging: TableId): string {
  const { pair: { here } } = anyOf(batch);
  const tables = [here.id, staging].map(({ database, name }) => `(${literal(database)}, ${literal(name)})`);
  return sql`
    SELECT
      partition_id AS _chsync_partition,
      toUInt8((database, table) = ${tables[1]!}) AS _chsync_staged,
      name AS _chsync_part,
      hash_of_all_files AS _chsync_hash,
      active AS _chsync_active
    FROM system.parts
    WHERE (database, table) IN (${tables.join(", ")})
      AND ${uuidOf(here.id)} = ${literal(here.ownUuid)}
      AND partition_id IN (${batch.map(({ partitionId }) => literal(partitionId)).join(", ")})
  `;
}

export interface PartRow {
  readonly _chsync_partition: string;
  readonly _chsync_staged: number;
  readonly _chsync_part: string;
  readonly _chsync_hash: string;
  readonly _chsync_active: number;
}

/** The right for {@link attachTogether}. */
export function attachRight({ database, name }: TableId): string {
  return `ALTER DELETE ON ${identifier(database)}.${identifier(name)}`;
}

/** Adds the staged parts of these partitions, and of no other, to the table: one partition after the other, each of them whole. */
export function attachTogether(batch: Batch, staging: TableId): string {
  const from = qualified(staging);
  const parts = batch.map(({ partitionId }) => `ATTACH PARTITION ID ${literal(partitionId)} FROM ${from}`);
  return `ALTER TABLE ${qualified(anyOf(batch).pair.here.id)} ${parts.join(", ")}`;
}

/** The same by moving them, for which no right on the table is needed; it takes several times as long. */
export function moveTogether(batch: Batch, staging: TableId): string {
  const to = qualified(anyOf(batch).pair.here.id);
  const parts = batch.map(({ partitionId }) => `MOVE PARTITION ID ${literal(partitionId)} TO TABLE ${to}`);
  return `ALTER TABLE ${qualified(staging)} ${parts.join(", ")}`;
}

/** The right to make a mark that stores nothing. */
export const NULL_RIGHT = "TABLE ENGINE ON Null";

/**
 * Tables that say no more than that they are there, each by its comment: in one statement, which takes half of the time.
 *
 * @param version of an older server, which may not take several in one statement; null: of a new one
 */
export function markTables(
  marks: readonly { readonly mark: TableId; readonly comment: string }[],
  mayBeNull: boolean,
  version: string | null,
): string[] {
  const engine = mayBeNull ? "Null" : "MergeTree ORDER BY claimed";
  const statements = marks.map(({ mark, comment }) =>
    `CREATE TABLE ${qualified(mark)} (claimed UInt8) ENGINE = ${engine} COMMENT ${literal(comment)}`
  );
  return version === null ? [statements.join("\nPARALLEL WITH ")] : statements;
}

/**
 * Without waiting for their files, which hold nothing.
 *
 * @param version as for {@link markTables}
 */
export function dropMarks(marks: readonly TableId[], version: string | null): string[] {
  const names = marks.map(qualified);
  const statements = version === null && names.length > 0 ? [names.join(", ")] : names;
  return statements.map((names) => `DROP TABLE IF EXISTS ${names}`);
}
