/** What is kept of a partition for the next check. */
import { reasonOf } from "../../model/cause.ts";
import type {
  Proof,
  RememberedPartition,
  RememberedPartitions,
  RememberedTable,
} from "../../model/memory.ts";
import type { Partition } from "../../model/partition.ts";
import { consequence } from "../../model/reason.ts";
import type { CheckReport, Finding, TableReport } from "../../model/report.ts";
import { isSame } from "../judge/guards/recurring.ts";
import { lastArrival } from "../judge/guards/backfilling.ts";
import type { Judgement, PartitionFacts } from "../judge/partition_facts.ts";

/** A partition as it was compared, before anything is repaired. */
export function rememberPartition(facts: PartitionFacts, judgement: Judgement): RememberedPartition {
  const { comparison, scope, remembered, counted = false, mutatedAt = 0 } = facts;
  const { cause, missing } = judgement;
  const reason = cause && reasonOf(cause);
  const before = remembered?.before;
  const repair = before?.repair ?? null;
  const goesOn = repair && isSame(repair, missing) && comparison.here.rows > 0n && mutatedAt < repair.at;
  const complete = reason === null || consequence(reason).complete;
  return {
    rowsHere: comparison.here.rows,
    rowsActive: reason === "shrunk" && before ? before.rowsActive : comparison.there.rows,
    quiet: scope.quiet,
    arrivedAt: lastArrival(facts),
    repair: goesOn ? repair : null,
    digestedAt: !complete ? null : counted ? before?.digestedAt ?? null : scope.moment.now,
    proof: !complete ? null : counted ? before?.proof ?? null : prove(facts, judgement),
  };
}

/** Null where rows were left out that will have to be compared later: they must not be remembered as equal. */
function prove(facts: PartitionFacts, { cause, surplus }: Judgement): Proof | null {
  const { here, there, comparison, scope: { axis, quiet, moment }, newest, disturbed } = facts;
  const boundary = axis?.unit === "days" ? moment.settledBeforeDay : moment.settledBefore;
  const settled = quiet || (axis !== null && newest !== null && newest < BigInt(boundary));
  if (!settled || disturbed) return null;
  return {
    here: here?.fingerprint ?? "",
    active: there.fingerprint,
    city: comparison.there.city,
    xxh: comparison.there.xxh,
    reason: cause && reasonOf(cause),
    surplus: surplus.rows,
  };
}

/** A partition of which the active site holds nothing. While it changes, nobody knows which of its rows are settled. */
export function rememberOnlyHere(
  { rows, changedAt }: Partition,
  settledBefore: number,
  before: RememberedPartition | undefined,
  isShrunk: boolean,
): RememberedPartition | null {
  if (changedAt >= settledBefore && !isShrunk) return null;
  const rowsActive = isShrunk ? before?.rowsActive ?? 0n : 0n;
  const unproven = { repair: null, digestedAt: null, proof: null };
  return { rowsHere: rows, rowsActive, quiet: true, arrivedAt: before?.arrivedAt ?? null, ...unproven };
}

/** What a check changes in the memory. */
export interface MemoryChanges {
  /** Tables that were looked into. */
  readonly tables: ReadonlyMap<string, RememberedTable>;
  /** Of the others, those that are still known. */
  readonly keep: (name: string) => boolean;
  /** Partitions that were repaired, or looked into once more, after the others; by table. */
  readonly planned: ReadonlyMap<string, RememberedPartitions>;
}

export function memoryChanges(report: CheckReport): MemoryChanges {
  const seen = report.tables.flatMap(({ table, seen }) => seen ? [[table, seen] as const] : []);
  // A check that looked at every table forgets those that are gone; one that failed, or saw some, forgets nothing.
  const all = report.outcome === "completed" && !report.limited;
  const reported = new Set(report.tables.map(({ table }) => table));
  return {
    tables: new Map(seen),
    keep: (name) => !all || reported.has(name),
    planned: new Map(report.tables.map((table) => [table.table, plannedPartitions(table)])),
  };
}

function plannedPartitions({ findings, planned, seen }: TableReport): RememberedPartitions {
  if (!seen) return new Map();
  const repaired = new Map(findings.flatMap((found) => found.repaired ? [[found.partitionId, found]] : []));
  return new Map(
    [...planned].map(([id, before]) => {
      const found = repaired.get(id);
      return [id, found?.repair ? afterRepair(before, found, seen.checkedAt) : before];
    }),
  );
}

function afterRepair(before: RememberedPartition, found: Finding, at: number): RememberedPartition {
  const { rows, city } = found.repair!.missing;
  const times = found.accepted ? 1 : (before.repair?.times ?? 0) + 1;
  return {
    ...before,
    rowsHere: found.repair!.method === "replace" ? rows : before.rowsHere + rows,
    repair: { rows, city, times, at },
    digestedAt: null,
    proof: null,
  };
}
