/** Which servers of both sites are looked at besides the two that are read. */
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { ReadableSite } from "../check/ports/readable_site.ts";
import type { Discovery } from "../check/tables/discovery.ts";
import type { Examination } from "../model/examination.ts";
import { ok, warning } from "./graded.ts";

/** Sites without Replicated and Distributed tables are not asked. */
export async function examineOtherServers(
  ports: Pick<CheckPorts, "here" | "there">,
  { pairs, queues }: Pick<Discovery, "pairs" | "queues">,
): Promise<Examination[]> {
  const found: Examination[] = [];
  for (const side of ["here", "there"] as const) {
    const waits = queues[side].distributed.length > 0;
    if (!waits && !pairs.some((pair) => pair[side].engine.startsWith("Replicated"))) continue;
    if (waits) found.push(...await examineShards(ports[side], side));
    const subject = `other servers of the ${side === "here" ? "local" : "remote"} site`;
    const { servers, unseen } = await ports[side].otherServers(waits);
    const silent = servers.filter(({ holds }) => holds === null).map(({ name }) => name);
    if (unseen !== null) {
      const remedy = REMEDIES[unseen.because];
      found.push(
        warning(
          subject,
          `not looked at: ${unseen.why}. Rows that wait in their queues, and tables that only they have, ` +
            "are not seen",
          remedy,
        ),
      );
    } else if (silent.length > 0) {
      found.push(
        warning(subject, `${silent.join(", ")} gives no answer`, "see why, or take it out of the cluster"),
      );
    } else found.push(ok(subject, `${servers.map(({ name }) => name).join(", ")}: looked at once a check`));
  }
  return found;
}

/** Of a site that the settings name by one shard: of several, checks and rights say more. */
async function examineShards(site: ReadableSite, side: "here" | "there"): Promise<Examination[]> {
  if (site.shards) return [];
  const nodes = await site.clusters().catch(() => []);
  if (!("denied" in nodes)) return [];
  const [name, variable] = side === "here" ? ["local", "LOCAL_CH"] : ["remote", "REMOTE_CH"];
  return [
    warning(
      `shards of the ${name} site`,
      `${variable}_USER may not read system.clusters, so it cannot be told whether it has more than ${variable}_URL names: ` +
        (side === "here"
          ? "rows on others would be taken for missing ones, and copied"
          : "rows on others would not be seen"),
      `grant SELECT ON system.clusters to ${variable}_USER there; or see to it that it has no others, or that each shard has a ` +
        "ch-sync of its own",
    ),
  ];
}

const REMEDIES = {
  denied: "grant what scripts/grants.sql names for that, or see to their queues yourself",
  unnamed: "if it has others, name them in a cluster of its configuration (remote_servers)",
  failed: "see whether they answer, and take those that are gone out of the cluster",
} as const;
