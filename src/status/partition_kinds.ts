/** What kind of partitions a table has, by the form of their ids. */
import type { BoardTable } from "../model/board.ts";

export interface Calendar {
  readonly form: RegExp;
  readonly name: string;
  /** Characters of an id that name the row of a calendar; the rest names the column. */
  readonly row: number;
  readonly columns: readonly string[];
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index).padStart(2, "0"));
}

export const BY_DAY = "by day";
export const BY_MONTH = "by month";

export const CALENDARS: readonly Calendar[] = [
  { form: /^\d{8}$/, name: BY_DAY, row: 6, columns: numbers(1, 31) },
  { form: /^\d{6}$/, name: BY_MONTH, row: 4, columns: numbers(1, 12) },
  { form: /^\d{10}$/, name: "by hour", row: 8, columns: numbers(0, 23) },
];

export const OTHER_PARTITIONS = "with other partitions";
export const ORDER_OF_KINDS: readonly string[] = [...CALENDARS.map(({ name }) => name), OTHER_PARTITIONS];

/** Null: its partitions are of no kind that a calendar could show. */
export function calendarOf({ cells }: Pick<BoardTable, "cells">): Calendar | null {
  return CALENDARS.find(({ form }) => form.test(cells.at(-1)?.partitionId ?? "")) ?? null;
}

export function kindOf(table: Pick<BoardTable, "cells">): string {
  return calendarOf(table)?.name ?? OTHER_PARTITIONS;
}
