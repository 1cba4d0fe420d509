/** The rows of a drill: what the other site holds, and what this one is missing. */
import type { ScratchRows } from "./scratch_database.ts";

/** Rows of one day: enough to take a moment, too few to disturb anybody. */
const ROWS = 100_000;

interface Day extends Omit<ScratchRows, "where"> {
  /** SQL on `number`: which rows this site holds. */
  readonly here: string;
}

const DAYS: readonly Day[] = [
  { day: "2020-01-01", rows: ROWS, here: "number % 100 != 7" }, // lacks rows here and there
  { day: "2020-01-02", rows: ROWS, here: "number NOT BETWEEN 40000 AND 59999" }, // lacks some hours
  { day: "2020-01-03", rows: ROWS, here: "0" }, // lacks the day
  { day: "2020-01-04", rows: ROWS, here: "1" },
];

/** Rows that this site lacks. */
export const MISSING = ROWS / 100 + 20_000 + ROWS;
export const ALL = DAYS.length * ROWS;

export const THERE: readonly ScratchRows[] = DAYS.map(({ day, rows }) => ({ day, rows, where: "1" }));
export const HERE: readonly ScratchRows[] = DAYS.filter(({ here }) => here !== "0")
  .map(({ day, rows, here }) => ({ day, rows, where: here }));
