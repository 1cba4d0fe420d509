/** Reading what this site lacks of what views of the active one put together. */
import type { KeyedRequest } from "../../model/derived_view.ts";
import type { BucketDigest } from "../../model/scope.ts";
import { coverDigestStatement, uncoveredStatement } from "../engines/covered_keys.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { decoded } from "../http/decode.ts";
import { qualified } from "../sql/quoting.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { decodeDigest, type DigestRow } from "./digest_statement.ts";

export async function readCoverDigests(
  connection: Connection,
  request: KeyedRequest,
): Promise<BucketDigest[]> {
  const { here, there } = request.pair;
  const { id } = connection.site === "local" ? here : there;
  const statement = coverDigestStatement(request, qualified(id));
  const rows = await connection.rows<DigestRow>(statement, { long: true });
  return decoded(connection.site, () => rows.map(decodeDigest));
}

/** @param options for statements that read the remote site */
export async function readUncovered(
  connection: Connection,
  request: KeyedRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<Map<string, bigint>> {
  const statement = uncoveredStatement(request, remote);
  const rows = await connection.rows<{ _chsync_partition: string; _chsync_keys: string }>(statement, options);
  return decoded(
    connection.site,
    () => new Map(rows.map((row) => [row._chsync_partition, BigInt(row._chsync_keys)])),
  );
}
