/** Columns that each site fills for itself, as far as the last kept check saw twins that differ in nothing else. */
import type { Examination } from "../model/examination.ts";
import type { NumberedRun } from "../model/run.ts";
import { warning } from "./graded.ts";

/** What the text on twins proposes: the setting, with columns of one table. */
const PROPOSED = /\bIGNORE_COLUMNS=(\S+?):/;

/** @param runs the last one that is kept; none: there is nothing to go by */
export function examineTwins(runs: readonly NumberedRun[]): Examination[] {
  const [last] = runs;
  const proposed = (last?.findings ?? []).flatMap(({ reason, table, detail }) => {
    const [, columns] = reason === "independent" ? PROPOSED.exec(detail) ?? [] : [];
    return columns === undefined ? [] : [{ table, columns }];
  });
  return [...Map.groupBy(proposed, ({ table }) => table)].map(([table, found]) => {
    const columns = [...new Set(found.flatMap(({ columns }) => columns.split(",")))].sort().join(",");
    return warning(
      `twins of ${table}`,
      `check r${
        last!.run
      } found the same events at both sites with other values in ${columns}, and in no other column`,
      `if each site fills these for itself, set IGNORE_COLUMNS=${columns}; ch-sync --sample ${table} shows some of them`,
    );
  });
}
