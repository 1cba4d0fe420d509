/** How much of a partition a check reads: nothing if it is proven, counts if those will do, or every row. */
import type { RememberedPartition, RememberedPartitions } from "../../model/memory.ts";
import { type BothPartitions, type Partition, writtenAt } from "../../model/partition.ts";
import { dueAt, PROOF_AGES, PROOF_LIVES } from "../../model/proof_age.ts";
import type { Moment } from "../../model/scope.ts";
import type { Settings } from "../../model/settings.ts";
import type { TablePair } from "../../model/table.ts";
import type { Budget } from "../budget.ts";

export interface ReadingPolicy {
  /** Unix seconds. */
  readonly now: number;
  /** Counts alone will not do: the check could turn FAILBACK READY on. */
  readonly deep: boolean;
  /** Seconds after which a partition that keeps changing is digested again. */
  readonly verifyInterval: number;
  /** Unix seconds of the newest mutation of either table; 0: none is on record. */
  readonly mutatedAt: number;
  /** Rows of such an engine can only be compared by digests, as merges take some away. */
  readonly mergesRows: boolean;
}

/**
 * How much is read:
 *
 * - `proven`: nothing has changed since it was proven, so nothing is read.
 * - `due`: the same, but the proof is old enough for a new digest if the budget allows.
 * - `counts`: it changes all the time, and was digested lately, so counts by bucket will do.
 * - `merged`: it holds as many rows in other parts, and nothing was written since: a digest if the budget allows, else counts.
 * - `digest`: only its rows can tell.
 */
export type Reading = "proven" | "due" | "counts" | "merged" | "digest";

export interface ReadingPlan {
  readonly proven: readonly { readonly partition: Partition; readonly remembered: RememberedPartition }[];
  readonly byCounts: ReadonlySet<string>;
  readonly toRead: ReadonlyMap<string, Partition>;
  /** What was chosen for each that is not simply proven, whether or not the budget allowed it. */
  readonly chosen: ReadonlyMap<string, Reading>;
}

/**
 * How much of each partition of a page is read. What proofs that fall due would read is taken from the budget of the check.
 *
 * @param unstable partitions that cannot be compared, by their ids
 */
export function planReading(
  pair: TablePair,
  page: BothPartitions & { readonly remembered: RememberedPartitions },
  { proofsHold, unstable }: { readonly proofsHold: boolean; readonly unstable: ReadonlyMap<string, unknown> },
  { moment, deep, settings, budget }: {
    readonly moment: Pick<Moment, "now">;
    readonly deep: boolean;
    readonly settings: Pick<Settings, "verifyIntervalSeconds">;
    readonly budget: Budget;
  },
): ReadingPlan {
  const policy: ReadingPolicy = {
    now: moment.now,
    deep,
    verifyInterval: settings.verifyIntervalSeconds,
    mutatedAt: Math.max(pair.here.mutatedAt, pair.there.mutatedAt),
    mergesRows: pair.here.traits.mergesRows,
  };
  const proven: { partition: Partition; remembered: RememberedPartition }[] = [];
  const byCounts = new Set<string>();
  const toRead = new Map<string, Partition>();
  const chosen = new Map<string, Reading>();
  for (const [id, partition] of page.there) {
    if (unstable.has(id) || partition.rows === 0n) continue;
    const remembered = proofsHold ? page.remembered.get(id) ?? null : null;
    const reading = chooseReading(remembered, page.here.get(id) ?? null, partition, policy);
    if (reading !== "proven") chosen.set(id, reading);
    if (remembered && (reading === "proven" || (reading === "due" && !budget.take(partition.bytes)))) {
      proven.push({ partition, remembered });
      continue;
    }
    if (reading === "counts" || (reading === "merged" && !budget.take(partition.bytes))) {
      byCounts.add(id);
    }
    toRead.set(id, partition);
  }
  return { proven, byCounts, toRead, chosen };
}

/** @param remembered null where nothing is remembered under the same proof key */
export function chooseReading(
  remembered: RememberedPartition | null,
  here: Partition | null,
  there: Partition,
  { now, deep, verifyInterval, mutatedAt, mergesRows }: ReadingPolicy,
): Reading {
  if (!remembered || remembered.digestedAt === null) return "digest";
  const age = now - remembered.digestedAt;
  const { proof } = remembered;
  if (age < 0) return "digest"; // a clock was set back
  if (proof && proof.active === there.fingerprint && proof.here === (here?.fingerprint ?? "")) {
    if (age >= PROOF_LIVES) return "digest";
    // There may be a million young ones.
    return age >= PROOF_AGES && now >= dueAt(there.id, remembered.digestedAt) ? "due" : "proven";
  }
  // What changes rows and not their number asks for a digest at once.
  const rewritten = [here, there].some((side) => side?.hasLightweightDeletes || side?.hasPatches) ||
    mutatedAt >= remembered.digestedAt;
  if (deep || mergesRows || rewritten || age >= PROOF_LIVES) return "digest";
  if (!proof) return age < verifyInterval ? "counts" : "digest";
  const inserted = [here, there].some((side) => side !== null && side.insertedAt >= remembered.digestedAt!);
  const asMany = here?.rows === remembered.rowsHere && there.rows === remembered.rowsActive;
  return asMany && !inserted && proof.written === writtenAt(here, there) ? "merged" : "digest";
}
