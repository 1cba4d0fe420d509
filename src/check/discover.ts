/** Which tables are compared, which are new, which are fed by views. */
import type { Settings } from "../model/settings.ts";
import type { Catalog, TablePair } from "../model/table.ts";
import { tableName } from "../model/table.ts";
import type { Partitions } from "../model/partition.ts";
import type { Finding, TableReport } from "../model/report.ts";
import { derivedTables, type Sources, sourcesFirst, viewSources } from "../reconcile/derived.ts";
import { type Selection, selectTables, unknownTables } from "../reconcile/select_tables.ts";
import { errorText, finding, tableReport } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

/** Names given by `--table` that exist on neither site: a mistake of usage, not of the check. */
export class UnknownTables extends Error {
  constructor(readonly names: readonly string[]) {
    super(`No table of this name on either site: ${names.join(", ")}; write database.table as reports do`);
  }
}

export interface Discovery {
  /** Sources before what they feed. */
  readonly pairs: readonly TablePair[];
  readonly sources: Sources;
  readonly derived: ReadonlySet<string>;
  readonly partitionsHere: ReadonlyMap<string, Partitions>;
  readonly partitionsThere: ReadonlyMap<string, Partitions>;
  /** Reports of tables that exist on the active site only. */
  readonly newTables: readonly TableReport[];
  readonly warnings: readonly string[];
}

export interface DiscoveryOptions {
  readonly settings: Pick<Settings, "excludePatterns" | "autoCreateTables">;
  readonly only: ReadonlySet<string> | null;
  readonly dryRun: boolean;
}

/** Reads both catalogs, creates new tables where that is allowed, and puts the rest in order. */
export async function discover(ports: CheckPorts, options: DiscoveryOptions): Promise<Discovery> {
  const { here, there } = ports;
  const { only, dryRun, settings } = options;
  const [catalogNow, catalogThere, partitionsHere, partitionsThere] = await Promise.all([
    here.catalog(),
    there.catalog(),
    here.partitions(),
    there.partitions(),
  ]);
  let catalogHere = catalogNow;
  const unknown = unknownTables(only ?? [], catalogHere, catalogThere);
  if (unknown.length > 0) throw new UnknownTables(unknown);

  const select = () => selectTables(catalogHere, catalogThere, settings.excludePatterns, only);
  let selection = select();
  const failures = new Map<string, string>();
  if (settings.autoCreateTables && !dryRun && selection.newTables.length > 0) {
    await createTables(ports, selection, catalogHere, failures);
    catalogHere = await here.catalog();
    selection = select();
  }
  // Derived is a matter of the whole site, also where the check is limited to some tables.
  const all = only ? selectTables(catalogHere, catalogThere, settings.excludePatterns, null) : selection;
  const sources = viewSources(catalogHere);
  return {
    pairs: sourcesFirst(selection.pairs.keys(), sources).map((name) => selection.pairs.get(name)!),
    sources,
    derived: derivedTables(sources, new Set(all.pairs.keys())),
    partitionsHere,
    partitionsThere,
    newTables: selection.newTables.map((table) =>
      newTableReport(ports, table, catalogHere, partitionsThere, options, failures)
    ),
    warnings: selection.missingViews.map((view) =>
      `View ${view} exists on the active site only; create it here so that it is fed after a failback`
    ),
  };
}

async function createTables(
  { here, observer }: CheckPorts,
  { newTables }: Selection,
  catalog: Catalog,
  failures: Map<string, string>,
): Promise<void> {
  for (const table of newTables) {
    const name = tableName(table.id);
    try {
      for (const statement of here.createStatements(table, catalog)) await here.execute(statement);
      observer.warn(`Created table ${name}, which existed on the active site only`);
    } catch (error) {
      failures.set(name, errorText(error));
    }
  }
}

function newTableReport(
  { here }: CheckPorts,
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
