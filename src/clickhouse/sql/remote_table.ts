/** The table function by which the local server reads the remote one. */
import type { Endpoint, NativeAddress } from "../../model/settings.ts";
import type { Table } from "../../model/table.ts";
import { copiedColumns } from "./canonical_row.ts";
import { identifier, literal, qualified } from "./quoting.ts";

/** Address and credentials of the remote site as the local server uses them. */
export interface RemoteAccess {
  readonly address: NativeAddress;
  /** Of its other shards, which are read together with the first; absent: it has one. */
  readonly more?: readonly NativeAddress[];
  readonly credentials: Pick<Endpoint, "user" | "password">;
  /** The shards of this site, where it has several: its rows are read by `remote()` too. */
  readonly own?: RemoteAccess;
  /** A named collection on the local server that holds both, so that no statement does; null: there is none. */
  readonly collection: string | null;
  /** One of the two servers is older than the analyzer. */
  readonly old?: boolean;
}

/**
 * `remote('host:port', db, table, 'user', 'password')`, or `remote(collection, database = 'db', table = 'table')`; or
 * `remoteSecure(…)`.
 *
 * @param query what the other server is asked in place of the table, where no collection is used: a query in plain SQL
 */
export function remoteTable(
  { address, more = [], credentials, collection, old = false }: RemoteAccess,
  table: Pick<Table, "id" | "columns">,
  query: string | null = null,
): string {
  const call = address.secure ? "remoteSecure" : "remote";
  if (collection !== null) {
    // Two texts, which are taken as they are, dots and all.
    const { database, name } = table.id;
    return `${call}(${identifier(collection)}, database = ${literal(database)}, table = ${literal(name)})`;
  }
  const args = [
    literal([address, ...more].map(spelled).join(",")),
    query === null ? source(table, old) : `view(${query})`,
    literal(credentials.user),
    literal(credentials.password),
  ];
  return `${call}(${args.join(", ")})`;
}

/** The same without passwords, for statements that are shown. */
export function masked(remote: RemoteAccess): RemoteAccess {
  const { own, credentials } = remote;
  const hidden = { ...credentials, password: "***" };
  return { ...remote, credentials: hidden, ...(own ? { own: masked(own) } : {}) };
}

/** The same, read as servers without the analyzer can. */
export function asOld(remote: RemoteAccess, old: boolean): RemoteAccess {
  return { ...remote, old, ...(remote.own ? { own: { ...remote.own, old } } : {}) };
}

/** This site's shards. @throws {TypeError} where it is one server */
export function ownAccess({ own }: RemoteAccess): RemoteAccess {
  if (!own) throw new TypeError("a site of one server has no shards");
  return own;
}

/** This site's rows of a table: of its one server, or of all of its shards. */
export function ownTable({ own }: RemoteAccess, table: Pick<Table, "id" | "columns">): string {
  return own ? remoteTable(own, table) : qualified(table.id);
}

/** `host:port`, as ClickHouse writes it. */
export function spelled({ host, port }: Pick<NativeAddress, "host" | "port">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The other site as if it had this shard alone. @param shard counted from 0 */
export function oneShard(remote: RemoteAccess, shard: number): RemoteAccess {
  const address = [remote.address, ...remote.more ?? []][shard] ?? remote.address;
  const { own: _, ...alone } = remote;
  return { ...alone, address, more: [] };
}

/** Reads the disks of the other server: there is one in any case, and ch-sync's user may read them. */
export function remoteDisks(remote: RemoteAccess): string {
  return remoteTable(remote, { id: { database: "system", name: "disks" }, columns: [] });
}

/**
 * Texts, as a name would be taken for the column that has it, inside of a subquery. `remote()` cuts a database's name at its first
 * dot, however it is quoted; a view names the table in plain SQL. Without the analyzer no row passes a `GLOBAL NOT IN` over a view:
 * there `merge()` reads the one table of that name.
 */
function source({ id, columns }: Pick<Table, "id" | "columns">, old: boolean): string {
  if (!id.database.includes(".")) return `${literal(id.database)}, ${literal(id.name)}`;
  if (old) {
    const pattern = `^${id.name.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&")}$`;
    return `merge(${literal(id.database)}, ${literal(pattern)})`;
  }
  const names = copiedColumns(columns).map(({ name }) => identifier(name));
  return `view(SELECT ${[...names, "_partition_id", "_part", "_part_offset"].join(", ")} FROM ${
    qualified(id)
  })`;
}
