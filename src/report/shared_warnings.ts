/** Warnings that are the same for many tables are given once. */
import type { TableReport } from "../model/report.ts";

/** Up to so many tables, each gets the warning itself. */
const SAID_EACH = 5;

export interface SharedWarnings {
  /** One sentence for each warning that many tables have, with how many and the first of them. */
  readonly shared: readonly string[];
  /** The warnings of a table that are not shared. */
  readonly own: (table: TableReport) => readonly string[];
}

/** Separates the warnings that many tables have from the others. */
export function shareWarnings(tables: readonly TableReport[]): SharedWarnings {
  const all = tables.flatMap(({ table, warnings }) => warnings.map((text) => ({ table, text })));
  const many = new Map([...Map.groupBy(all, ({ text }) => text)].filter(([, of]) => of.length > SAID_EACH));
  return {
    shared: [...many].map(([text, of]) => {
      const named = of.slice(0, SAID_EACH).map(({ table }) => table).join(", ");
      return `${of.length} tables (${named} and ${of.length - SAID_EACH} more): ${text}`;
    }),
    own: ({ warnings }) => warnings.filter((text) => !many.has(text)),
  };
}
