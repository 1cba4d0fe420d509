/** From what is known of a partition to its plan, and to the value that says how it is repaired. */
import { type Cause, reasonOf } from "../../model/cause.ts";
import { EMPTY_DIGEST, sameDigest, sumDigests } from "../../model/digest.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Repair } from "../../model/repair.ts";
import type { Bucketing } from "../../model/scope.ts";
import type { Settings } from "../../model/settings.ts";
import type { TablePair } from "../../model/table.ts";
import { planSlices } from "../compare/cut_into_buckets.ts";
import { accountFor, type Compared } from "../judge/account_for.ts";
import { surplusDetail } from "../judge/describe_proven.ts";
import { shrunkDetail } from "../judge/guards/shrunk.ts";
import { judgePartition } from "../judge/judge_partition.ts";
import { heldSpans, missingSpans } from "../judge/missing_spans.ts";
import {
  type Held,
  type Judgement,
  oldestMissing,
  type OnlyHere,
  type PartitionFacts,
} from "../judge/partition_facts.ts";
import { rememberOnlyHere, rememberPartition } from "../memory/remember.ts";

/** What decides about all partitions alike. */
export interface PlanPolicy {
  readonly settings: Pick<Settings, "maxConflictPercent" | "replaceAggregates" | "shards">;
  /** Why the roles do not allow replacing anything yet, in words; null: they do. */
  readonly roleAwaited: string | null;
  /** Names of tables that views fill at the active site, and no view of this one. */
  readonly fedThere: ReadonlySet<string>;
}

/**
 * Judges a partition twice: as its guards say, and as if an operator had accepted what they refuse. The statements of its
 * repair are not among what is found: only the site knows them.
 */
export function planPartition(
  pair: TablePair,
  compared: Compared & { readonly facts: PartitionFacts; readonly bucketing: Bucketing },
  { settings: { maxConflictPercent, replaceAggregates, shards }, roleAwaited, fedThere }: PlanPolicy,
): PartitionPlan {
  const { facts, bucketing } = compared;
  const { engine, mergeRule, traits, feeds } = pair.here;
  // The replacing rows would pass through the views, and what the views made of the replaced ones would stay.
  const mayReplace = replaceAggregates && feeds.length === 0;
  const fed = fedThere.has(pair.name);
  const policy = {
    engine,
    mergeRule,
    traits,
    maxConflictPercent,
    mayReplace,
    roleAwaited,
    fedThere: fed,
    severalShards: shards.length > 0,
    covers: pair.covers === true,
  };
  const plan = (judgement: Judgement, accepted: boolean, ifAccepted: PartitionPlan | null): PartitionPlan => {
    const { cause, detail, missing, surplus, held } = judgement;
    const partitionId = facts.there.id;
    const remember = rememberPartition(facts, judgement);
    if (cause === null) return { partitionId, finding: null, repair: null, ifAccepted, remember };
    const repairable = cause === "missing" || cause === "partial" || judgement.replace === true;
    const repair = repairable ? planRepair(pair, facts, { ...judgement, cause }, bucketing) : null;
    const found = {
      ...finding(pair.name, partitionId, cause, detail),
      rowsActive: facts.there.rows,
      rowsHere: facts.here?.rows ?? 0n,
      missing: missing.rows,
      surplus: surplus.rows,
      oldestMissing: oldestMissing(facts, bucketing),
      spans: missingSpans(facts, bucketing, judgement),
      repair,
      accepted,
    };
    return {
      partitionId,
      finding: found,
      ...(held
        ? {
          held: leftAlone(
            { ...found, spans: held.count > 0n ? heldSpans(facts, bucketing, held.count) : [] },
            held,
          ),
        }
        : {}),
      repair: repair && { repair, lookAgain: null },
      ifAccepted,
      remember,
    };
  };
  const judge = (accepted: boolean) =>
    accountFor(compared, judgePartition(facts, { ...policy, accepted }), pair.here);
  const [guarded, allowed] = [judge(false), judge(true)];
  const same = allowed.cause === guarded.cause && sameDigest(allowed.missing, guarded.missing);
  if (same || guarded.cause === null) return plan(guarded, false, null);
  const refused = reasonOf(guarded.held?.cause ?? guarded.cause);
  const detail = `${allowed.detail}; ${refused}, which --accept allows`;
  return plan(guarded, false, plan({ ...allowed, detail }, true, null));
}

/** Of a partition that the active site does not hold: its rows are surplus, unless that site held them before. */
export function planOnlyHere(table: string, one: OnlyHere, settledBefore: number): PartitionPlan {
  const { partition: { id, rows }, heldBefore, unexpired } = one;
  const plan = (reason: "surplus" | "shrunk", detail: string, accepted: boolean): PartitionPlan => ({
    partitionId: id,
    finding: { ...finding(table, id, reason, detail), rowsHere: rows, surplus: rows, accepted },
    repair: null,
    ifAccepted: null,
    remember: rememberOnlyHere(one, settledBefore, reason === "shrunk"),
  });
  const isShrunk = heldBefore > 0n && unexpired * 2n >= heldBefore;
  if (!isShrunk) return plan("surplus", surplusDetail(rows, false), false);
  const ifAccepted = plan("surplus", surplusDetail(rows, false), true);
  return { ...plan("shrunk", shrunkDetail(heldBefore, 0n), false), ifAccepted };
}

/** A finding of its own: what it is about stays as it is, and is not clean. */
function leftAlone(found: Finding, { cause, detail, count }: Held): Finding {
  const nothing = { repair: null, surplus: 0n };
  return { ...found, ...nothing, reason: reasonOf(cause), cause, detail, missing: count };
}

/** The repair of a partition that lacks rows and was not refused. */
export function planRepair(
  pair: TablePair,
  facts: PartitionFacts,
  judgement: Judgement & { readonly cause: Cause },
  bucketing: Bucketing,
): Repair {
  const { here, there, scope, comparison, differences } = facts;
  const absent = here === null || here.rows === 0n;
  const replace = judgement.replace === true;
  const besidesTwins = judgement.held?.cause === "twins" && !facts.merged;
  const lacking = besidesTwins
    ? (facts.free ?? []).map(({ bucket, digest }) => [bucket, digest.rows] as const)
    : differences.map(({ bucket, missing }) => [bucket, missing.rows] as const);
  const missingIn = new Map(lacking);
  const partial = comparison.partial.filter(({ bucket }) => (missingIn.get(bucket) ?? 0n) > 0n);
  return {
    pair,
    partitionId: there.id,
    reason: reasonOf(judgement.cause),
    scope,
    bucketing,
    absent: absent || replace ? "all" : comparison.absent.map(({ bucket }) => bucket),
    partial: planSlices(
      partial.map(({ bucket, here, there }) => ({ bucket, rows: here.rows + there.rows })),
    ).map((buckets) => ({
      buckets,
      missing: buckets.reduce<bigint>((sum, bucket) => sum + (missingIn.get(bucket) ?? 0n), 0n),
    })),
    besidesTwins,
    presumed: facts.presumed ?? false,
    ...(facts.presumed && facts.missingHashes ? { hashes: facts.missingHashes } : {}),
    repeated: judgement.repeated,
    rowsHere: comparison.here.rows,
    missing: judgement.missing,
    before: absent || replace ? EMPTY_DIGEST : sumDigests(partial.map(({ here }) => here)),
    fingerprint: here?.fingerprint ?? null,
    bytes: Math.round(
      Number(there.bytes) * Number(judgement.missing.rows) / Math.max(1, Number(there.rows)),
    ),
    ...(replace ? { keptBytes: Number(here?.bytes ?? 0n) } : {}),
    method: replace ? "replace" : pair.here.feeds.length > 0 && !pair.pastViews ? "insert" : "attach",
    mergesRows: pair.here.traits.mergesRows,
    merged: absent || replace || !facts.merged ? null : facts.merged,
  };
}
