/** Feeds of views that may have been left open at replicas of this site which do not answer: nobody can tell. */
import type { PartitionPlan, TablePlan } from "../../model/plan.ts";
import { finding } from "../../model/report.ts";
import type { SiteReplicas } from "../../model/replica_pick.ts";
import type { TablePair } from "../../model/table.ts";
import { sayMore } from "../plan/plan_policies.ts";

/**
 * Holds back what would feed views while a replica of this site is silent: the mark of a feed that was under way there is at that
 * replica alone, and rows of it may be in the table and in only some of its views. Says so of each table with views.
 *
 * @param sites what is known of the replicas of this site, shard by shard; none: it has one address
 */
export function holdUnseenFeeds(
  plans: readonly TablePlan[],
  pairs: readonly TablePair[],
  sites: readonly SiteReplicas[],
): TablePlan[] {
  const silent = sites.flatMap(silentReplicas);
  if (silent.length === 0) return [...plans];
  const feeding = new Set(pairs.filter(({ here }) => here.feeds.length > 0).map(({ name }) => name));
  const where = silent.join(", ");
  return plans.map((plan) => {
    const { report } = plan;
    if (!feeding.has(report.table)) return plan;
    const found = finding(
      report.table,
      null,
      "feeds_unseen",
      `${where} of this site gives no answer: a repair may have been under way there which reached the table and not all of ` +
        "its views, so its views are not fed. Bring it back, or make sure that the table and its views hold each row once, then " +
        "take the address out of LOCAL_CH_URL",
    );
    const held = plan.plans.map((one) => holdFeed(one, `not fed to views while ${where} gives no answer`));
    return { report: { ...report, findings: [...report.findings, found] }, plans: held };
  });
}

function silentReplicas({ servers, others }: SiteReplicas): string[] {
  const answered = new Set(servers.map(({ url }) => url));
  return others.map(({ url }) => url).filter((url) => !answered.has(url));
}

function holdFeed(plan: PartitionPlan, why: string): PartitionPlan {
  const ifAccepted = plan.ifAccepted?.repair?.repair.method === "insert" ? null : plan.ifAccepted;
  if (plan.repair?.repair.method !== "insert") return { ...plan, ifAccepted };
  return { ...plan, finding: plan.finding && sayMore(plan.finding, why), repair: null, ifAccepted: null };
}
