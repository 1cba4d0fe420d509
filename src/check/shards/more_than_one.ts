/** Other shards of a site of which the settings name one. */
import type { Finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import { isLeftOut, moreHere, moreThere } from "./unnamed_shards.ts";
import { isCutAlike, type Spread } from "./used_clusters.ts";

export interface UnnamedShards {
  /** Why rows of this site would be taken for missing ones, in words: then nothing is compared. Null: nothing speaks for it. */
  readonly here: string | null;
  /** Of the active site: no check is whole without them. */
  readonly there: readonly Finding[];
  readonly warnings: readonly string[];
}

export type ClusterSettings = Pick<
  Settings,
  | "local"
  | "remoteNative"
  | "replicas"
  | "shards"
  | "localShards"
  | "excludePatterns"
  | "autoCreateTables"
>;

type Patterns = Pick<Settings, "excludePatterns">;

/**
 * Rows on them are not seen, unless each shard has a ch-sync of its own.
 *
 * @param spreads over which it spreads tables that are compared
 * @param there those of the other site
 */
export function moreThanOneThere(
  spreads: readonly Spread[],
  there: readonly Spread[],
  named: Patterns,
): Finding[] {
  return besides(spreads, named).filter((one) => !isCutAlike(one, there, false))
    .map(({ cluster, others }) => moreThere(cluster, others, ONE_EACH));
}

/** A user at the other site who may not know its shards, as by default, leaves it to the operator that both are cut alike. */
export function moreThanOneHere(
  spreads: readonly Spread[],
  there: readonly Spread[],
  named: Patterns,
): string | null {
  const found = besides(spreads, named).find((one) => !isCutAlike(one, there, true));
  return found ? moreHere(found.cluster, found.others, ONE_EACH) : null;
}

function besides(spreads: readonly Spread[], { excludePatterns }: Patterns): Spread[] {
  return spreads.filter(({ cluster, others }) => others !== "" && !isLeftOut(cluster, excludePatterns));
}

const ONE_EACH = " or each shard has a ch-sync of its own";
