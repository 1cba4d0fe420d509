/** Reading which rows of one site the other does not hold, or not as often. */
import type { AbsentRowsRequest, BucketTwins, PartitionsRequest } from "../../check/ports/readable_site.ts";
import type { BucketDifference, BucketDigest } from "../../model/scope.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { decoded } from "../http/decode.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { absentRowsStatement } from "./absent_rows.ts";
import { decodeDigest, type DigestRow } from "./digest_statement.ts";
import {
  decodeDifference,
  decodeTwins,
  type DifferenceRow,
  differenceStatement,
  type TwinsRow,
  twinsStatement,
} from "./row_difference.ts";

/** @param options for statements that read the remote site, as below */
export async function readAbsentRows(
  connection: Connection,
  request: AbsentRowsRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<BucketDigest[]> {
  const rows = await connection.rows<DigestRow>(absentRowsStatement(request, remote), options);
  return decoded(connection.site, () => rows.map(decodeDigest));
}

export async function readDifferences(
  connection: Connection,
  request: PartitionsRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<BucketDifference[]> {
  const rows = await connection.rows<DifferenceRow>(differenceStatement(request, remote), options);
  return decoded(connection.site, () => rows.map(decodeDifference));
}

export async function readTwins(
  connection: Connection,
  request: PartitionsRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<BucketTwins[]> {
  const rows = await connection.rows<TwinsRow>(twinsStatement(request, remote), options);
  return decoded(connection.site, () => rows.map(decodeTwins));
}
