/**
 * In which form columns are compared, so that both servers give equal values the same hash: versions of ClickHouse differ
 * in how they hash JSON, Dynamic and Variant, and some do not hash them at all.
 */
import type { Column, ComparedAs, Table, TablePair } from "../../model/table.ts";

/** By type: hashes of the same values at one server; null: it cannot hash the type. */
export type ConstantHashes = ReadonlyMap<string, string | null>;

/** The types of columns that are hashed: those that are stored. */
export function hashedTypes(pairs: readonly TablePair[]): string[] {
  return [...new Set(pairs.flatMap(({ here }) => here.columns.filter(isStored).map(({ type }) => type)))];
}

/** Those of `types` that both servers hash, and hash the same way. */
export function typesHashedAlike(
  types: readonly string[],
  here: ConstantHashes,
  there: ConstantHashes,
): string[] {
  return types.filter((type) => {
    const hash = here.get(type) ?? null;
    return hash !== null && hash === there.get(type);
  });
}

/** The pair with every stored column compared in the form of its type. */
export function withForms(pair: TablePair, forms: ReadonlyMap<string, ComparedAs>): TablePair {
  const put = (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) =>
      isStored(column) ? { ...column, comparedAs: forms.get(column.type) ?? "nothing" } : column
    ),
  });
  return { ...pair, here: put(pair.here), there: put(pair.there) };
}

function isStored({ defaultKind }: Column): boolean {
  return defaultKind !== "ALIAS" && defaultKind !== "EPHEMERAL";
}
