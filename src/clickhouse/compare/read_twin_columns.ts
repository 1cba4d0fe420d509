/** Reading in which columns twins differ: two statements, as the first finds the twins and the second reads just those. */
import type { MergedRequest, PartitionsRequest, TwinColumns } from "../../check/ports/readable_site.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { comparedColumns } from "../sql/canonical_row.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { conflictPairsStatement } from "../engines/merged_statements.ts";
import {
  countDifferences,
  LOOKED_AT,
  type TwinPair,
  twinPairsStatement,
  type TwinRow,
  twinRowsStatement,
} from "./twin_columns.ts";

/** @param options for statements that read the remote site */
export async function readTwinColumns(
  connection: Connection,
  request: PartitionsRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<TwinColumns> {
  const pairs = await connection.rows<TwinPair>(twinPairsStatement(request, remote), options);
  return await lookInto(connection, request, pairs, remote, options);
}

/** Of keys of which either site has another row of the same version; only of an engine that replaces rows. */
export async function readConflictColumns(
  connection: Connection,
  request: MergedRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<TwinColumns> {
  const { pair, partitionId, scope } = request;
  const statement = conflictPairsStatement(request, LOOKED_AT, remote);
  const pairs = await connection.rows<TwinPair>(statement, options);
  const bucketing = { kind: "hash", count: 1 } as const;
  const rows = { pair, partitionIds: [partitionId], scope, bucketing, buckets: "all" } as const;
  return await lookInto(connection, rows, pairs, remote, options);
}

async function lookInto(
  connection: Connection,
  request: PartitionsRequest,
  pairs: readonly TwinPair[],
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<TwinColumns> {
  if (pairs.length === 0) return { looked: 0, differing: [] };
  const rows = await connection.rows<TwinRow>(twinRowsStatement(request, pairs, remote), options);
  const found = countDifferences(pairs, rows);
  const columns = comparedColumns(request.pair.here.columns);
  const differing = columns.map(({ name }, at) => ({ column: name, pairs: found.differing[at] ?? 0 }));
  return { looked: found.looked, differing: differing.filter(({ pairs }) => pairs > 0) };
}
