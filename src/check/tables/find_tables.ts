/** The tables and partitions that a check looks at, ready to be compared. */
import type { SiteFacts } from "../open/open_sites.ts";
import type { CheckOptions } from "../check_options.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { byThemselves } from "../shards/past_views.ts";
import { explainViews } from "../views/explain_views.ts";
import { prepareForComparison } from "./agree_on_hashes.ts";
import { type Choice, choosePartitions } from "./choose_partitions.ts";
import { discover } from "./discover.ts";
import type { Discovery } from "./discovery.ts";
import { withSources } from "./recheck_derived.ts";

export interface FoundTables {
  readonly discovery: Discovery;
  /** Which partitions an operator limits the check to; absent: it looks at all of them. */
  readonly chosen?: Choice;
}

/** @throws {UsageProblem} if `only` or `within` names what neither site has */
export async function findTables(
  ports: CheckPorts,
  options: CheckOptions,
  facts: SiteFacts,
): Promise<FoundTables> {
  const { settings, only, within } = options;
  const find = async (only: CheckOptions["only"]) =>
    await prepareForComparison(
      ports,
      await discover(ports, { ...options, only, version: facts.here.version }),
      facts,
      options.agreements,
    );
  const found = await find(only);
  if (found.unnamed.here !== null) throw new Error(found.unnamed.here);
  const wider = withSources(within, found);
  const all = wider === null ? found : await find(wider);
  if (all.stagingProblem !== null) throw new Error(all.stagingProblem);
  if (!within || wider !== null) return { discovery: await pastViews(ports, all, settings) };
  const chosen = await choosePartitions(ports, all, within, settings);
  const some = { ...all, pairs: chosen.pairs, warnings: [...all.warnings, ...chosen.warnings] };
  return { discovery: await pastViews(ports, some, settings), chosen };
}

/** Over several shards no view is fed, so tables that views connect are looked at each by itself, where that is right. */
async function pastViews(
  ports: CheckPorts,
  discovery: Discovery,
  { timeColumns }: Pick<CheckOptions["settings"], "timeColumns">,
): Promise<Discovery> {
  const sharded = ports.there.shards !== undefined || ports.here.shards !== undefined;
  if (!sharded || discovery.views.size === 0) return discovery;
  return byThemselves(discovery, await explainViews(ports, discovery, timeColumns)());
}
