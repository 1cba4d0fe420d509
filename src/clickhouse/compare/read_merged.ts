/** Reading what the rows of each key come down to, at one site or at both, and on which shards keys stand. */
import type { MergedRequest } from "../../check/ports/readable_site.ts";
import type { Side } from "../../check/replicas/believe.ts";
import type { KeyedDifference, KeyedRequest } from "../../model/derived_view.ts";
import type { MergedDifference } from "../../model/merge_rule.ts";
import type { BucketDigest, MergedDigest } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import { keyDigestStatement, scatteredKeysStatement } from "../engines/key_digests.ts";
import {
  decodeKeyedDifference,
  type KeyedDifferenceRow,
  keyedDifferenceStatement,
} from "../engines/keyed_rows.ts";
import {
  decodeMergedDifference,
  decodeMergedDigest,
  type MergedDifferenceRow,
  mergedDifferenceStatement,
  type MergedDigestRow,
  mergedDigestStatement,
} from "../engines/merged_statements.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { decoded } from "../http/decode.ts";
import { qualified } from "../sql/quoting.ts";
import { oneShard, ownAccess, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { decodeDigest, type DigestRow } from "./digest_statement.ts";

export async function readMergedDigests(
  connection: Connection,
  request: MergedRequest,
): Promise<MergedDigest[]> {
  const statement = mergedDigestStatement({ ...request, table: request.pair.here }, own(connection, request));
  const rows = await connection.rows<MergedDigestRow>(statement, { long: true });
  return decoded(connection.site, () => rows.map(decodeMergedDigest));
}

export async function readKeyDigests(
  connection: Connection,
  request: MergedRequest,
): Promise<BucketDigest[]> {
  const statement = keyDigestStatement({ ...request, table: request.pair.here }, own(connection, request));
  const rows = await connection.rows<DigestRow>(statement, { long: true });
  return decoded(connection.site, () => rows.map(decodeDigest));
}

/** @param options for statements that read the remote site */
export async function readMergedDifference(
  connection: Connection,
  request: MergedRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<MergedDifference> {
  const statement = mergedDifferenceStatement(request, remote);
  const row = await connection.one<MergedDifferenceRow>(statement, options);
  return decoded(connection.site, () => decodeMergedDifference(row));
}

/** @param options for statements that read the remote site */
export async function readKeyedDifference(
  connection: Connection,
  request: KeyedRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<KeyedDifference> {
  const statement = keyedDifferenceStatement(request, remote);
  const row = await connection.one<KeyedDifferenceRow>(statement, options);
  return decoded(connection.site, () => decodeKeyedDifference(row, request));
}

/**
 * How many keys have rows on more than one shard of a site.
 *
 * @param options for statements that read another server
 * @param staged a table that each shard of this site has, whose rows count as if they were in the table already
 */
export async function readScatteredKeys(
  connection: Connection,
  request: MergedRequest,
  remote: RemoteAccess,
  side: Side,
  options: StatementOptions,
  staged: TableId | null = null,
): Promise<bigint> {
  const [site, table] = side === "here"
    ? [ownAccess(remote), request.pair.here]
    : [remote, request.pair.there];
  const tables = [table, ...staged ? [{ ...table, id: staged }] : []];
  const shards = [site.address, ...site.more ?? []].map((_, at) =>
    tables.map((one) => remoteTable(oneShard(site, at), one))
  );
  const statement = scatteredKeysStatement(request, shards);
  const row = await connection.one<Pick<DigestRow, "_chsync_rows">>(statement, options);
  return decoded(connection.site, () => BigInt(row._chsync_rows));
}

function own({ site }: Connection, { pair: { here, there } }: MergedRequest): string {
  return qualified((site === "local" ? here : there).id);
}
