/**
 * Partitions that cannot be compared, because one of their columns reads differently each time: it was added after some
 * parts were written, with a default such as generateUUIDv4().
 */
import type { PartsLacking } from "../../model/partition.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Column, TablePair } from "../../model/table.ts";
import { computedColumns, unstableColumns } from "./made_up_values.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { counted } from "../../text/readable.ts";

/** The functions that may return something else for the same arguments; asked only if a column has a default. */
export async function unsteadyFunctions(
  { here }: Pick<CheckPorts, "here">,
  pairs: readonly TablePair[],
): Promise<ReadonlySet<string>> {
  const asked = pairs.some(({ here: { columns } }) =>
    columns.some(({ defaultKind }) => defaultKind === "DEFAULT")
  );
  return asked ? await here.unsteadyFunctions() : new Set();
}

/** Looks at the parts of both sites, but only if a default could be unstable at all. */
export async function findUnstable(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  unsteady: ReadonlySet<string>,
): Promise<Finding[]> {
  const { columns } = pair.here;
  const computed = computedColumns(columns);
  if (unstableColumns(columns, new Set(computed), unsteady).length === 0) return [];
  const [lackingHere, lackingThere] = await Promise.all([
    here.partsLacking(pair.here, computed),
    there.partsLacking(pair.there, computed),
  ]);
  const found = new Map<string, { here: bigint; there: bigint; columns: Set<Column> }>();
  const add = (site: "here" | "there", { partitionId, lacking, parts }: PartsLacking) => {
    const unstable = unstableColumns(columns, new Set(lacking), unsteady);
    if (unstable.length === 0) return;
    const entry = found.get(partitionId) ?? { here: 0n, there: 0n, columns: new Set() };
    entry[site] += parts;
    for (const column of unstable) entry.columns.add(column);
    found.set(partitionId, entry);
  };
  for (const parts of lackingHere) add("here", parts);
  for (const parts of lackingThere) add("there", parts);
  return [...found].map(([partitionId, { here: partsHere, there: partsThere, columns }]) => {
    const names = [...columns].map(({ name, defaultExpression }) => `${name} (DEFAULT ${defaultExpression})`);
    const where = partsHere === 0n ? "the active site" : partsThere === 0n ? "this site" : "both sites";
    const detail =
      `${counted(partsHere, "part")} here and ${partsThere} at the active site have no values of ${
        names.join(", ")
      }, ` +
      `which reads differently each time: run ALTER TABLE … MATERIALIZE COLUMN … at ${where}` +
      (partsHere > 0n && partsThere > 0n
        ? "; each site then makes up values of its own, so rows are only the same if one site copied them from the other"
        : "");
    return {
      ...finding(pair.name, partitionId, "unstable", detail),
      sql: partsHere > 0n
        ? here.materializeStatements(pair.here.id, [...columns].map(({ name }) => name))
        : [],
    };
  });
}
