/** What the next check will remember. */
import { isAllSettled } from "../../model/time_units.ts";
import { reasonOf } from "../../model/cause.ts";
import type {
  MemoryChanges,
  Proof,
  RememberedPartition,
  RememberedPartitions,
  RememberedTable,
  TableIdentity,
} from "../../model/memory.ts";
import { consequence } from "../../model/reason.ts";
import { writtenAt } from "../../model/partition.ts";
import type { CheckReport, Finding, TableReport } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import { isSameRepair } from "../judge/guards/recurring.ts";
import { lastArrival } from "../judge/guards/backfilling.ts";
import type { Judgement, OnlyHere, PartitionFacts } from "../judge/partition_facts.ts";

/** A table as it was examined, before anything is repaired. */
export function rememberTable(
  { uuid, proofKey, fingerprintHere, fingerprintActive }: TableIdentity,
  { now, settledBefore, settledBeforeDay }: Moment,
  { partitions, compared, oldestDigest, whole }:
    & Pick<TableReport, "partitions" | "compared" | "oldestDigest">
    & Pick<RememberedTable, "whole">,
): RememberedTable {
  return {
    uuid,
    checkedAt: now,
    settledBefore,
    settledBeforeDay,
    proofKey,
    fingerprintHere,
    fingerprintActive,
    whole,
    oldestDigest,
    partitions,
    rowsActive: compared.rows,
    city: compared.city,
  };
}

/** A partition as it was compared, before anything is repaired. */
export function rememberPartition(facts: PartitionFacts, judgement: Judgement): RememberedPartition {
  const { comparison, scope, remembered, counted = false, mutatedAt = 0 } = facts;
  const { cause, missing } = judgement;
  const reason = cause && reasonOf(cause);
  const last = remembered?.last;
  const repair = last?.repair ?? null;
  const goesOn = remembered && repair && isSameRepair(remembered, missing) && comparison.here.rows > 0n &&
    mutatedAt < repair.at;
  const complete = reason === null || consequence(reason).complete;
  return {
    rowsHere: comparison.here.rows,
    rowsActive: reason === "shrunk" && last ? last.rowsActive : comparison.there.rows,
    quiet: scope.quiet,
    arrivedAt: lastArrival(facts),
    repair: goesOn ? { ...repair, city: missing.city } : null,
    digestedAt: !complete ? null : counted ? last?.digestedAt ?? null : scope.moment.now,
    proof: !complete ? null : counted ? last?.proof ?? null : prove(facts, judgement),
  };
}

/** Null if rows were left out that will have to be compared later: they must not be remembered as equal. */
function prove(facts: PartitionFacts, { cause, surplus }: Judgement): Proof | null {
  const { here, there, comparison, scope, newest, disturbed } = facts;
  if (!isAllSettled(scope, newest) || disturbed) return null;
  return {
    here: here?.fingerprint ?? "",
    active: there.fingerprint,
    written: writtenAt(here, there),
    city: comparison.there.city,
    reason: cause && reasonOf(cause),
    surplus: surplus.rows,
  };
}

/** A partition of which the active site holds nothing. As long as it changes, nobody knows which of its rows are settled. */
export function rememberOnlyHere(
  { partition: { rows, changedAt }, last }: OnlyHere,
  settledBefore: number,
  isShrunk: boolean,
): RememberedPartition | null {
  if (changedAt >= settledBefore && !isShrunk) return null;
  const rowsActive = isShrunk ? last?.rowsActive ?? 0n : 0n;
  const unproven = { repair: null, digestedAt: null, proof: null };
  return { rowsHere: rows, rowsActive, quiet: true, arrivedAt: last?.arrivedAt ?? null, ...unproven };
}

/** What a check changes in the memory. */
export function memoryChanges(report: CheckReport): MemoryChanges {
  const tables = report.tables.flatMap(({ table, remember }) => remember ? [[table, remember] as const] : []);
  // A check that looked at every table forgets those that are gone; one that failed, or saw some, forgets nothing.
  const all = report.outcome === "completed" && !report.limited;
  const reported = new Set(report.tables.map(({ table }) => table));
  return {
    tables: new Map(tables),
    keep: (name) => !all || reported.has(name),
    partitions: new Map(report.tables.map((table) => [table.table, partitionsAfter(table)])),
  };
}

/** The partitions of a table for which repairs were planned, as they are now. */
function partitionsAfter({ findings, rememberPartitions, remember }: TableReport): RememberedPartitions {
  if (!remember) return new Map();
  const repaired = new Map(findings.flatMap((found) => found.repaired ? [[found.partitionId, found]] : []));
  return new Map(
    [...rememberPartitions].map(([id, compared]) => {
      const found = repaired.get(id);
      return [id, found?.repair ? afterRepair(compared, found, remember.checkedAt) : compared];
    }),
  );
}

function afterRepair(compared: RememberedPartition, found: Finding, at: number): RememberedPartition {
  const { rows, city } = found.repair!.missing;
  const times = found.accepted ? 1 : (compared.repair?.times ?? 0) + 1;
  return {
    ...compared,
    rowsHere: found.repair!.method === "replace" ? rows : compared.rowsHere + rows,
    repair: { rows, city, times, at },
    digestedAt: null,
    proof: null,
  };
}
