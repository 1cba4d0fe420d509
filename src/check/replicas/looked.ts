/** What one look at both sites saw. */
import type { Look } from "../../model/replication.ts";
import type { Finding } from "../../model/report.ts";
import { type TableId, tableName, type TablePair } from "../../model/table.ts";
import type { Side } from "./believe.ts";
import { type Sight, sightOf } from "./sight.ts";

export type Looked = ReadonlyMap<Side, Look>;

/** What was seen of a table; null: nothing. */
export function sightAt(looked: Looked, pair: TablePair, side: Side): Sight | null {
  const { facts, logs } = looked.get(side)!;
  if (facts === null || "denied" in facts) return null;
  const name = tableName(idOf(pair, side));
  return sightOf(name, facts, logs.get(name) ?? null);
}

export function isReplicated({ here, there }: TablePair, side: Side): boolean {
  return (side === "here" ? here : there).engine.startsWith("Replicated");
}

export function idOf({ here, there }: TablePair, side: Side): TableId {
  return (side === "here" ? here : there).id;
}

/** Why tables cannot be compared now. */
export interface Doubts {
  /** By the name of the table here. */
  readonly tables: ReadonlyMap<string, Finding>;
  /** Queues of rows for tables that are none of those, or that are not at this server. */
  readonly others: readonly Finding[];
}
