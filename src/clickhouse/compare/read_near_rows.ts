/** Reading rows of both sites that are nearly the same: three statements, as each asks about what the one before found. */
import type { NearRows } from "../../check/compare/pair_off.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { decoded } from "../http/decode.ts";
import { comparedColumns } from "../sql/canonical_row.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import {
  commonStatement,
  decodeNearRow,
  type NearRequest,
  type NearRow,
  nearRowsStatement,
  onlyHereStatement,
} from "./near_rows.ts";

/** @param options for statements that read the remote site */
export async function readNearRows(
  connection: Connection,
  request: NearRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<NearRows> {
  const columns = comparedColumns(request.pair.here.columns).map(({ name }) => name);
  const rows = await connection.rows<NearRow>(onlyHereStatement(request, remote), options);
  if (rows.length === 0) return { columns, surplus: [], near: [] };
  const near = await connection.rows<NearRow>(
    nearRowsStatement(request, rows, remoteTable(remote, request.pair.there)),
    options,
  );
  const both = near.length === 0 ? [] : await connection.rows<Pick<NearRow, "_chsync_city">>(
    commonStatement(request, near, ownTable(remote, request.pair.here)),
    remote.own ? options : { long: true },
  );
  const common = new Set(both.map(({ _chsync_city }) => _chsync_city));
  return decoded(connection.site, () => ({
    columns,
    surplus: rows.map(decodeNearRow),
    near: near.map((row) => ({ ...decodeNearRow(row), common: common.has(row._chsync_city) })),
  }));
}
