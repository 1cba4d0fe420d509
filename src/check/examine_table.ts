/** From one table of both sites to its report: drift, comparison, guards, and the repairs that are planned. */
import type { Partition, Partitions } from "../model/partition.ts";
import type { Moment } from "../model/scope.ts";
import type { Finding, TableReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { tableName, type TablePair } from "../model/table.ts";
import { allSources, type Sources } from "../reconcile/derived.ts";
import { compareSchemas, type Zones } from "../reconcile/compare_schemas.ts";
import { definitionWarnings } from "../reconcile/definition_warnings.ts";
import { describeDrift } from "../reconcile/drift_words.ts";
import { textWarnings } from "../reconcile/hash_agreement.ts";
import { judgePartition } from "../reconcile/judge_partition.ts";
import { STAGING_PREFIX } from "../reconcile/select_tables.ts";
import { planRepair } from "../reconcile/plan_repair.ts";
import type { ComparedPartition } from "./compare_partitions.ts";
import { compareTable, type TableComparison } from "./compare_table.ts";
import { finding, tableReport } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";
import { findUnstable } from "./unstable_partitions.ts";

export interface ExamineContext {
  readonly settings: Pick<Settings, "settleSeconds" | "maxConflictPercent" | "replaceAggregates" | "role">;
  readonly zones: Zones;
  readonly moment: Moment;
  /** Functions that are not known to answer always the same. */
  readonly unsteady: ReadonlySet<string>;
  readonly partitionsHere: ReadonlyMap<string, Partitions>;
  readonly partitionsThere: ReadonlyMap<string, Partitions>;
  readonly sources: Sources;
  readonly derived: ReadonlySet<string>;
  readonly compared: ReadonlySet<string>;
  /** `database.table` or `database.table:partition` of what is repaired though a guard refuses it. */
  readonly accepted: ReadonlySet<string>;
}

/**
 * Examines a table; plans, but changes nothing.
 *
 * @param onlyAbsent compares only partitions that this site lacks altogether: all that can be said of derived tables
 */
export async function examineTable(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  context: ExamineContext,
  onlyAbsent: boolean,
): Promise<TableReport> {
  const { settings, zones, moment, partitionsHere, partitionsThere } = context;
  const refusal = refuseTable(ports, pair, zones);
  if (refusal) return tableReport(pair.name, { findings: [refusal] });

  const here: Partitions = partitionsHere.get(pair.name) ?? new Map();
  const there: Partitions = partitionsThere.get(tableName(pair.active.id)) ?? new Map();
  // A rollup is only complete, and its raw rows only settled, once it has been left alone for a while.
  const outlived = ({ id, changedAt }: Partition) => !here.has(id) && changedAt < moment.settledBefore;
  const wanted = onlyAbsent ? new Map([...there].filter(([, partition]) => outlived(partition))) : there;
  const unstable = (await findUnstable(ports, pair, context.unsteady))
    .filter(({ partitionId }) => wanted.has(partitionId ?? ""));
  const refused = new Set(unstable.map(({ partitionId }) => partitionId));
  const active = new Map([...wanted].filter(([id]) => !refused.has(id)));
  const comparison = await compareTable(ports, pair, { here, active }, moment, settings.settleSeconds);
  if (comparison.hidden.length > 0) {
    return tableReport(pair.name, { findings: [filtered(pair, comparison)] });
  }
  const compared = comparison.partitions.flatMap((partition) =>
    describePartition(ports, pair, partition, context)
  ).map((found) => refuseFedTwice(found, context));
  const onlyHere = onlyAbsent
    ? []
    : [...here.values()].filter(({ id, rows }) => rows > 0n && !there.get(id)?.rows);
  return tableReport(pair.name, {
    partitions: comparison.partitions.length + onlyHere.length,
    compared: comparison.compared,
    findings: [
      ...unstable,
      ...compared,
      ...onlyHere.map(({ id, rows }) => ({
        ...finding(pair.name, id, "surplus", `${rows} rows are only here; they stay`),
        rowsHere: rows,
        surplus: rows,
      })),
    ],
    warnings: [
      ...definitionWarnings(pair),
      ...textWarnings(pair),
      ...(pair.here.partitionKey === "" && active.size > 0
        ? [
          "the table has no partition key, so any difference is sought in the whole of it; partition it by day",
        ]
        : []),
    ],
  });
}

/** What forbids comparing the table at all. */
function refuseTable({ here }: Pick<CheckPorts, "here">, pair: TablePair, zones: Zones): Finding | null {
  const drifts = compareSchemas(pair, zones);
  if (drifts.length > 0) {
    const sql = here.driftStatements(pair.here.id, drifts);
    const mend = sql.length > 0
      ? ""
      : "; the definition cannot be altered: recreate the table like the active one";
    return { ...finding(pair.name, null, "drifted", describeDrift(drifts) + mend), sql };
  }
  const [mine, theirs] = [pair.here.unfinishedMutations, pair.active.unfinishedMutations];
  if (mine + theirs > 0) {
    const detail =
      `${mine} unfinished mutations here, ${theirs} on the active site (system.mutations); compared ` +
      "when they are done";
    return finding(pair.name, null, "mutating", detail);
  }
  const reserved = pair.here.columns.find(({ name }) => name.startsWith(STAGING_PREFIX));
  if (reserved) {
    const detail = `column ${reserved.name} has a name of the kind that ch-sync keeps for itself; rename it`;
    return finding(pair.name, null, "unsupported", detail);
  }
  const unhashed = pair.here.columns.find(({ comparedAs }) => comparedAs === "nothing");
  if (unhashed) {
    const detail = `the two servers agree neither on hashes of ${unhashed.type}, the type of column ` +
      `${unhashed.name}, nor on its text, so nothing could be proven; bring both to the same version`;
    return finding(pair.name, null, "unsupported", detail);
  }
  // The old syntax, MergeTree(date, key, 8192), is the only one without this keyword.
  if (!pair.here.engineFull.includes(" ORDER BY ")) {
    return finding(pair.name, null, "unsupported", "the table has the old MergeTree syntax; recreate it");
  }
  return null;
}

/**
 * A partition that is absent here, while what only its views could have put here is there, was dropped here: its rows
 * would pass the views a second time.
 */
function refuseFedTwice(
  found: Finding,
  { partitionsHere, sources, derived, compared }: ExamineContext,
): Finding {
  if (found.reason !== "missing" || found.repair?.way !== "insert") return found;
  const fed = [...derived].find((target) => {
    const upstream = [...allSources(target, sources)].filter((name) =>
      compared.has(name) && !derived.has(name)
    );
    const there = partitionsHere.get(target)?.get(found.partitionId ?? "")?.rows ?? 0n;
    return there > 0n && upstream.length === 1 && upstream[0] === found.table;
  });
  if (fed === undefined) return found;
  const detail =
    `${found.detail}, and the same partition of ${fed}, which views fill from it, is not: the rows were ` +
    `dropped here, and would be counted a second time. Drop that partition of ${fed} here too to have both made whole`;
  return { ...found, reason: "views", detail, repair: null, sql: [] };
}

function filtered(pair: TablePair, { hidden }: TableComparison): Finding {
  const { site, part, seen } = hidden[0]!;
  const detail = `a SELECT by ch-sync's user of the ${site} site sees ${seen} of ${part.rows} rows of part ` +
    `${part.name}: remove the row policy, filter or limit for that user`;
  return finding(pair.name, part.partitionId, "filtered", detail);
}

/** No finding where the partition is in sync. */
function describePartition(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  { facts, bucketing }: ComparedPartition,
  { settings: { maxConflictPercent, replaceAggregates }, accepted }: ExamineContext,
): Finding[] {
  const { engine, mergeRule, feeds } = pair.here;
  const judge = (accepted: boolean) =>
    judgePartition(facts, {
      engine,
      mergeRule,
      maxConflictPercent,
      // Rows that are put in place of others would pass the views, and those others would stay in them.
      mayReplace: replaceAggregates && feeds.length === 0,
      accepted,
    });
  const [refused, allowed] = [judge(false), judge(true)];
  const wanted = accepted.has(pair.name) || accepted.has(`${pair.name}:${facts.active.id}`);
  const judgement = wanted && allowed.reason !== refused.reason
    ? { ...allowed, detail: `${allowed.detail}; ${refused.reason}, which --accept allows` }
    : refused;
  const { reason, detail, missing, surplus } = judgement;
  if (reason === null) return [];
  const repairable = reason === "missing" || reason === "partial" || judgement.replace === true;
  const repair = repairable ? planRepair(pair, facts, { ...judgement, reason }, bucketing) : null;
  return [{
    ...finding(pair.name, facts.active.id, reason, detail),
    rowsActive: facts.active.rows,
    rowsHere: facts.here?.rows ?? 0n,
    missing: missing.rows,
    surplus: surplus.rows,
    repair,
    sql: repair ? here.repairStatements(repair) : [],
  }];
}
