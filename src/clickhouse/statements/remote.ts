/** The table function by which the local server reads the remote one. */
import type { Endpoint, NativeAddress } from "../../model/settings.ts";
import type { TableId } from "../../model/table.ts";
import { identifier, literal } from "../quoting.ts";

/** Address and credentials of the remote site as the local server uses them. */
export interface RemoteAccess {
  readonly address: NativeAddress;
  readonly credentials: Pick<Endpoint, "user" | "password">;
}

/** `remote('host:port', db, table, 'user', 'password')`, or `remoteSecure(…)`. */
export function remoteTable({ address, credentials }: RemoteAccess, id: TableId): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const args = [
    literal(`${host}:${address.port}`),
    identifier(id.database),
    identifier(id.name),
    literal(credentials.user),
    literal(credentials.password),
  ];
  return `${address.secure ? "remoteSecure" : "remote"}(${args.join(", ")})`;
}
