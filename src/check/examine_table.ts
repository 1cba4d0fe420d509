/** From one table of both sites to its report: drift, comparison, guards, and the repairs that are planned. */
import type { Memory } from "../model/memory.ts";
import type { Partition, Partitions } from "../model/partition.ts";
import type { Moment } from "../model/scope.ts";
import type { Finding, TableReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { tableName, type TablePair } from "../model/table.ts";
import type { Zones } from "../reconcile/compare_schemas.ts";
import { definitionWarnings } from "../reconcile/definition_warnings.ts";
import { deleteWarnings } from "../reconcile/delete_warnings.ts";
import type { Sources } from "../reconcile/derived.ts";
import { textWarnings } from "../reconcile/hash_agreement.ts";
import { compareTable, type TableComparison } from "./compare_table.ts";
import { describeOnlyHere } from "./describe_only_here.ts";
import { type DescribedPartition, describePartition } from "./describe_partition.ts";
import { finding, tableReport } from "./findings.ts";
import { nameTwinColumns } from "./name_twin_columns.ts";
import type { CheckPorts } from "./ports.ts";
import { recall } from "./recall.ts";
import { refuseTable } from "./refuse_table.ts";
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
  readonly memory: Memory;
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
  const remembered = context.memory.get(pair.name);
  const recollections = onlyAbsent ? new Map() : await recall(ports, pair, remembered, comparison.partitions);
  const described: DescribedPartition[] = [];
  for (const { facts, bucketing } of comparison.partitions) {
    const recollection = recollections.get(facts.active.id);
    const known = { ...facts, mutatedAt: pair.here.mutatedAt, ...(recollection ? { recollection } : {}) };
    const one = describePartition(ports, pair, { facts: known, bucketing }, context);
    const finding = one.finding && await nameTwinColumns(ports, pair, { facts, bucketing }, one.finding);
    described.push({ ...one, finding });
  }
  const onlyHere = onlyAbsent ? [] : await describeOnlyHere(ports, pair, { here, active: there }, context);
  const found = [...unstable, ...[...described, ...onlyHere].flatMap(({ finding }) => finding ?? [])]
    .sort((a, b) => (a.partitionId ?? "") < (b.partitionId ?? "") ? -1 : 1);
  return tableReport(pair.name, {
    partitions: comparison.partitions.length + onlyHere.length,
    compared: comparison.compared,
    findings: found,
    warnings: [
      ...definitionWarnings(pair, ports.here.ttlStatement(pair)),
      ...textWarnings(pair),
      ...deleteWarnings(pair, found),
      ...partitionWarnings(pair, active.size > 0),
    ],
    seen: onlyAbsent ? null : {
      uuid: pair.here.uuid,
      checkedAt: moment.now,
      settledBefore: moment.settledBefore,
      settledBeforeDay: moment.settledBeforeDay,
      partitions: new Map(
        [...described, ...onlyHere].flatMap(({ partitionId, remembered }) =>
          remembered ? [[partitionId, remembered] as const] : []
        ),
      ),
    },
  });
}

function partitionWarnings({ here: { partitionKey } }: TablePair, hasRows: boolean): string[] {
  return partitionKey === "" && hasRows
    ? ["the table has no partition key, so any difference is sought in the whole of it; partition it by day"]
    : [];
}

function filtered(pair: TablePair, { hidden }: TableComparison): Finding {
  const { site, part, seen } = hidden[0]!;
  const detail = `a SELECT by ch-sync's user of the ${site} site sees ${seen} of ${part.rows} rows of part ` +
    `${part.name}: remove the row policy, filter or limit for that user`;
  return finding(pair.name, part.partitionId, "filtered", detail);
}
