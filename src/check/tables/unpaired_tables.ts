/** Reports of tables that exist at one site only: new ones, inner tables of views, and those that the active site lost. */
import type { TableSummary } from "../../model/partition.ts";
import { type Finding, finding, type TableReport, tableReport } from "../../model/report.ts";
import { type Catalog, tableName } from "../../model/table.ts";
import { shrunkDetail } from "../judge/guards/shrunk.ts";
import type { Selection, UnpairedInner } from "./select_tables.ts";
import type { DiscoveryOptions } from "./discovery.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** @param failures why new tables could not be created here, by their names */
export function unpairedTables(
  ports: Pick<CheckPorts, "here" | "memory">,
  { newTables, onlyHere, unpairedInner }: Selection,
  catalogs: { readonly here: Catalog; readonly there: Catalog },
  summariesThere: ReadonlyMap<string, TableSummary>,
  options: DiscoveryOptions,
  failures: ReadonlyMap<string, string>,
): TableReport[] {
  return [
    ...newTables.map((table) =>
      newTableReport(ports, table, catalogs.here, summariesThere, options, failures)
    ),
    ...lostTables(ports, onlyHere, catalogs.here, options),
    ...unpairedInner.map((inner) => innerReport(inner, summariesThere)),
  ];
}

function newTableReport(
  { here }: Pick<CheckPorts, "here">,
  table: Selection["newTables"][number],
  catalog: Catalog,
  summariesThere: ReadonlyMap<string, TableSummary>,
  { settings }: DiscoveryOptions,
  failures: ReadonlyMap<string, string>,
): TableReport {
  const name = tableName(table.id);
  const rows = summariesThere.get(name)?.rows ?? 0n;
  const failure = failures.get(name);
  const detail = failure
    ? `exists at the active site only and could not be created here: ${failure}`
    : settings.autoCreateTables
    ? "exists at the active site only; a check with repairs creates it"
    : "exists at the active site only; create it here, or set AUTO_CREATE_TABLES=true";
  const found: Finding = {
    ...finding(name, null, "new", detail),
    rowsActive: rows,
    missing: rows,
    sql: here.createStatements(table, catalog),
  };
  return tableReport(name, { findings: [found] });
}

/** Tables of which the active site held rows at the last check, and that it no longer has. */
function lostTables(
  { memory }: Pick<CheckPorts, "memory">,
  onlyHere: readonly string[],
  { tables }: Catalog,
  { accepted }: DiscoveryOptions,
): TableReport[] {
  return onlyHere.flatMap((name) => {
    const remembered = memory.table(name);
    if (!remembered || remembered.uuid !== tables.get(name)?.uuid || remembered.rowsActive === 0n) return [];
    if (accepted.has(name)) return [];
    const detail = `the table no longer exists at the active site (or is hidden from the remote user): ${
      shrunkDetail(remembered.rowsActive, 0n)
    }`;
    return [tableReport(name, { findings: [finding(name, null, "shrunk", detail)] })];
  });
}

/** A view whose inner table this site does not have. */
function innerReport(
  { view, table, targetHere }: UnpairedInner,
  summariesThere: ReadonlyMap<string, TableSummary>,
): TableReport {
  const rows = summariesThere.get(tableName(table.id))?.rows ?? 0n;
  const found = targetHere === null
    ? finding(
      view,
      null,
      "new",
      "a materialized view with rows of its own, which exists at the active site only; create it here as SHOW CREATE TABLE " +
        "prints it there",
    )
    : finding(
      view,
      null,
      "drifted",
      `the view keeps its rows in an inner table at the active site, and in ${targetHere} here`,
    );
  return tableReport(view, { findings: [{ ...found, rowsActive: rows, missing: rows }] });
}
