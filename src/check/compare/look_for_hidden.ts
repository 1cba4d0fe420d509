/** Whether ch-sync sees all rows of some partitions, at both sites. */
import type { BothPartitions, VisiblePart } from "../../model/partition.ts";
import type { TimeAxis } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { type HiddenRows, hiddenRows } from "./hidden_rows.ts";

/** Rows that a SELECT by ch-sync's user of this site does not see. */
export interface HiddenAt extends HiddenRows {
  readonly site: "local" | "remote";
}

/**
 * @param ids of partitions, at this site and at the active one
 * @param listed these and others, as both sites listed them
 * @returns what is hidden, here first, and the parts of both that are seen
 */
export async function lookForHidden(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  ids: { readonly here: readonly string[]; readonly there: readonly string[] },
  axis: TimeAxis | null,
  listed: BothPartitions,
): Promise<{ readonly hidden: readonly HiddenAt[]; readonly seen: readonly VisiblePart[] }> {
  const [seenHere, seenThere] = await Promise.all([
    here.visibility(pair.here, ids.here, axis, listed.here),
    there.visibility(pair.there, ids.there, axis, listed.there),
  ]);
  const hidden = [
    ...hiddenRows(seenHere).map((rows) => ({ ...rows, site: "local" as const })),
    ...hiddenRows(seenThere).map((rows) => ({ ...rows, site: "remote" as const })),
  ];
  return { hidden, seen: [...seenHere.visible, ...seenThere.visible] };
}
