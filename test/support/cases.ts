/**
 * How many cases each property of sites and processes gets where one takes a second and more. The gate takes a few, and another
 * seed with each change of the sources makes others; `CH_SYNC_LONG=true` takes as many as test a change by themselves, and the
 * tasks `kills`, `histories` and `clusters` take hundreds.
 */
import { casesOfRun } from "./versions/engine_of_run.ts";

/** In the gate, in its long form, and the variable that says otherwise. */
const CASES = {
  kills: [8, 30, "CH_SYNC_KILLS"],
  memoryKills: [7, 25, "CH_SYNC_KILLS"],
  /** Tables of generated columns. */
  schemas: [25, 40],
  unions: [10, 40],
  /** Of each engine; all of them are in one check. */
  mergingHistories: [20, 40],
  guardHistories: [5, 20],
  fieldHistories: [3, 6, "CH_SYNC_HISTORIES"],
  fedHistories: [2, 5],
  ignoredColumns: [3, 10],
  driftRemedies: [20, 40],
  falseAnswers: [3, 8],
  rowsOfAType: [3, 5],
  rowsOfAllTypes: [8, 30],
  wrongAnswers: [15, 60],
  pinnedSettings: [2, 4],
  otherSettings: [4, 6],
  visibility: [6, 25],
  quickLies: [40, 150],
  slowLies: [7, 15],
  /** Sites of several shards from which rows are copied, and to which. */
  shardsThere: [2, 4, "CH_SYNC_SHARDED"],
  shardsHere: [2, 5, "CH_SYNC_SHARDED"],
  /** Of the following, each third or second one has shards, or replicas, at the same sites. */
  mergedShards: [4, 10, "CH_SYNC_SHARDED"],
  mergedReplicas: [2, 3, "CH_SYNC_SHARDED"],
  connectedTables: [2, 4, "CH_SYNC_SHARDED"],
  groupingViews: [2, 3, "CH_SYNC_SHARDED"],
} as const satisfies Record<string, readonly [gate: number, long: number, variable?: string]>;

/** The long form of a run. */
export const LONG: boolean = Deno.env.get("CH_SYNC_LONG") === "true";

/** How many cases of it this run takes. */
export function casesOf(property: keyof typeof CASES): number {
  const [gate, long, variable] = CASES[property];
  const wanted = variable === undefined ? undefined : Deno.env.get(variable);
  return wanted === undefined ? casesOfRun(LONG ? long : gate) : Number(wanted);
}
