/** Which partitions a check looks at that an operator limits within its tables. */
import type { Within } from "../../model/check_scope.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import { UsageProblem } from "../../model/usage_problem.ts";
import { errorText } from "../../text/error_text.ts";
import { nearest } from "../../text/nearest.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Discovery } from "./discovery.ts";
import type { Refusals } from "./refuse_table.ts";
import { saidAxis } from "./number_axis.ts";

/** Ids of partitions by the name of their table; null: all of them. */
export type ChosenPartitions = ReadonlyMap<string, ReadonlySet<string> | null>;

export interface Choice {
  /** Tables of which something is looked at. */
  readonly pairs: readonly TablePair[];
  readonly partitions: ChosenPartitions;
  /** Tables of which it cannot be told, perhaps as their definitions differ; nothing of them is looked at. */
  readonly failed: Refusals;
  readonly warnings: readonly string[];
}

type Ports = Pick<CheckPorts, "here" | "there" | "memory">;

/**
 * Tables that views fill stay as they are: whether their sources are whole cannot be told from some of their partitions, so
 * nothing of them is looked at anyway.
 *
 * @throws {UsageProblem} if no table has a partition that is named
 */
export async function choosePartitions(
  ports: Ports,
  { pairs, derived }: Pick<Discovery, "pairs" | "derived">,
  within: Within,
  { timeColumns }: Pick<Settings, "timeColumns">,
): Promise<Choice> {
  const partitions = new Map<string, ReadonlySet<string> | null>();
  const warnings: string[] = [];
  const known = new Set<string>();
  const failed = new Map<string, Finding>();
  const chosen: TablePair[] = [];
  for (const pair of pairs) {
    if (derived.has(pair.name)) {
      chosen.push(pair);
      continue;
    }
    const axis = saidAxis(pair.here, timeColumns);
    const timed = within.from !== null || within.to !== null;
    if (timed && axis === null) {
      warnings.push(
        `Table ${pair.name} was not looked at: no column tells the time of its rows by its type or by a unit in ` +
          "TIME_COLUMNS, so --from and --to leave it out",
      );
      continue;
    }
    let ids: ReadonlySet<string> | null = null;
    const only = (some: ReadonlySet<string>) => ids = ids === null ? some : ids.intersection(some);
    if (timed && axis !== null) {
      const { from, to } = within;
      try {
        const sites = await Promise.all([
          ports.here.partitionsBetween(pair.here, axis, from, to),
          ports.there.partitionsBetween(pair.there, axis, from, to),
        ]);
        only(sites[0].union(sites[1]));
      } catch (error) {
        failed.set(pair.name, finding(pair.name, null, "failed", errorText(error)));
        only(new Set());
      }
    }
    if (within.partitions.length > 0 || within.open) {
      const held = await heldPartitions(ports, pair);
      for (const id of held) known.add(id);
      if (within.partitions.length > 0) only(new Set(within.partitions.filter((id) => held.has(id))));
      const open = within.open && !within.openAsWhole?.has(pair.name)
        ? await openPartitions(ports, pair, held)
        : null;
      if (open !== null) only(open);
    }
    chosen.push(pair);
    partitions.set(pair.name, ids);
  }
  assertKnown(within.partitions, known);
  const sets = [...partitions.values()];
  if (failed.size === 0 && sets.length > 0 && sets.every((ids) => ids?.size === 0)) {
    warnings.push("No partition was looked at: none of these tables has one that meets every limit");
  }
  return { pairs: chosen, partitions, failed, warnings };
}

/** Of either site. */
async function heldPartitions({ here, there }: Ports, pair: TablePair): Promise<Set<string>> {
  const [mine, theirs] = await Promise.all([
    here.partitions([pair.here.id]),
    there.partitions([pair.there.id]),
  ]);
  return new Set([
    ...mine.get(pair.name)?.keys() ?? [],
    ...theirs.get(tableName(pair.there.id))?.keys() ?? [],
  ]);
}

/**
 * Partitions of which the last check proved nothing, or that it did not see. Null: all, as it left none of them open, but the
 * table as a whole.
 */
async function openPartitions(
  { memory }: Ports,
  { name }: TablePair,
  held: ReadonlySet<string>,
): Promise<Set<string> | null> {
  const remembered = await memory.partitions(name, "", null);
  const open = [...held].filter((id) => (remembered.get(id)?.digestedAt ?? null) === null);
  return open.length === 0 ? null : new Set(open);
}

function assertKnown(wanted: readonly string[], known: ReadonlySet<string>): void {
  const mistakes = wanted.filter((id) => !known.has(id)).map((id) => {
    const near = nearest(id, known);
    const meant = near.length > 0
      ? `; the nearest ${near.length === 1 ? "is" : "are"} ${near.join(", ")}`
      : "";
    return `No table that is looked at has a partition ${id}${meant}; write the partition_id as reports do`;
  });
  if (mistakes.length > 0) throw new UsageProblem(...mistakes);
}
