/** Doing what was planned, as long as this site is the passive one: of a table one partition, or some small ones, after the other. */
import { type PartitionPlan, reportOf, type TablePlan, withPlans } from "../../model/plan.ts";
import type { Repair, RepairOutcome } from "../../model/repair.ts";
import type { Finding, TableReport } from "../../model/report.ts";
import { otherSite, type SiteName } from "../../model/site.ts";
import type { Sources } from "../views/derived_tables.ts";
import { lacksSpace, spaceFor } from "./estimate_repair.ts";
import { failed, pick, sayKept, sayPlaced } from "./repair_findings.ts";
import { runsOf } from "./repair_order.ts";
import { runsOfSmall } from "./small_partitions.ts";
import { repairTogether } from "./repair_together.ts";
import { SpaceHeld } from "./space_held.ts";
import { isSettled } from "../../verdict/clean.ts";
import { foretellParts, foretellSpace, sayMore } from "../plan/plan_policies.ts";
import { type AtATime, sideBySide } from "../plan/tables_at_a_time.ts";
import { settleViews } from "./clear_leftover_staging.ts";
import { errorText } from "../../text/error_text.ts";
import type { DoubtOf } from "../replicas/doubt_again.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

const PAST_VIEWS = "brought in past the views, which had made of them before what they would make again";
const STOPPING = "ch-sync is shutting down";

const SPACE_UNKNOWN =
  "ch-sync cannot tell whether copies fit on the disks of this site: grant SELECT ON system.disks and system.storage_policies";

const ONE_AT_A_TIME: AtATime = { workers: 1, partitions: 1, join: () => Promise.resolve(null) };

/** What the repairs of a check have in common. */
interface Common {
  readonly ports: CheckPorts;
  readonly role: SiteName;
  readonly doubtOf: DoubtOf;
  readonly space: SpaceHeld;
  readonly warnOnce: (text: string) => void;
  readonly atATime: AtATime;
}

/**
 * Repairs every table in its order, those beside each other that nothing ties to another one; a partition that fails is data in its
 * report, and the rest goes on.
 *
 * @param partners other tables that the views of a table read: until they are whole, repaired rows would be lost on the views
 * @param doubtOf why what was compared cannot be believed any more, asked right before each repair; null: it can
 */
export async function repairTables(
  ports: CheckPorts,
  role: SiteName,
  plans: readonly TablePlan[],
  partners: Sources,
  doubtOf: DoubtOf,
  atATime = ONE_AT_A_TIME,
): Promise<TableReport[]> {
  const repaired = new Map<string, TableReport>();
  const warned = new Set<string>();
  const warnOnce = (text: string) => {
    if (!warned.has(text)) ports.observer.warn(text);
    warned.add(text);
  };
  const common: Common = { ports, role, doubtOf, space: new SpaceHeld(), warnOnce, atATime };
  for (const run of runsOf(plans, partners)) {
    const toDo = run.filter(({ plans }) => plans.some(({ repair }) => repair !== null));
    const done = await sideBySide(toDo, atATime.workers, atATime.join, async (plan) => {
      const { table } = plan.report;
      const awaited = [...partners.get(table) ?? []].filter((name) => !isWhole(repaired.get(name)));
      return [table, await repairTable(common, plan, awaited)] as const;
    });
    const reports = new Map(done);
    for (const plan of run) {
      const { table } = plan.report;
      repaired.set(table, reports.get(table) ?? reportOf(plan));
    }
  }
  return [...repaired.values()];
}

/** @param awaited tables that must be whole first, and are not */
async function repairTable(
  common: Common,
  { report, plans }: TablePlan,
  awaited: readonly string[],
): Promise<TableReport> {
  if (awaited.length > 0) return withPlans(report, plans.map((plan) => hold(plan, awaited)));
  const attempt: Attempt = (found, repair) => repairPartition(common, found, repair);
  const { ports, role, doubtOf, space, atATime } = common;
  const together = await repairTogether(ports, role, plans, doubtOf, space, atATime);
  const { partitions, join } = atATime;
  const done: PartitionPlan[] = [];
  for (const run of runsOfSmall(plans, partitions)) {
    done.push(
      ...await sideBySide(run, partitions, join, async (plan) => {
        const finding = together.get(plan.partitionId);
        return finding ? { ...plan, finding } : await carryOut(attempt, plan);
      }),
    );
  }
  // What a target lacked of another partition may have looked like this one's: by now it has that.
  for (const [at, plan] of plans.entries()) {
    if (!isHeldBack(done[at]!) || !done.some(({ finding }) => finding?.repaired)) continue;
    done[at] = await carryOut(attempt, plan);
  }
  return withPlans(report, done);
}

/** Whether nothing of a table is missing; what was not looked at may be. */
function isWhole(report: TableReport | undefined): boolean {
  return report !== undefined && report.findings.every(isSettled) && (report.outside ?? 0) === 0;
}

function isHeldBack({ finding }: PartitionPlan): boolean {
  return finding?.cause === "fed_before";
}

type Attempt = (found: Finding, repair: Repair) => Promise<Finding | "disproved">;

/** If what was presumed turns out to be wrong, the partition is compared row by row, and what is really missing is repaired. */
async function carryOut(attempt: Attempt, plan: PartitionPlan): Promise<PartitionPlan> {
  const { finding: found, repair: planned } = plan;
  if (!found || !planned) return plan;
  const first = await attempt(found, planned.repair);
  if (first !== "disproved") return { ...plan, finding: first };
  try {
    const exact = await planned.lookAgain!();
    // Compared long after its parts were listed, it is not proven for these.
    const remember = exact.remember && { ...exact.remember, proof: null };
    if (!exact.finding || !exact.repair) return { ...exact, remember, repair: planned };
    const second = await attempt(exact.finding, exact.repair.repair);
    return { ...exact, finding: second === "disproved" ? exact.finding : second };
  } catch (error) {
    return { ...plan, finding: failed(found, errorText(error)) };
  }
}

/** Plans that say beforehand which of their repairs would be refused for lack of space, or wait for merges. */
export async function foretellObstacles(
  { here }: Pick<CheckPorts, "here">,
  plans: readonly TablePlan[],
): Promise<TablePlan[]> {
  const foretold: TablePlan[] = [];
  for (const plan of plans) {
    const [first] = plan.plans.flatMap(({ repair }) => repair ?? []);
    if (!first) {
      foretold.push(plan);
      continue;
    }
    const table = first.repair.pair.here;
    const spaced = foretellSpace(plan, await here.freeBytes(table.id));
    foretold.push(foretellParts(spaced, await here.partLoad(table)));
  }
  return foretold;
}

function hold(plan: PartitionPlan, awaited: readonly string[]): PartitionPlan {
  const { finding, repair } = plan;
  // Of a source that still waits for rows, views may yet make rows of this table.
  const how = repair?.repair.pair.pastViews
    ? "of which views make its rows"
    : "which a view of this table reads";
  const more = `repaired once ${awaited.join(", ")}, ${how}, lacks nothing`;
  return finding && repair ? { ...plan, finding: sayMore(finding, more) } : plan;
}

async function repairPartition(
  { ports, role, doubtOf, space, warnOnce }: Common,
  found: Finding,
  repair: Repair,
): Promise<Finding | "disproved"> {
  if (ports.signal.aborted) return failed(found, STOPPING);
  const { pair: { here } } = repair;
  using held = await space.hold(spaceFor(repair), here, () => ports.here.freeBytes(here.id));
  if (ports.signal.aborted) return failed(found, STOPPING); // it may have waited for space
  let waiting = await ports.repairsWait();
  if (waiting !== null) return sayMore(found, waiting);
  // Asked before rows are copied, and again before they are brought in: the role may have changed since the check began.
  const roleChanged = async () => {
    const { active } = await ports.role.resolve();
    return active === otherSite(role) ? null : `the active site is ${active} now, so nothing is written here`;
  };
  const changed = await roleChanged();
  if (changed !== null) return failed(found, changed);
  const putOff = (doubt: Finding) => ({ ...doubt, partitionId: found.partitionId, ...pick(found) });
  const doubted = await doubtOf(repair);
  if (doubted !== null) return putOff(doubted);
  const { free } = held;
  if (free === null) warnOnce(SPACE_UNKNOWN);
  const tooLarge = lacksSpace(repair, free);
  if (tooLarge !== null) return failed(found, tooLarge);
  ports.observer.repairing(repair);
  const { step = (_name, run) => run() } = ports;
  const { pair: { name: table }, partitionId: partition } = repair;
  const late: { doubt: Finding | null } = { doubt: null };
  const run = () =>
    ports.here.repair(repair, {
      slice: (copied, slices) => ports.observer.copied(repair, copied, slices),
      written: (rows, bytes) => ports.observer.written(repair, rows, bytes),
    }, async () => {
      // A copy may have taken hours. The role is asked last, as other servers are asked first.
      late.doubt = await doubtOf(repair, true);
      if (late.doubt !== null) return late.doubt.detail;
      return (waiting ??= await ports.repairsWait()) ?? await roleChanged();
    });
  const outcome = await step({ kind: "repair", table, partition }, run, summary);
  await ports.observer.repaired(repair, outcome);
  switch (outcome.kind) {
    case "repaired":
      return {
        ...(outcome.pastViews ? sayMore(found, PAST_VIEWS) : sayPlaced(found, outcome)),
        repaired: true,
        ...(outcome.kept ? sayKept(found, outcome.kept) : {}),
      };
    case "failed":
      if (late.doubt?.detail === outcome.error) return putOff(late.doubt);
      return outcome.error === waiting ? sayMore(found, waiting) : failed(found, outcome.error);
    case "disproved":
      return "disproved";
    case "held":
      return {
        ...found,
        reason: "views",
        cause: "fed_before",
        repair: null,
        sql: [],
        detail: `${found.detail}; ${outcome.error}`,
      };
    case "views":
      return {
        ...found,
        reason: "views",
        cause: "fed_in_part",
        repair: null,
        sql: [],
        detail: `${outcome.error}; ${settleViews(outcome.staging, new Date().toISOString())}`,
      };
  }
}

/** What a trace tells about a repair. */
function summary(outcome: RepairOutcome) {
  if (outcome.kind === "repaired") return { outcome: outcome.kind, rows: Number(outcome.rows) };
  return "error" in outcome ? { outcome: outcome.kind, error: outcome.error } : { outcome: outcome.kind };
}
