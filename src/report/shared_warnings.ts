/** Warnings that are the same for many tables, said once. */
import type { TableReport } from "../model/report.ts";

/** Tables up to which a warning is said of each of them. */
const SAID_EACH = 5;

export interface SharedWarnings {
  /** One sentence for each warning that many tables have, with how many and the first of them. */
  readonly shared: readonly string[];
  /** The warnings of a table that are left to say. */
  readonly own: (table: TableReport) => readonly string[];
}

/** Tells the warnings that more than a few tables have from the others. */
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
