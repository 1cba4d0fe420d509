/**
 * Over several shards no view is fed. A target that keeps what may be added any number of times needs no row of its source: what it lacks
 * of the active site's target is added to it.
 */
import type { KeyedRequest } from "../../model/derived_view.ts";
import { tableDigest } from "../../model/digest.ts";
import type { Partitions } from "../../model/partition.ts";
import type { ExaminedTable, PartitionPlan } from "../../model/plan.ts";
import { finding } from "../../model/report.ts";
import type { BucketDigest } from "../../model/scope.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import { chooseHashBuckets, planSlices } from "../compare/cut_into_buckets.ts";
import { compareBuckets } from "../compare/compare_buckets.ts";
import { rememberTable } from "../memory/remember.ts";
import { type ExamineContext, UNREMEMBERED } from "../plan/examine_context.ts";
import { examinePage } from "../plan/examine_page.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { beginProof, findHidden } from "./begin_proof.ts";
import type { CoverShape } from "./cover_shape.ts";
import { adds, COVERS, EXPIRES_TOO_SOON, judgeCovered } from "./judge_covered.ts";
import { isUndisturbed } from "./prove_groups.ts";

/** Proves such a table, and plans what would make it whole. Changes nothing. */
export async function proveCovered(
  ports: CheckPorts,
  pair: TablePair,
  { columns, axis }: CoverShape,
  context: ExamineContext,
): Promise<ExaminedTable> {
  const { name } = pair;
  const { moment, summaries, settings: { settleSeconds } } = context;
  const begun = await beginProof(ports, pair, `covers ${JSON.stringify([columns, axis])}`, COVERS, context);
  if (begun.examined) return begun.examined;
  const { identity, here, there } = begun;

  const changedAt = [summaries.here.get(name), summaries.there.get(tableName(pair.there.id))]
    .map((one) => one?.changedAt ?? 0);
  const quiet = Math.max(...changedAt) < moment.settledBefore;
  const rows = rowsOf(there);
  const request: KeyedRequest = {
    pair,
    by: columns,
    partitionId: null,
    scope: { axis, moment, quiet, settleSeconds, ttls: pair.deletes },
    bucketCount: chooseHashBuckets(rows),
    buckets: "all",
  };
  const [mine, theirs] = await Promise.all([
    ports.here.coverDigests(request),
    ports.there.coverDigests(request),
  ]);
  const told = tableDigest(theirs.map(({ digest }) => digest));
  if (told.rows === 0n && rows > 0n && pair.deletes.length > 0) {
    return { partitions: here.size, findings: [finding(name, null, "derived_unproven", EXPIRES_TOO_SOON)] };
  }
  const lacking = await findLacking(ports, request, mine, theirs);
  const hidden = await findHidden(ports, pair, begun); // once more, after the rows were read
  if (hidden !== null) return { findings: [hidden] };
  const plans = lacking.size === 0
    ? []
    : await planAdditions(ports, pair, { here, there }, lacking, axis, context);
  const resting = quiet && await isUndisturbed(ports, pair, context);
  const partitions = new Set([...here.keys(), ...there.keys()]).size;
  const compared = { ...told, rows };
  const oldestDigest = moment.now;
  const whole = lacking.size === 0 && resting;
  const remember = rememberTable(identity, moment, { whole, partitions, compared, oldestDigest });
  const through = lacking.size === 0 ? { through: moment.settledBefore } : {};
  const found = judgeCovered(name, lacking, plans);
  const findings = [{ ...found, rowsActive: rows, rowsHere: rowsOf(here) }];
  return { partitions, compared, ...through, oldestDigest, remember, findings, plans };
}

/** Of how many keys this site lacks something, by the partition of the active site that holds it. */
async function findLacking(
  { here }: Pick<CheckPorts, "here">,
  request: KeyedRequest,
  mine: readonly BucketDigest[],
  theirs: readonly BucketDigest[],
): Promise<Map<string, bigint>> {
  const { absent, partial } = compareBuckets(mine, theirs);
  const differing = [
    ...absent.map(({ bucket, digest }) => ({ bucket, rows: digest.rows })),
    ...partial.map(({ bucket, here, there }) => ({ bucket, rows: here.rows + there.rows })),
  ];
  const lacking = new Map<string, bigint>();
  for (const buckets of planSlices(differing)) {
    for (const [id, keys] of await here.uncovered({ ...request, buckets })) {
      lacking.set(id, (lacking.get(id) ?? 0n) + keys);
    }
  }
  return lacking;
}

/** Of the partitions of the active site that hold what is lacking here. */
async function planAdditions(
  ports: CheckPorts,
  pair: TablePair,
  { here, there }: { readonly here: Partitions; readonly there: Partitions },
  lacking: ReadonlyMap<string, bigint>,
  axis: CoverShape["axis"],
  context: ExamineContext,
): Promise<PartitionPlan[]> {
  const only = (all: Partitions) => new Map([...all].filter(([id]) => lacking.has(id)));
  const page = { here: only(here), there: only(there), remembered: new Map() };
  // Settled are the rows that have to be covered, whatever time the keys of the table have.
  const timeColumns = [{ pattern: `${tableName(pair.here.id)}.${axis.column}`, unit: null }];
  const settings = { ...context.settings, timeColumns };
  const covering = { ...pair, covers: true };
  const { plans } = await examinePage(ports, covering, page, UNREMEMBERED, {
    ...context,
    settings,
    presumes: false,
  });
  return plans.map(adds);
}

function rowsOf(partitions: Partitions): bigint {
  return [...partitions.values()].reduce((sum, { rows }) => sum + rows, 0n);
}
