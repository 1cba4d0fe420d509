/** Reports of tables that exist at one site only: new ones, inner tables of views, and those that the active site lost. */
import type { TableSummary } from "../../model/partition.ts";
import { type Finding, finding, type TableReport, tableReport } from "../../model/report.ts";
import { type Catalog, type Table, tableName } from "../../model/table.ts";
import { shrunkDetail } from "../judge/guards/shrunk.ts";
import type { NotCompared, Selection, UnpairedInner } from "./select_tables.ts";
import type { DiscoveryOptions } from "./discovery.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** @param failures why new tables could not be created here, by their names */
export function unpairedTables(
  ports: Pick<CheckPorts, "here" | "memory">,
  { newTables, onlyHere, unpairedInner, notCompared }: Selection,
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
    ...[...Map.groupBy(unpairedInner, ({ owner }) => owner).values()].map((inner) =>
      innerReport(inner, summariesThere)
    ),
    ...notCompared.map((inner) => notComparedReport(inner, summariesThere, catalogs.there)),
  ];
}

function newTableReport(
  { here }: Pick<CheckPorts, "here">,
  table: Selection["newTables"][number],
  catalog: Catalog,
  summariesThere: ReadonlyMap<string, TableSummary>,
  { settings, version }: DiscoveryOptions,
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
    sql: here.createStatements(table, catalog, version),
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

/** An object whose inner tables this site does not have. */
function innerReport(
  inner: readonly UnpairedInner[],
  summariesThere: ReadonlyMap<string, TableSummary>,
): TableReport {
  const { owner, engine, keptHere } = inner[0]!;
  const what = engine === "MaterializedView" ? "materialized view" : `${engine} table`;
  const found = keptHere === null
    ? finding(
      owner,
      null,
      "new",
      `a ${what} with rows of its own, which exists at the active site only; create it here as SHOW CREATE TABLE ` +
        "prints it there",
    )
    : finding(
      owner,
      null,
      "drifted",
      `the ${what} keeps its rows in inner tables of its own at the active site, and in ${keptHere} here: create it alike at ` +
        "both sites",
    );
  const rows = inner.reduce((sum, { table }) => sum + rowsOf(table, summariesThere), 0n);
  return tableReport(owner, { findings: [{ ...found, rowsActive: rows, missing: rows }] });
}

/** An inner table that could not be told from rows of somebody else's, or whose rows ch-sync does not know. */
function notComparedReport(
  { table, owner }: NotCompared,
  summariesThere: ReadonlyMap<string, TableSummary>,
  { unequal }: Catalog,
): TableReport {
  const name = tableName(table.id);
  const rows = rowsOf(table, summariesThere);
  const detail = !owner && unequal?.has(name)
    ? "it is on one shard of the active site only, as what a view there keeps its rows in; exclude the view by CH_EXCLUDE_PATTERNS, and " +
      "see to its rows yourself, or give the view a table of its own (TO)"
    : owner
    ? `it holds rows of ${owner.owner}, and ch-sync does not compare what an object of the engine ${owner.engine} keeps; ` +
      `exclude ${owner.owner} by CH_EXCLUDE_PATTERNS, and see to its rows yourself`
    : "it is named like an inner table, and the object that it belongs to is not at the active site, or hidden from the remote " +
      "user: drop it there if nothing needs it, grant SELECT on its owner, or exclude it by CH_EXCLUDE_PATTERNS";
  return tableReport(name, {
    findings: [{ ...finding(name, null, "inner_table", detail), rowsActive: rows, missing: rows }],
  });
}

function rowsOf({ id }: Table, summaries: ReadonlyMap<string, TableSummary>): bigint {
  return summaries.get(tableName(id))?.rows ?? 0n;
}
