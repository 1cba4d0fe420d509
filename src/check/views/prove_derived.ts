/** Tables that views fill are compared once what fills them is whole, and what they still lack is brought here. */
import { reportOf, type TablePlan, tablePlan } from "../../model/plan.ts";
import { finding, type TableReport } from "../../model/report.ts";
import { ownReplicas, type PickedReplicas } from "../../model/replica_pick.ts";
import { type Moment } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { Summaries } from "../../model/partition.ts";
import { PartitionReader, type ReadPage } from "../compare/partition_reader.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import { examineTable, failedTable } from "../plan/examine_table.ts";
import { acceptRefused } from "../plan/plan_policies.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { repairTables } from "../repair/repair_tables.ts";
import { holdUnseenFeeds } from "../repair/unseen_feeds.ts";
import { isDoubt } from "../replicas/believe.ts";
import { doubtOfRepairs } from "../replicas/doubt_again.ts";
import type { Discovery } from "../tables/discovery.ts";
import { isSettled } from "../../verdict/clean.ts";
import { aWhileBefore } from "./a_while_before.ts";
import { coverShape } from "./cover_shape.ts";
import { proveCovered } from "./prove_covered.ts";
import { proveGroups } from "./prove_groups.ts";
import { judgeDerived } from "./judge_derived.ts";
import { refineSums } from "./refine_sums.ts";
import { targetShape, type Upstream } from "./target_shape.ts";
import { unfinishedSources } from "./unfinished_sources.ts";

export interface ProveOptions {
  readonly dryRun: boolean;
  readonly accepted: ReadonlySet<string>;
  readonly replicas: PickedReplicas;
}

/**
 * Examines derived tables, sources before what they feed. One of which the sources are not whole waits: their rows may
 * still pass the views.
 *
 * @param reports of all tables, the derived ones with what stands for them until now
 */
export async function proveDerived(
  ports: CheckPorts,
  discovery: Discovery,
  context: ExamineContext,
  reports: readonly TableReport[],
  options: ProveOptions,
): Promise<TableReport[]> {
  const candidates = discovery.pairs.filter(({ name }) =>
    discovery.derived.has(name) && !discovery.unprovable.has(name) && !discovery.ambiguous.has(name)
  );
  if (candidates.length === 0 || ports.signal.aborted) return [...reports];
  const byName = new Map(reports.map((report) => [report.table, report]));
  // Repairs have filled some of them by now.
  const now: Summaries = { ...discovery.summaries, here: await ports.here.summaries() };
  const upstream = await context.upstream();
  const doubtOf = doubtOfRepairs(ports, discovery, context.settings);
  for (const pair of candidates) {
    const before = byName.get(pair.name);
    if (before === undefined || ports.signal.aborted || before.findings.some(isDoubt)) continue;
    const reader = new PartitionReader(ports, [pair], now);
    const here = { ...context, reader, summaries: now };
    const waitFor = unfinishedSources(pair.name, discovery, byName, now, context.moment);
    const prove = () => proveTable(ports, pair, before, here, upstream, waitFor, options, doubtOf);
    byName.set(pair.name, await prove().catch((error) => failedTable(pair.name, error).report));
  }
  return reports.map(({ table }) => byName.get(table)!);
}

async function proveTable(
  ports: CheckPorts,
  pair: TablePair,
  before: TableReport,
  context: ExamineContext,
  upstream: Upstream,
  waitFor: readonly string[],
  { dryRun, accepted, replicas }: ProveOptions,
  doubtOf: ReturnType<typeof doubtOfRepairs>,
): Promise<TableReport> {
  if (waitFor.length > 0) return await waiting(pair, before, context, waitFor);
  const carryOut = async (plan: TablePlan): Promise<TableReport> => {
    const [planned] = holdUnseenFeeds([acceptRefused(plan, accepted)], [pair], ownReplicas(replicas)) as [
      TablePlan,
    ];
    if (dryRun) return reportOf(planned);
    await ports.observer.planned([planned]);
    const [done] = await repairTables(ports, context.settings.role, [planned], new Map(), doubtOf);
    return done!;
  };
  const cover = pair.pastViews ? coverShape(pair, upstream) : null;
  if (typeof cover === "string") {
    return { ...before, findings: [finding(pair.name, null, "over_shards", cover)] };
  }
  if (cover !== null) {
    return await carryOut(tablePlan(pair.name, await proveCovered(ports, pair, cover, context)));
  }
  const shape = targetShape(pair, upstream);
  if (shape.method === "groups") {
    return await carryOut(tablePlan(pair.name, await proveGroups(ports, pair, shape, context)));
  }
  const { moment } = context;
  const scoped = shape.settles ? context : { ...context, restless: aWhileBefore(moment) };
  const changing = new Set<string>();
  const { reader } = context;
  const pages = (of: TablePair) => noting(reader.pages(of), moment, changing);
  const noted = {
    pages,
    pagesBeside: pages,
    now: (of: TablePair) => reader.now(of),
  };
  const plan = tablePlan(pair.name, await examineTable(ports, pair, { ...scoped, reader: noted }));
  const restless = (id: string) => changing.has(id);
  const refined = shape.method === "engine"
    ? await refineSums(ports, pair, scoped, plan, restless)
    : { plan, untold: [], waiting: [] };
  return provenOnly(await carryOut(judgeDerived(pair, shape, refined, restless)));
}

/** What is not whole after all, as a repair failed or was refused at the last moment, is not called so. */
function provenOnly(report: TableReport): TableReport {
  if (report.findings.every(isSettled)) return report;
  return { ...report, findings: report.findings.filter(({ cause }) => cause !== "derived_proven") };
}

/** The pages, while it is noted which of their partitions have changed lately on either side. */
async function* noting(
  pages: AsyncIterable<ReadPage>,
  { settledBefore }: Moment,
  changing: Set<string>,
): AsyncGenerator<ReadPage> {
  for await (const page of pages) {
    for (const { id, changedAt } of [...page.here.values(), ...page.there.values()]) {
      if (changedAt >= settledBefore) changing.add(id);
    }
    yield page;
  }
}

/** Nothing is compared, but what is not here at all is said: it is no secret that it is missing. */
async function waiting(
  pair: TablePair,
  before: TableReport,
  { reader, moment }: ExamineContext,
  waitFor: readonly string[],
): Promise<TableReport> {
  let absent = 0;
  for await (const { here, there } of reader.pages(pair)) {
    absent += [...there].filter(([id, { rows, changedAt }]) =>
      rows > 0n && !here.has(id) && changedAt < moment.settledBefore
    ).length;
  }
  const sources = `${waitFor.join(", ")}, from which views fill it, is whole`;
  const found = absent > 0
    ? finding(
      pair.name,
      null,
      "missing",
      `has partitions at the active site that are absent here; they are copied once ${sources} and nothing of it can be ` +
        "on its way any more",
    )
    : finding(pair.name, null, "derived_waiting", `filled by a view; compared once ${sources}`);
  return { ...before, findings: [found] };
}

/** What is accepted of other tables: that of derived ones is known only once their sources are whole. */
export function acceptedOfOthers(
  accepted: ReadonlySet<string>,
  { derived, unprovable }: Pick<Discovery, "derived" | "unprovable">,
): Set<string> {
  const later = [...derived.keys()].filter((name) => !unprovable.has(name));
  return new Set(
    [...accepted].filter((target) => !later.some((name) => target === name || target.startsWith(`${name}:`))),
  );
}
