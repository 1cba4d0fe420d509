/**
 * A table that keeps every row, filled by views that group: a row stands for those of one insert that had the same key. Put
 * together once more by the view's own functions, over the whole table, both sites come to the same.
 */
import { type KeyedDifference, type KeyedRequest, NO_KEYED_DIFFERENCE } from "../../model/derived_view.ts";
import { tableDigest } from "../../model/digest.ts";
import type { Partitions } from "../../model/partition.ts";
import type { ExaminedTable, PartitionPlan } from "../../model/plan.ts";
import type { BucketDigest, RowScope } from "../../model/scope.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import { rememberTable } from "../memory/remember.ts";
import { chooseHashBuckets } from "../compare/cut_into_buckets.ts";
import { compareBuckets } from "../compare/compare_buckets.ts";
import { fingerprintsOf } from "../memory/proof_key.ts";
import { type ExamineContext, UNREMEMBERED } from "../plan/examine_context.ts";
import { examinePage } from "../plan/examine_page.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { saidAxis } from "../tables/number_axis.ts";
import { aWhileBefore } from "./a_while_before.ts";
import { beginProof, findHidden } from "./begin_proof.ts";
import { adding, copying, judgeGroups, PROVEN } from "./judge_groups.ts";
import type { TargetShape } from "./target_shape.ts";
import { counted } from "../../text/readable.ts";

/** Proves such a table, and plans what would make it whole. Changes nothing. */
export async function proveGroups(
  ports: CheckPorts,
  pair: TablePair,
  shape: TargetShape,
  context: ExamineContext,
): Promise<ExaminedTable> {
  const { name } = pair;
  const begun = await beginProof(ports, pair, JSON.stringify(shape.columns), PROVEN, context);
  if (begun.examined) return begun.examined;
  const { identity, here, there } = begun;
  const copied = await planCopies(ports, pair, here, there, context);
  if (copied !== null) return copied;

  const scope = scopeOf(pair, context);
  const rows = [...there.values()].reduce((sum, { rows }) => sum + rows, 0n);
  const bucketCount = chooseHashBuckets(rows);
  const request: KeyedRequest = {
    pair,
    by: shape.columns,
    partitionId: null,
    scope,
    bucketCount,
    buckets: "all",
  };
  const { ignored, repeatable } = ports.here.putTogether(pair, shape.columns);
  const { theirs, keyed } = await holdKeys(ports, request, ignored);
  const resting = scope.quiet && await isUndisturbed(ports, pair, context);
  const settled = judgeGroups(name, shape, keyed, resting || (!scope.quiet && scope.axis !== null));
  // Keys with a row that may still be on its way were left out: nothing is proven of them unless they are the same too.
  const leftOut = settled.cause === "derived_proven" && !scope.quiet && scope.axis !== null;
  const all = leftOut && await holdKeys(ports, { ...request, scope: { ...scope, quiet: true } }, ignored);
  const found = all ? judgeGroups(name, shape, all.keyed, false) : settled;
  const hidden = await findHidden(ports, pair, begun); // once more, after the rows were read
  if (hidden !== null) return { findings: [hidden] };
  const added = found.cause === "derived_less" && repeatable
    ? await planAdditions(ports, pair, { here, there }, context)
    : [];
  const compared = { ...tableDigest(theirs.map(({ digest }) => digest)), rows };
  const partitions = new Set([...here.keys(), ...there.keys()]).size;
  const proven = found.cause === "derived_proven";
  const oldestDigest = context.moment.now;
  const examined = { whole: proven && resting, partitions, compared, oldestDigest };
  const remember = rememberTable(identity, context.moment, examined);
  const figures = {
    rowsActive: rows,
    rowsHere: [...here.values()].reduce((sum, { rows }) => sum + rows, 0n),
  };
  const said = added.length === 0 ? found : adding(found, added.length);
  const findings = [{ ...said, ...figures, missing: keyed.missing, surplus: keyed.more }];
  const through = proven ? { through: scope.moment.settledBefore } : {};
  return { partitions, compared, ...through, oldestDigest, remember, findings, plans: added };
}

/** What the keys of both sites come to, and how they differ. */
async function holdKeys(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  request: KeyedRequest,
  ignored: KeyedDifference["ignored"],
): Promise<{ readonly theirs: readonly BucketDigest[]; readonly keyed: KeyedDifference }> {
  const [mine, theirs] = await Promise.all([here.keyedDigests(request), there.keyedDigests(request)]);
  const { absent, partial } = compareBuckets(mine, theirs);
  const buckets = [...absent, ...partial].map(({ bucket }) => bucket);
  const keyed = buckets.length === 0
    ? { ...NO_KEYED_DIFFERENCE, ignored }
    : await here.keyedDifference({ ...request, buckets });
  return { theirs, keyed };
}

function scopeOf(
  pair: TablePair,
  { moment, summaries, settings: { settleSeconds, timeColumns } }: ExamineContext,
): RowScope {
  const [mine, theirs] = [summaries.here.get(pair.name), summaries.there.get(tableName(pair.there.id))];
  const changedAt = Math.max(mine?.changedAt ?? 0, theirs?.changedAt ?? 0);
  const quiet = changedAt < moment.settledBefore;
  const ttls = pair.deletes;
  return {
    axis: saidAxis(pair.here, timeColumns),
    moment: quiet ? moment : aWhileBefore(moment),
    quiet,
    settleSeconds,
    ttls,
  };
}

/** Whether neither site's table has changed since the check began: what was at rest may have been arriving. */
export async function isUndisturbed(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  context: ExamineContext,
): Promise<boolean> {
  const before = fingerprintsOf(pair, context.summaries);
  const [mine, theirs] = await Promise.all([here.summaries(), there.summaries()]);
  const now = fingerprintsOf(pair, { here: mine, there: theirs });
  return now.fingerprintHere === before.fingerprintHere && now.fingerprintActive === before.fingerprintActive;
}

/**
 * Rows of the active site that are not here as they are. Which of them a key lacks does not matter where all of them make no
 * difference to a key that lacks none; for the same reason it is no twin that has another extreme.
 */
async function planAdditions(
  ports: CheckPorts,
  pair: TablePair,
  { here, there }: { here: Partitions; there: Partitions },
  context: ExamineContext,
): Promise<PartitionPlan[]> {
  const page = { here, there, remembered: new Map() };
  const exactly = { ...context, restless: aWhileBefore(context.moment), presumes: false };
  const { plans } = await examinePage(ports, pair, page, UNREMEMBERED, exactly);
  return plans.flatMap((plan): PartitionPlan | [] => {
    const { finding, held, ifAccepted } = plan;
    if ((held ?? finding)?.cause !== "twins") return plan.repair ? plan : [];
    if (!ifAccepted?.finding) return [];
    const detail = `${counted(ifAccepted.finding.missing, "row")} of the active site ${
      ifAccepted.finding.missing === 1n ? "is not here as it is" : "are not here as they are"
    }`;
    return { ...ifAccepted, finding: { ...ifAccepted.finding, accepted: false, detail } };
  });
}

/** A partition that is absent here although the sources agree has outlived its raw rows: it is copied. Null: there is none. */
async function planCopies(
  ports: CheckPorts,
  pair: TablePair,
  here: Partitions,
  there: Partitions,
  context: ExamineContext,
): Promise<ExaminedTable | null> {
  const absent = new Map(
    [...there].filter(([id, { changedAt }]) => !here.has(id) && changedAt < context.moment.settledBefore),
  );
  if (absent.size === 0) return null;
  const page = { here: new Map(), there: absent, remembered: new Map() };
  const { findings, plans, partitions } = await examinePage(ports, pair, page, UNREMEMBERED, context);
  return { partitions, findings: [...findings, copying(pair.name, absent.size)], plans };
}
