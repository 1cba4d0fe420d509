/** Whether two definitions of a table hold comparable rows. */
import type { Drift } from "../model/drift.ts";
import type { Column, TablePair } from "../model/table.ts";
import { baseEngine } from "./engine.ts";
import { partitionsByServerZone } from "./time_axis.ts";

/** Time zones of the two servers, as `timezone()` names them. */
export interface Zones {
  readonly here: string;
  readonly active: string;
}

/**
 * Every difference that forbids a repair; empty where the rows of both can be united. The order of the columns, codecs,
 * indices, comments and settings do not count, nor does a TTL that both servers can be asked to apply.
 */
export function compareSchemas({ here, active, untaken }: TablePair, zones: Zones): Drift[] {
  const drifts: Drift[] = [];
  const hereByName = new Map(here.columns.map((column) => [column.name, column]));
  const activeByName = new Map(active.columns.map((column) => [column.name, column]));
  for (const column of active.columns) {
    const mine = hereByName.get(column.name);
    if (!mine) drifts.push({ kind: "column_missing_here", column });
    else if (!sameColumn(mine, column)) drifts.push({ kind: "column_differs", here: mine, active: column });
  }
  for (const column of here.columns) {
    if (!activeByName.has(column.name)) drifts.push({ kind: "column_only_here", column });
  }
  const keys = [
    ["engine", baseEngine(here.engine), baseEngine(active.engine)],
    ["partition key", here.partitionKey, active.partitionKey],
    ["sorting key", here.sortingKey, active.sortingKey],
  ] as const;
  for (const [key, mine, theirs] of keys) {
    if (bareKey(mine) !== bareKey(theirs)) {
      drifts.push({ kind: "key_differs", key, here: mine, active: theirs });
    }
  }
  if (zones.here !== zones.active && (partitionsByServerZone(here) || partitionsByServerZone(active))) {
    drifts.push({ kind: "zone_differs", ...zones });
  }
  return [...drifts, ...untaken.map((untaken) => ({ kind: "rule_untaken", untaken }) as const)];
}

function sameColumn(a: Column, b: Column): boolean {
  // Different defaults are drift: parts written before the column was added read differently (trap 33).
  return a.type === b.type && a.defaultKind === b.defaultKind && a.defaultExpression === b.defaultExpression;
}

/**
 * `(a)` and `a` are the same key, and `tuple()` is none; only ATTACH, which gets its keys from this site's own table,
 * minds.
 */
function bareKey(key: string): string {
  if (key === "tuple()") return "";
  const inner = /^\((.*)\)$/.exec(key)?.[1];
  return inner !== undefined && !inner.includes("(") && !inner.includes(")") ? inner : key;
}
