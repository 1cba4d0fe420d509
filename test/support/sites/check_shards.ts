/** One check between some of the shards of both sites. */
import type { CheckReport } from "../../../src/model/report.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { checkSites } from "./check_sites.ts";
import { OWN_CLUSTER, type ShardedSites } from "./sharded_sites.ts";

/** Shards of the active site, and of this one, counted from 0. */
export type Shards = readonly [readonly number[], readonly number[]];

export function checkShards(
  { first, settingsOfBoth }: ShardedSites,
  tables: readonly string[],
  [there, here]: Shards,
  more: Partial<Settings> = {},
): Promise<CheckReport> {
  // Where one shard here is the whole site, its cluster is another one.
  const alone = here.length === 1 ? { excludePatterns: ["system.*", `cluster.${OWN_CLUSTER}`] } : {};
  return checkSites(first, { only: tables, settings: { ...settingsOfBoth(there, here), ...alone, ...more } });
}
