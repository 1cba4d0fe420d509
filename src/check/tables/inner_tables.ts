/** Tables in which other objects keep their rows: under names that hold the UUID of the owner, or its name. */
import type { Catalog, TableId } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";

export interface InnerTable {
  /** `tableName` of the object whose rows it holds. */
  readonly owner: string;
  /** Of the owner. */
  readonly engine: string;
  /** Which one it is of several that the owner has. */
  readonly part: string;
}

/** By name, the inner tables of a site whose owners are there. */
export function innerTables({ tables, views, others }: Catalog): Map<string, InnerTable> {
  const owners = new Map<string, { readonly name: string; readonly engine: string }>();
  const key = (database: string, mark: string) => JSON.stringify([database, mark]);
  for (const [name, { id, uuid, engine }] of others) {
    for (const mark of [id.name, uuid]) owners.set(key(id.database, mark), { name, engine });
  }
  const inner = new Map<string, InnerTable>();
  for (const [name, { id }] of tables) {
    for (const [part, mark] of marks(id)) {
      const owner = owners.get(key(id.database, mark));
      if (owner) inner.set(name, { owner: owner.name, engine: owner.engine, part });
    }
  }
  for (const [name, { target }] of views) {
    if (isInner(target)) inner.set(tableName(target), { owner: name, engine: "MaterializedView", part: "" });
  }
  return inner;
}

/** Whether a table is named like one that an object makes for itself. */
export function isInner({ name }: TableId): boolean {
  return name.startsWith(".inner");
}

/** Whether the rows of such objects are compared: they are wherever the other site's object has the same parts. */
export function isCompared({ engine }: InnerTable): boolean {
  return engine === "MaterializedView" || engine === "TimeSeries";
}

/** How the name of an inner table can be read: which part it is, and the name or UUID of its owner. */
function marks({ name }: TableId): [part: string, mark: string][] {
  const nested = /^([0-9a-f-]{36})_nested$/.exec(name); // of a MaterializedPostgreSQL table
  if (nested) return [["nested", nested[1]!]];
  const [, whole] = /^\.inner(?:_id)?\.(.+)$/s.exec(name) ?? [];
  if (whole === undefined) return [];
  const [, part, mark] = /^([a-z]+)\.(.+)$/s.exec(whole) ?? [];
  // Older versions call the samples of a TimeSeries table its data.
  return [["", whole], ...(mark === undefined ? [] : [[part === "data" ? "samples" : part!, mark] as const])]
    .map(([part, mark]) => [part!, mark!]);
}
