/** Removing scratch databases: the drill's own, and those that a killed drill left behind. */
import type { DrillStep } from "../model/drill.ts";
import type { DrillOptions } from "./drill_options.ts";

/** @returns how it went; null: there is nothing to remove */
export async function removeScratch({ here, there, database }: DrillOptions): Promise<DrillStep | null> {
  const made = ([["local", here], ["remote", there]] as const).filter(([, scratch]) => scratch.made);
  if (made.length === 0) return null;
  const begun = performance.now();
  const done = await Promise.allSettled(made.map(([, scratch]) => scratch.drop()));
  const left = made.flatMap(([site], index) => {
    const one = done[index]!;
    if (one.status === "fulfilled") return [];
    return [{ site, problem: one.reason instanceof Error ? one.reason.message : String(one.reason) }];
  });
  return {
    name: REMOVING,
    seconds: (performance.now() - begun) / 1000,
    passed: left.length === 0,
    detail: left.length === 0
      ? made.length === 2 ? "from both sites" : `from the ${made[0]![0]} site`
      : left.map(({ problem }) => problem).join("; "),
    remedy: left.length === 0 ? null : dropByHand(database, left.map(({ site }) => site)),
  };
}

/** The step to show if the process ends before the sites have answered. */
export function notRemoved(database: string): DrillStep {
  return {
    name: REMOVING,
    seconds: 0,
    passed: false,
    detail: "a site did not answer in time",
    remedy: dropByHand(database, ["local", "remote"]),
  };
}

const REMOVING = "remove the scratch database";

function dropByHand(database: string, sites: readonly string[]): string {
  const statement = `DROP DATABASE IF EXISTS ${database} SYNC`;
  return `run at the ${
    sites.join(" and at the ")
  } site: ${statement}; or run a drill in an hour or later, which removes ` +
    "it";
}

export async function removeLeftovers({ here, there, leftovers, database }: DrillOptions): Promise<string> {
  let removed = 0;
  for (const site of [here, there]) {
    for (const name of leftovers(await site.others(prefixOf(database)))) {
      await site.drop(name);
      removed++;
    }
  }
  return removed === 0 ? "nothing" : `${removed} database${removed === 1 ? "" : "s"}`;
}

/** `ch_sync_drill_dr_0123abcd_` of `ch_sync_drill_dr_0123abcd_m5x1`. */
function prefixOf(database: string): string {
  return database.slice(0, database.lastIndexOf("_") + 1);
}
