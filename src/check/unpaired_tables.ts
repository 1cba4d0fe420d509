/** Reports of tables that exist on one site only: new ones, inner tables of views, and those that the active site lost. */
import type { Partitions } from "../model/partition.ts";
import type { Finding, TableReport } from "../model/report.ts";
import { type Catalog, tableName } from "../model/table.ts";
import { shrunkDetail } from "../reconcile/guard_by_memory.ts";
import type { Selection, UnpairedInner } from "../reconcile/select_tables.ts";
import type { DiscoveryOptions } from "./discover.ts";
import { finding, tableReport } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

/** @param failures why new tables could not be created here, by their names */
export function unpairedTables(
  ports: Pick<CheckPorts, "here">,
  { newTables, onlyHere, unpairedInner }: Selection,
  catalogs: { readonly here: Catalog; readonly active: Catalog },
  partitionsThere: ReadonlyMap<string, Partitions>,
  options: DiscoveryOptions,
  failures: ReadonlyMap<string, string>,
): TableReport[] {
  return [
    ...newTables.map((table) =>
      newTableReport(ports, table, catalogs.here, partitionsThere, options, failures)
    ),
    ...lostTables(onlyHere, catalogs.here, options),
    ...unpairedInner.map((inner) => innerReport(inner, catalogs.active, partitionsThere)),
  ];
}

function newTableReport(
  { here }: Pick<CheckPorts, "here">,
  table: Selection["newTables"][number],
  catalog: Catalog,
  partitionsThere: ReadonlyMap<string, Partitions>,
  { settings }: DiscoveryOptions,
  failures: ReadonlyMap<string, string>,
): TableReport {
  const name = tableName(table.id);
  const partitions = [...partitionsThere.get(name)?.values() ?? []];
  const rows = partitions.reduce((sum, partition) => sum + partition.rows, 0n);
  const failure = failures.get(name);
  const detail = failure
    ? `exists on the active site only and could not be created here: ${failure}`
    : settings.autoCreateTables
    ? "exists on the active site only; a check with repairs creates it"
    : "exists on the active site only; create it here, or set AUTO_CREATE_TABLES=true";
  const found: Finding = {
    ...finding(name, null, "new", detail),
    rowsActive: rows,
    missing: rows,
    sql: here.createStatements(table, catalog),
  };
  return tableReport(name, { findings: [found] });
}

/** Tables that the active site held rows of at the last check, and does not have any more. */
function lostTables(
  onlyHere: readonly string[],
  { tables }: Catalog,
  { memory, accepted }: DiscoveryOptions,
): TableReport[] {
  return onlyHere.flatMap((name) => {
    const seen = memory.get(name);
    if (!seen || seen.uuid !== tables.get(name)?.uuid || accepted.has(name)) return [];
    const held = [...seen.partitions.values()].reduce((sum, { rowsActive }) => sum + rowsActive, 0n);
    if (held === 0n) return [];
    const detail = `the table does not exist there any more (or is hidden from the remote user): ${
      shrunkDetail(held, 0n)
    }`;
    return [tableReport(name, { findings: [finding(name, null, "shrunk", detail)], seen })];
  });
}

/** A view whose rows this site has no place for, or keeps in another one. */
function innerReport(
  { view, table, targetHere }: UnpairedInner,
  there: Catalog,
  partitionsThere: ReadonlyMap<string, Partitions>,
): TableReport {
  const partitions = [...partitionsThere.get(tableName(table.id))?.values() ?? []];
  const rows = partitions.reduce((sum, partition) => sum + partition.rows, 0n);
  const found = targetHere === null
    ? finding(
      view,
      null,
      "new",
      "a materialized view with rows of its own, which exists on the active site only; create it here",
    )
    : finding(
      view,
      null,
      "drifted",
      `the view keeps its rows itself on the active site, and in ${targetHere} here`,
    );
  const sql = targetHere === null ? [there.views.get(view)?.createQuery ?? ""] : [];
  return tableReport(view, { findings: [{ ...found, rowsActive: rows, missing: rows, sql }] });
}
