/** Which tables are compared, which are new, and which are fed by views. */
import { type Catalog, tableName } from "../../model/table.ts";
import { UsageProblem } from "../../model/usage_problem.ts";
import {
  derivedTables,
  fedThereOnly,
  feedingViews,
  joinPartners,
  sourcesFirst,
  viewSources,
  withoutCircles,
} from "../views/derived_tables.ts";
import { driftedViews } from "../views/drifted_views.ts";
import { differingViews, materializedViews, missingObjects } from "./missing_objects.ts";
import { keptByCloud } from "./refuse_table.ts";
import { refreshedTables } from "../views/refreshed_tables.ts";
import {
  allNames,
  idlePatterns,
  isWanted,
  type Selection,
  selectTables,
  STAGING_PREFIX,
  unknownTables,
} from "./select_tables.ts";
import type { Discovery, DiscoveryOptions } from "./discovery.ts";
import { otherSite } from "../../model/site.ts";
import { errorText } from "../../text/error_text.ts";
import { nearest } from "../../text/nearest.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { holdingTables, unreadTables } from "../views/handing_on.ts";
import { bufferTables } from "../replicas/buffer_tables.ts";
import { knownQueues } from "../replicas/queued.ts";
import { examineClusters } from "../shards/examine_clusters.ts";
import { idleIgnored, withIgnored } from "./ignored_columns.ts";
import { unknownTimeColumns } from "./table_warnings.ts";
import { stagingProblem, unstagedTables } from "./staging_place.ts";
import { unpairedTables } from "./unpaired_tables.ts";

/** Names and patterns that fit no table of either site: the operator's mistake, not a failure of the check. */
export class UnknownTables extends UsageProblem {
  /** @param all the names of all tables */
  constructor(readonly names: readonly string[], all: readonly string[] = []) {
    const lines = names.map((name) => {
      const near = nearest(name.replace(/[!*?]/g, ""), all);
      const meant = near.length > 0
        ? `; the nearest ${near.length === 1 ? "is" : "are"} ${near.join(", ")}`
        : "";
      return `No table of this name at either site: ${name}${meant}; write database.table as reports do`;
    });
    super(...lines);
  }
}

/** Reads both catalogs, creates new tables if that is allowed, and puts the rest in order. */
export async function discover(ports: CheckPorts, options: DiscoveryOptions): Promise<Discovery> {
  const { here, there } = ports;
  const { only, within, accepted, dryRun, settings } = options;
  const all = only === null;
  const [catalogNow, catalogThere, summariesHere, summariesThere, objectsHere, objectsThere] = await Promise
    .all([
      here.catalog(),
      there.catalog(),
      here.summaries(),
      there.summaries(),
      all ? here.otherObjects() : [],
      all ? there.otherObjects() : [],
    ]);
  let catalogHere = catalogNow;
  // Partition ids and names of tables may both hold a colon: what a site knows as a table is one.
  const wanted = [...accepted].map((name) =>
    catalogHere.tables.has(name) ? name : name.replace(/:[^:]*$/, "")
  );
  const unknown = [
    // What was left open may be gone by now.
    ...within?.open ? [] : idlePatterns(only ?? [], catalogHere, catalogThere),
    ...unknownTables(wanted, catalogHere, catalogThere),
  ];
  const names = allNames(catalogHere, catalogThere);
  if (unknown.length > 0) throw new UnknownTables(unknown, names);
  if (only && !names.some((name) => isWanted([name], only))) {
    throw new UsageProblem(
      within?.open
        ? "--recheck: no table that the last check left open is there any more"
        : `--table ${[...only].join(" ")} leaves no table: what begins with ! leaves out`,
    );
  }

  const select = (only: DiscoveryOptions["only"]) =>
    selectTables(catalogHere, catalogThere, settings.excludePatterns, only);
  let selection = select(only);
  const catalogs = { here: catalogHere, there: catalogThere };
  const unnamed = await examineClusters(ports, catalogs, selection, settings);
  const failures = new Map<string, string>();
  const mayCreate = settings.autoCreateTables && !dryRun && unnamed.here === null;
  // Whoever has repairs wait may be about to rename or drop the table.
  if (mayCreate && selection.newTables.length > 0 && await mayWrite(ports, settings)) {
    await createTables(ports, selection, catalogHere, failures);
    catalogHere = await here.catalog();
    selection = select(only);
  }
  // Which tables are derived depends on all tables, even if the check is limited to some.
  const every = only ? select(null) : selection;
  const sources = viewSources(catalogHere);
  const compared = new Set(every.pairs.keys());
  const refreshed = refreshedTables(catalogHere, catalogThere, every.pairs);
  const derived = derivedTables(sources, compared).union(refreshed);
  const joined = joinPartners(catalogHere, compared);
  const partners = withoutCircles(joined, sources);
  const views = feedingViews(catalogHere);
  const read = { derived, views, partners: joined };
  return {
    pairs: sourcesFirst(selection.pairs.keys(), [sources, partners]).map((name) => {
      const pair = withIgnored(selection.pairs.get(name)!, settings, read);
      return { ...pair, ttlStatement: here.ttlStatement(pair) };
    }),
    sources,
    views,
    tables: new Map([...catalogHere.tables].filter(([name]) => !catalogHere.ambiguous.has(name))),
    holding: holdingTables(catalogHere),
    unread: unreadTables(catalogHere),
    compared,
    partners,
    derived: new Map([...derived].flatMap((name) => {
      const table = catalogHere.tables.get(name);
      return table ? [[name, table.id] as const] : [];
    })),
    fedThere: fedThereOnly(
      { sources, views },
      { sources: viewSources(catalogThere), views: feedingViews(catalogThere) },
      every.pairs.values(),
    ),
    unprovable: new Map([
      ...driftedViews(derived, catalogHere, catalogThere, every.pairs),
      ...refreshed,
    ]),
    unequal: { here: catalogHere.unequal ?? new Map(), there: catalogThere.unequal ?? new Map() },
    unlikeViews: {
      here: catalogHere.unlikeViews ?? new Map(),
      there: catalogThere.unlikeViews ?? new Map(),
    },
    summaries: { here: summariesHere, there: summariesThere },
    known: { tables: new Set(catalogThere.tables.keys()), databases: new Set(catalogThere.databases.keys()) },
    queues: {
      here: knownQueues(catalogHere, compared, settings.excludePatterns),
      there: knownQueues(
        catalogThere,
        new Set([...every.pairs.values()].map(({ there }) => tableName(there.id))),
        settings.excludePatterns,
      ),
    },
    buffers: {
      here: bufferTables(
        catalogHere,
        new Map([...compared].map((name) => [name, name])),
        settings,
      ),
      there: bufferTables(
        catalogThere,
        new Map([...every.pairs].map(([name, { there }]) => [tableName(there.id), name])),
        settings,
      ),
    },
    unpaired: unpairedTables(
      ports,
      selection,
      { here: catalogHere, there: catalogThere },
      summariesThere,
      options,
      failures,
    ),
    onlyHere: new Set(selection.onlyHere),
    excluded: selection.excluded,
    unnamed,
    stagingProblem: stagingProblem(catalogHere, settings.stagingDatabase),
    unstaged: unstagedTables(catalogHere, settings.stagingDatabase),
    ambiguous: catalogHere.ambiguous.union(catalogThere.ambiguous).union(readAlike(every.pairs)),
    leftOut: selection.leftOut,
    warnings: [
      ...unnamed.warnings,
      ...differingViews(catalogHere, catalogThere, settings.excludePatterns),
      ...(all
        ? missingObjects(
          [...materializedViews(catalogHere), ...objectsHere],
          [...materializedViews(catalogThere), ...objectsThere],
          settings.excludePatterns,
        )
        : []),
      ...all ? unknownTimeColumns(catalogHere.tables.values(), settings.timeColumns) : [],
      ...all ? idleIgnored([...catalogHere.tables.values()], settings, derived) : [],
      ...selection.reserved.map((table) =>
        `Table ${table} is not compared: ch-sync keeps names that begin with ${STAGING_PREFIX} for itself; rename it`
      ),
      // Of several shards, what is on one of them may belong to a view there.
      ...selection.orphans.filter((table) => !catalogHere.unequal?.has(table)).map((table) =>
        `Table ${table} here is named like an inner table, and what it belonged to is not here: drop it if nothing needs it`
      ),
      ...selection.onlyHere.map((table) =>
        `Table ${table} is here and not at the active site, or the remote user has no right to see it there`
      ),
    ],
  };
}

/** Whether repairs do not wait, and this site still is the passive one. */
async function mayWrite(
  { repairsWait, role: source }: CheckPorts,
  { role }: DiscoveryOptions["settings"],
): Promise<boolean> {
  return await repairsWait() === null && (await source.resolve()).active === otherSite(role);
}

/** Names by which a table of one database would be paired with that of another. */
function readAlike(pairs: Selection["pairs"]): Set<string> {
  const others = [...pairs].filter(([, { here, there }]) => here.id.database !== there.id.database);
  return new Set(others.map(([name]) => name));
}

async function createTables(
  { here, observer }: CheckPorts,
  { newTables }: Selection,
  catalog: Catalog,
  failures: Map<string, string>,
): Promise<void> {
  const cloud = keptByCloud(catalog);
  for (const table of newTables) {
    const name = tableName(table.id);
    if (cloud) {
      failures.set(name, "this site is ClickHouse Cloud, which ch-sync only reads, as the active site");
      continue;
    }
    try {
      await here.create(table, catalog);
      observer.warn(`Created table ${name}, which existed at the active site only`);
    } catch (error) {
      failures.set(name, errorText(error));
    }
  }
}
