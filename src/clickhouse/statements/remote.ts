/** The table function by which the local server reads the remote one. */
import type { Endpoint, NativeAddress } from "../../model/settings.ts";
import type { Table } from "../../model/table.ts";
import { copiedColumns } from "../canonical.ts";
import { identifier, literal, qualified } from "../quoting.ts";

/** Address and credentials of the remote site as the local server uses them. */
export interface RemoteAccess {
  readonly address: NativeAddress;
  readonly credentials: Pick<Endpoint, "user" | "password">;
}

/** `remote('host:port', db, table, 'user', 'password')`, or `remoteSecure(…)`. */
export function remoteTable({ address, credentials }: RemoteAccess, table: Table): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const args = [
    literal(`${host}:${address.port}`),
    source(table),
    literal(credentials.user),
    literal(credentials.password),
  ];
  return `${address.secure ? "remoteSecure" : "remote"}(${args.join(", ")})`;
}

/** `remote()` cuts a database's name at its first dot, however it is quoted; a view names the table in plain SQL. */
function source({ id, columns }: Table): string {
  if (!id.database.includes(".")) return `${identifier(id.database)}, ${identifier(id.name)}`;
  const names = copiedColumns(columns).map(({ name }) => identifier(name));
  return `view(SELECT ${[...names, "_partition_id", "_part", "_part_offset"].join(", ")} FROM ${
    qualified(id)
  })`;
}
