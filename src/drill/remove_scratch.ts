/** Removing scratch databases: the drill's own, and those that a killed drill left behind. */
import type { DrillStep } from "../model/drill.ts";
import { errorText } from "../text/error_text.ts";
import { counted } from "../text/readable.ts";
import type { DrillOptions } from "./drill_options.ts";

type Scratch = Pick<DrillOptions, "here" | "there" | "database">;

/** @returns how it went; null: there is nothing to remove */
export async function removeScratch({ here, there, database }: Scratch): Promise<DrillStep | null> {
  const all = [...here.servers, ...there.servers];
  const made = all.filter((scratch) => scratch.made);
  if (made.length === 0) return null;
  const begun = performance.now();
  const done = await Promise.allSettled(made.map((scratch) => scratch.drop()));
  const left = made.flatMap(({ place }, index) => {
    const one = done[index]!;
    return one.status === "fulfilled" ? [] : [{ place, problem: errorText(one.reason) }];
  });
  return {
    name: REMOVING,
    seconds: (performance.now() - begun) / 1000,
    passed: left.length === 0,
    detail: left.length > 0
      ? left.map(({ problem }) => problem).join("; ")
      : made.length === all.length
      ? "from both sites"
      : `from ${made.map(({ place }) => place).join(" and ")}`,
    remedy: left.length === 0 ? null : dropByHand(database, left.map(({ place }) => place)),
  };
}

/** The step to show if the process ends before all servers have answered; null: nothing is left. */
export function notRemoved({ here, there, database }: Scratch): DrillStep | null {
  const left = [...here.servers, ...there.servers].flatMap(({ made, place }) => made ? [place] : []);
  if (left.length === 0) return null;
  return {
    name: REMOVING,
    seconds: 0,
    passed: false,
    detail: `no answer in time from ${left.join(" and ")}`,
    remedy: dropByHand(database, left),
  };
}

const REMOVING = "remove the scratch database";

function dropByHand(database: string, places: readonly string[]): string {
  const statement = `DROP DATABASE IF EXISTS ${database} SYNC`;
  return `run at ${
    places.join(" and at ")
  }: ${statement}; or run a drill in an hour or later, which removes it`;
}

export async function removeLeftovers({ here, there, leftovers, database }: DrillOptions): Promise<string> {
  let removed = 0;
  for (const server of [...here.servers, ...there.servers]) {
    for (const name of leftovers(await server.others(prefixOf(database)))) {
      await server.drop(name);
      removed++;
    }
  }
  return removed === 0 ? "nothing" : counted(removed, "database");
}

/** `ch_sync_drill_dr_0123abcd_` of `ch_sync_drill_dr_0123abcd_m5x1`. */
function prefixOf(database: string): string {
  return database.slice(0, database.lastIndexOf("_") + 1);
}
