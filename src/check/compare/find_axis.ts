/** The column by which the rows of some partitions settle. */
import type { BothPartitions } from "../../model/partition.ts";
import type { Moment } from "../../model/scope.ts";
import type { TimeColumn } from "../../model/settings.ts";
import type { TablePair } from "../../model/table.ts";
import { chooseNumberAxis, type NumberAxis, numberColumns } from "../tables/number_axis.ts";
import { findTimeAxis } from "../tables/time_axis.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/**
 * By the types of the columns; where those tell no time, or only a day, by their numbers. The sites are asked for those only
 * where a partition still changes: in one that is at rest, all rows are settled whatever they say.
 *
 * @param ids of the partitions to be compared
 */
export async function findAxis(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  partitions: BothPartitions,
  ids: readonly string[],
  { moment, timeColumns }: { readonly moment: Moment; readonly timeColumns: readonly TimeColumn[] },
): Promise<NumberAxis> {
  const typed = findTimeAxis(pair.here, timeColumns);
  const columns = numberColumns(pair.here, typed, timeColumns);
  const changedAt = (id: string) =>
    Math.max(partitions.here.get(id)?.changedAt ?? 0, partitions.there.get(id)?.changedAt ?? 0);
  const changing = ids.filter((id) => changedAt(id) >= moment.settledBefore);
  if (columns.length === 0 || changing.length === 0) return { axis: typed, doubt: null };
  const names = columns.map(({ column }) => column);
  const held = changing.filter((id) => partitions.here.has(id));
  const spans = await Promise.all([
    held.length === 0 ? [] : here.numberSpans(pair.here, held, names),
    there.numberSpans(pair.there, changing, names),
  ]);
  const newest = changing.map(changedAt).reduce((a, b) => Math.max(a, b));
  const { axis, doubt } = chooseNumberAxis(columns, spans.flat(), moment, newest);
  return { axis: axis ?? typed, doubt };
}
