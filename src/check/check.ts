/** One check, as one straight line. `--once`, the daemon and `--dry-run` all run it. */
import { reportOf, unplanned } from "../model/plan.ts";
import { type CheckReport, tableReport } from "../model/report.ts";
import { ownReplicas } from "../model/replica_pick.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { errorText } from "../text/error_text.ts";
import { beginReport } from "./begin_report.ts";
import type { CheckOptions } from "./check_options.ts";
import { findDied, openCheck, proveNativeRoad, readFacts } from "./open/open_sites.ts";
import { findChanged } from "./open/still_so.ts";
import { acceptRefused, assertAcceptable } from "./plan/plan_policies.ts";
import { examineContext, planTables } from "./plan/plan_tables.ts";
import { repairsAtATime } from "./plan/tables_at_a_time.ts";
import type { CheckPorts } from "./ports/check_ports.ts";
import { clearLeftoverStaging, holdOpenFeeds } from "./repair/clear_leftover_staging.ts";
import { dropOutdated } from "./repair/drop_outdated_kept.ts";
import { foretellObstacles, repairTables } from "./repair/repair_tables.ts";
import { holdUnseenFeeds } from "./repair/unseen_feeds.ts";
import { doubtAgain, doubtOfRepairs } from "./replicas/doubt_again.ts";
import { doubtTables } from "./replicas/doubt_tables.ts";
import { withLacking } from "./replicas/look_further.ts";
import { examineShards } from "./shards/examine_shards.ts";
import type { Discovery } from "./tables/discovery.ts";
import { findTables } from "./tables/find_tables.ts";
import { acceptedOfOthers, proveDerived } from "./views/prove_derived.ts";

/**
 * Finds out who is active, then discovers, compares, plans, guards and repairs. What goes wrong with a site or a table is in the
 * report.
 *
 * @throws {UsageProblem} if `only` or `within` names what neither site has, or `accepted` what cannot be accepted
 */
export async function runCheck(ports: CheckPorts, options: CheckOptions): Promise<CheckReport> {
  const { settings, replicas, dryRun, accepted } = options;
  const report = beginReport(options);
  const opened = await openCheck(ports, settings);
  if (opened.outcome !== "open") return { ...report, ...opened };
  const { active, pingMs } = opened;
  try {
    // Nothing is read or written before it is known which servers these are.
    const facts = { ...await readFacts(ports, settings, replicas), pingMs };
    const [unnamed] = await Promise.all([
      examineShards(ports, settings),
      proveNativeRoad(ports, facts, settings),
    ]);
    const [feeds] = await Promise.all([clearLeftoverStaging(ports, options), dropOutdated(ports, options)]);

    const { discovery, chosen } = await findTables(ports, options, facts);
    await ports.observer.planned(discovery.unpaired.map(unplanned));
    const context = await examineContext(ports, options, discovery, facts, active, chosen);
    const { doubts, lacking, warnings } = await doubtTables(ports, discovery, options, unnamed);

    const own = ownReplicas(replicas);
    const possible = await planTables(ports, discovery, context, facts, doubts);
    const open = [...feeds, ...own.flatMap(({ feeds }) => feeds)];
    const plans = holdUnseenFeeds(holdOpenFeeds(possible, open, report.limited), discovery.pairs, own);
    const elsewhere = acceptedOfOthers(accepted, discovery).difference(discovery.onlyHere);
    assertAcceptable([...plans, ...discovery.unpaired.map(unplanned)], elsewhere);
    const wanted = plans.map((plan) => acceptRefused(plan, accepted));
    await ports.observer.planned(wanted);

    const doubtOf = doubtOfRepairs(ports, discovery, settings);
    const atATime = repairsAtATime(ports, settings, facts);
    const done = dryRun
      ? (await foretellObstacles(ports, wanted)).map(reportOf)
      : await repairTables(ports, settings.role, wanted, discovery.partners, doubtOf, atATime);

    const whole = chosen ? done : await proveDerived(ports, discovery, context, done, options);
    const tables = [
      ...withLacking(options.deep ? await doubtAgain(ports, discovery, whole) : whole, lacking),
      ...discovery.unpaired,
      ...!report.limited ? doubts.others.map((found) => tableReport(found.table, { findings: [found] })) : [],
    ];
    const seen = {
      ...report,
      active,
      servers: { local: facts.here, remote: facts.there },
      tables,
      leftOut: discovery.leftOut,
      warnings: [...discovery.warnings, ...warnings],
    };
    if (tables.length === 0) {
      return { ...seen, outcome: "failed", error: whyNone(discovery, chosen?.warnings ?? []) };
    }
    const changed = await findDied(ports, replicas) ?? await findChanged(ports, facts, settings.role);
    // A stop ends these questions too.
    if (ports.signal.aborted) {
      return { ...seen, outcome: "aborted", settledBefore: facts.moment.settledBefore };
    }
    if (changed !== null) return { ...seen, outcome: "failed", error: changed };
    return { ...seen, settledBefore: facts.moment.settledBefore };
  } catch (error) {
    if (error instanceof UsageProblem) throw error;
    if (ports.signal.aborted) return { ...report, active, outcome: "aborted" };
    const died = await findDied(ports, replicas).catch(() => null);
    return { ...report, active, outcome: "failed", error: died ?? errorText(error) };
  }
}

/** Why no table was compared: then nothing is known to be here. */
function whyNone({ onlyHere, excluded }: Discovery, leftOut: readonly string[]): string {
  if (leftOut.length > 0) return `no table was compared: ${leftOut[0]}`;
  if (onlyHere.size > 0) {
    return "no table was compared: the active site shows none of them to the remote user; grant SELECT on them";
  }
  return excluded > 0
    ? `no table was compared: CH_EXCLUDE_PATTERNS leaves out all ${excluded} of the active site; correct it`
    : "no table was compared: the active site has none that could be, or shows none to the remote user";
}
