/** The reason of a partition whose engine merges rows, if the two sites hold different ones. */
import type { Cause } from "../../model/cause.ts";
import { EMPTY_DIGEST } from "../../model/digest.ts";
import { addsUp } from "../../model/merge_rule.ts";
import { beside, undated } from "./guards/undated.ts";
import { guardRepair } from "./guards/guard_repair.ts";
import { surplusDetail } from "./describe_proven.ts";
import type { Judgement, MergedComparison, PartitionFacts, PartitionPolicy } from "./partition_facts.ts";
import { absentHere, counted, grouped } from "../../text/readable.ts";

/** Whatever a merge may still do is no difference; what it cannot explain is. */
export function judgeMerged(
  facts: PartitionFacts,
  { difference }: MergedComparison,
  policy: PartitionPolicy,
): Judgement {
  const judged = (
    cause: Cause | null,
    detail: string,
    missing = EMPTY_DIGEST,
    surplus = 0n,
  ): Judgement => ({
    cause,
    detail,
    missing,
    surplus: { ...EMPTY_DIGEST, rows: surplus },
    repeated: 0n,
  });
  if (difference === "differs") {
    const [cause, detail] = refuseEngine(facts, policy);
    if (!policy.mayReplace || cause !== "added_up") return judged(cause, detail);
    if (!isCold(facts)) {
      return judged(cause, `${detail}; it will be replaced once it has been at rest at both sites`);
    }
    if (policy.roleAwaited !== null) return judged(cause, `${detail}; ${policy.roleAwaited}`);
    const missing = { ...facts.comparison.there, xxh: 0n };
    return { ...judged(cause, `${detail}; replaced by the active site's`, missing), replace: true };
  }
  if (difference === null) {
    return judged("unmerged", "the sites have merged the same rows at different times");
  }
  const { missing, conflicts, unknown, surplus, unsettled } = difference;
  const accepted = policy.accepted && missing.rows > 0n;
  if (conflicts > 0n && !accepted) {
    const held = {
      cause: "same_version",
      detail: conflictDetail(conflicts, policy),
      count: conflicts,
    } as const;
    // Other keys have nothing to do with it.
    if (unknown === 0n && missing.rows > 0n && guardRepair(facts, policy, missing) === null) {
      const rest = judged("partial", absentHere(missing.rows), missing, surplus);
      return { ...rest, held: { ...held, missing: EMPTY_DIGEST } };
    }
    return judged(held.cause, held.detail, missing, surplus);
  }
  if (unknown > 0n && !accepted) {
    return judged(
      "lost_signs",
      `the signs of ${
        counted(unknown, "row")
      } do not add up to the same total at both sites, and the rows that would tell why may ` +
        `have been merged away. Compare the sums of the signs by hand`,
      missing,
      surplus,
    );
  }
  const leftOut = unsettled > 0n ? undated(facts) : null;
  if (missing.rows > 0n) {
    const refusal = guardRepair(facts, policy, missing);
    const found = judged(...refusal ?? (["partial", absentHere(missing.rows)] as const), missing, surplus);
    return refusal === null ? beside(found, leftOut) : found;
  }
  if (leftOut) return judged(...leftOut, EMPTY_DIGEST, surplus);
  if (surplus > 0n) {
    return judged("surplus", surplusDetail(surplus, true), EMPTY_DIGEST, surplus);
  }
  if (unsettled > 0n) {
    return judged(
      "hot",
      `rows younger than ${counted(facts.scope.settleSeconds, "second")} are still arriving`,
    );
  }
  return judged("unmerged", "the sites have merged the same rows at different times");
}

function conflictDetail(conflicts: bigint, { mergeRule: { kind } }: PartitionPolicy): string {
  const why = kind === "aggregate"
    ? "values at both sites of which a merge may keep either"
    : kind === "coalesce"
    ? "values that differ, or that only the active site has while the key is being written: nobody can tell which are newer"
    : "a row of the same version at both sites, with different content: nobody can tell which is newer";
  const have = conflicts === 1n ? "has" : "have";
  return `${
    counted(conflicts, "key")
  } ${have} ${why}. Compare the rows by hand, and write the right one to both sites`;
}

/** Whether all rows of the partition at both sites were compared, and nothing has changed in it for a while. */
function isCold({ here, there, scope, disturbed, comparison }: PartitionFacts): boolean {
  const allCompared = comparison.there.rows === there.rows && comparison.here.rows === here?.rows;
  return scope.quiet && !disturbed && allCompared && !here?.hasPatches && !there.hasPatches &&
    !here?.hasLightweightDeletes;
}

function refuseEngine(
  { comparison }: PartitionFacts,
  { mergeRule, engine }: PartitionPolicy,
): [Cause, string] {
  const rows = `${counted(comparison.there.rows, "row")} at the active site, ${
    grouped(comparison.here.rows)
  } here`;
  return addsUp(mergeRule)
    ? ["added_up", `${engine} adds rows up, so nobody can tell which are missing (${rows})`]
    : [
      "unknown_engine",
      `${engine} puts rows together, and this version does not know how it does with such columns or settings (${rows})`,
    ];
}
