/** One check, as one straight line. `--once`, the daemon and `--dry-run` all run it. */
import { reportOf, unplanned } from "../model/plan.ts";
import type { CheckScope } from "../model/check_scope.ts";
import { type CheckReport, tableReport } from "../model/report.ts";
import { type ClusterNode, ownReplicas, readOf } from "../model/replica_pick.ts";
import type { MayNotLook } from "../model/replication.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { acceptRefused, assertAcceptable } from "./plan/plan_policies.ts";
import { prepareForComparison } from "./tables/agree_on_hashes.ts";
import type { CheckOptions } from "./check_options.ts";
import { choosePartitions } from "./tables/choose_partitions.ts";
import { withSources } from "./tables/recheck_derived.ts";
import { discover } from "./tables/discover.ts";
import type { Discovery } from "./tables/discovery.ts";
import { errorText } from "../text/error_text.ts";
import { dropOutdated } from "./repair/drop_outdated_kept.ts";
import { findDied, openCheck, proveNativeRoad, readFacts } from "./open/open_sites.ts";
import { acceptedOfOthers, proveDerived } from "./views/prove_derived.ts";
import { examineContext, planTables } from "./plan/plan_tables.ts";
import type { CheckPorts } from "./ports/check_ports.ts";
import type { ReadableSite } from "./ports/readable_site.ts";
import { doubtAgain, doubtOfRepairs } from "./replicas/doubt_again.ts";
import { doubtsOfOthers } from "./replicas/one_shard.ts";
import { lookAtSites, WHOLE } from "./replicas/look_at_sites.ts";
import { refuseOverShards } from "./shards/over_shards.ts";
import { findOneShard, unnamedHere, unnamedShards } from "./shards/unnamed_shards.ts";
import { lookFurther, withDoubts, withLacking } from "./replicas/look_further.ts";
import { foretellObstacles, repairTables } from "./repair/repair_tables.ts";
import { repairsAtATime } from "./plan/tables_at_a_time.ts";
import { clearLeftoverStaging, holdOpenFeeds } from "./repair/clear_leftover_staging.ts";
import { holdUnseenFeeds } from "./repair/unseen_feeds.ts";

/**
 * Finds out who is active, then discovers, compares, plans, guards and repairs. What goes wrong with a site or a table is in the
 * report.
 *
 * @throws {UsageProblem} if `only` or `within` names what neither site has, or `accepted` what cannot be accepted
 */
export async function runCheck(ports: CheckPorts, options: CheckOptions): Promise<CheckReport> {
  const { settings, replicas, dryRun, only, within, accepted, now } = options;
  const scope = scopeOf(options);
  const report: CheckReport = {
    startedAt: now.toISOString(),
    role: settings.role,
    active: "unknown",
    outcome: "completed",
    error: null,
    dryRun,
    limited: only !== null || within !== undefined,
    ...scope ? { scope } : {},
    unreachable: [],
    servers: { local: null, remote: null },
    replicas: {
      local: readOf(replicas.local, now),
      remote: readOf(replicas.remote, now),
      shards: replicas.shards.map((shard) => readOf(shard, now)),
      localShards: replicas.localShards.map((shard) => readOf(shard, now)),
    },
    settledBefore: null,
    tables: [],
    leftOut: [],
    warnings: [],
  };
  const opened = await openCheck(ports, settings);
  if (opened.outcome !== "open") return { ...report, ...opened };
  const { active } = opened;
  try {
    // Nothing is read or written before it is known which servers these are.
    const facts = await readFacts(ports, settings, replicas);
    const [nodes, ownNodes] = await Promise.all([
      clustersOf(ports.there),
      clustersOf(ports.here),
      proveNativeRoad(ports, facts, settings),
    ]);
    const own = { shards: settings.localShards, excludePatterns: settings.excludePatterns };
    const wrong = findOneShard(nodes, settings, "active") ?? findOneShard(ownNodes, own, "here") ??
      unnamedHere(ownNodes, own);
    if (wrong !== null) throw new Error(wrong);
    const [feeds] = await Promise.all([clearLeftoverStaging(ports, options), dropOutdated(ports, options)]);
    const find = async (only: CheckOptions["only"]) =>
      await prepareForComparison(
        ports,
        await discover(ports, { ...options, only, version: facts.here.version }),
        facts,
        options.agreements,
      );
    const found = await find(only);
    const wider = withSources(within, found);
    const everything = wider === null ? found : await find(wider);
    if (everything.stagingProblem !== null) throw new Error(everything.stagingProblem);
    const chosen = within && wider === null
      ? await choosePartitions(ports, everything, within, settings)
      : undefined;
    const discovery = chosen
      ? { ...everything, pairs: chosen.pairs, warnings: [...everything.warnings, ...chosen.warnings] }
      : everything;
    const context = await examineContext(ports, options, discovery, facts, active, chosen);
    const [further, looked] = await Promise.all([
      lookFurther(ports, discovery, settings, report.limited),
      lookAtSites(ports, discovery.pairs, discovery, WHOLE, replicas),
    ]);
    const others = doubtsOfOthers(looked, discovery.pairs, discovery, replicas);
    const believed = withDoubts(others, further);
    const ofSites = { here: replicas.localShards, active: replicas.shards };
    const doubts = !ports.there.shards && !ports.here.shards
      ? believed
      : refuseOverShards(believed, discovery, ofSites, unnamedShards(nodes, settings));
    const possible = await planTables(ports, discovery, context, facts, doubts);
    const plans = holdUnseenFeeds(
      holdOpenFeeds(
        possible,
        [...feeds, ...ownReplicas(replicas).flatMap(({ feeds }) => feeds)],
        report.limited,
      ),
      discovery.pairs,
      ownReplicas(replicas),
    );
    assertAcceptable(
      [...plans, ...discovery.unpaired.map(unplanned)],
      acceptedOfOthers(accepted, discovery).difference(discovery.onlyHere),
    );
    const wanted = plans.map((plan) => acceptRefused(plan, accepted));
    const done = dryRun ? (await foretellObstacles(ports, wanted)).map(reportOf) : await repairTables(
      ports,
      settings.role,
      wanted,
      discovery.partners,
      doubtOfRepairs(ports, discovery),
      repairsAtATime(ports, settings, facts),
    );
    const whole = chosen ? done : await proveDerived(ports, discovery, context, done, options);
    const tables = [
      ...withLacking(options.deep ? await doubtAgain(ports, discovery, whole) : whole, further.lacking),
      ...discovery.unpaired,
      ...!report.limited ? doubts.others.map((found) => tableReport(found.table, { findings: [found] })) : [],
    ];
    const servers = { local: facts.here, remote: facts.there };
    const error = tables.length === 0 ? whyNone(discovery, chosen?.warnings ?? []) : null;
    if (error !== null) {
      return {
        ...report,
        active,
        outcome: "failed",
        error,
        servers,
        warnings: discovery.warnings,
      };
    }
    const { leftOut } = discovery;
    const warnings = [...discovery.warnings, ...further.warnings];
    const { settledBefore } = facts.moment;
    const outcome = ports.signal.aborted ? "aborted" : "completed";
    const died = outcome === "completed" ? await findDied(ports, replicas) : null;
    if (died !== null) {
      return { ...report, active, outcome: "failed", error: died, servers, tables, leftOut, warnings };
    }
    return { ...report, active, outcome, servers, settledBefore, tables, leftOut, warnings };
  } catch (error) {
    if (error instanceof UsageProblem) throw error;
    if (ports.signal.aborted) return { ...report, active, outcome: "aborted" };
    const died = await findDied(ports, replicas).catch(() => null);
    return { ...report, active, outcome: "failed", error: died ?? errorText(error) };
  }
}

/** What each shard of a site has in its `system.clusters`; none: the site is one server. */
async function clustersOf({ shards = [] }: ReadableSite): Promise<(ClusterNode[] | MayNotLook)[]> {
  return await Promise.all(shards.map((shard) => shard.clusters()));
}

/** What the check is limited to, for its report; null: nothing. */
function scopeOf({ only, within, verify = false }: CheckOptions): CheckScope | null {
  if (only === null && !within && !verify) return null;
  const { from = null, to = null, partitions = [], open = false } = within ?? {};
  return { tables: [...only ?? []], from, to, partitions, open, verify };
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
