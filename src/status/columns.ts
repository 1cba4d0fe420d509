/** Which columns a map has, and what each of its tables has in them. */
import type { BoardTable, Cell } from "../model/board.ts";
import { drawFields, type Field } from "./fields.ts";
import { BY_DAY, BY_MONTH, kindOf, OTHER_PARTITIONS } from "./partition_kinds.ts";
import { isLoud } from "./tones.ts";

/** Columns of a map: of a table with more partitions there is a page of its own. */
const COLUMNS = 100;
/** Of them, those that go to what is not in sync, however old it is. */
const LOUD_COLUMNS = 60;
/** Months before the first day that is shown. */
const EARLIER_MONTHS = 24;
/** Characters of a month in the id of a day. */
const MONTH = 6;

/** Neighbours that are drawn as one, over so many columns. */
export interface Spanned {
  readonly field: Field;
  readonly span: number;
}

export interface Laid {
  /** Names of the first and the last column; null: nothing is shown. */
  readonly ends: readonly [string, string] | null;
  readonly width: number;
  /** One for each table, in their order. */
  readonly rows: readonly (readonly Spanned[])[];
  /** How many columns a field has at least, but for months. */
  readonly block: number;
}

/** Kinds of partitions that one map shows: months go over their days, where there are any. */
export function kindsOfMaps(tables: readonly BoardTable[]): (readonly string[])[] {
  const kinds = [...new Set(tables.map(kindOf))];
  return kinds.includes(BY_DAY) && kinds.includes(BY_MONTH)
    ? [
      [BY_DAY, BY_MONTH],
      ...kinds.filter((kind) => kind !== BY_DAY && kind !== BY_MONTH).map((kind) => [kind]),
    ]
    : kinds.map((kind) => [kind]);
}

/** @param limit of fields, as `drawFields()` has it */
export function layOut(kinds: readonly string[], tables: readonly BoardTable[], limit: number): Laid {
  const [kind] = kinds;
  const columns = kind === OTHER_PARTITIONS
    ? []
    : kinds.length > 1
    ? daysAndMonths(tables)
    : chooseColumns(tables);
  const width = columns.length || Math.max(1, ...tables.map(({ cells }) => Math.min(COLUMNS, cells.length)));
  const isMonthly = (table: BoardTable) => kinds.length > 1 && kindOf(table) === BY_MONTH;
  const others = tables.filter((table) => !isMonthly(table));
  const { rows, block } = drawFields(others.map((table) => cellsOf(table, columns, width)), limit);
  const spanned = new Map(
    others.map((table, at) => [table, rows[at]!.map((field) => ({ field, span: field.length }))]),
  );
  return {
    ends: tables.every(({ cells }) => cells.length === 0)
      ? null
      : [columns[0] ?? "older", columns.at(-1) ?? "newest"],
    width,
    rows: tables.map((table) => spanned.get(table) ?? monthsOver(columns, table)),
    block,
  };
}

/** Days, and the months before them, of which no day is shown. */
function daysAndMonths(tables: readonly BoardTable[]): string[] {
  const [days, months] = [BY_DAY, BY_MONTH].map((kind) =>
    chooseColumns(tables.filter((table) => kindOf(table) === kind))
  ) as [string[], string[]];
  const shown = new Set(days.map((day) => day.slice(0, MONTH)));
  return [...months.filter((month) => !shown.has(month)).slice(-EARLIER_MONTHS), ...days].sort();
}

/** A field for each month, over the columns of its days. */
function monthsOver(columns: readonly string[], { cells }: BoardTable): Spanned[] {
  const byId = new Map(cells.map((cell) => [cell.partitionId, cell]));
  const spans = new Map<string, number>();
  for (const column of columns) {
    const month = column.slice(0, MONTH);
    spans.set(month, (spans.get(month) ?? 0) + 1);
  }
  return [...spans].map(([month, span]) => ({ field: [byId.get(month) ?? null], span }));
}

/** The newest partitions of all tables, and older ones that somebody has to know of. */
function chooseColumns(tables: readonly BoardTable[]): string[] {
  const every = (wanted: (cell: Cell) => boolean) =>
    [...new Set(tables.flatMap(({ cells }) => cells.filter(wanted).map(({ partitionId }) => partitionId)))]
      .sort();
  const loud = every(({ tone }) => isLoud(tone)).slice(-LOUD_COLUMNS);
  const rest = every(() => true).filter((id) => !loud.includes(id));
  return [...loud, ...rest.slice(-(COLUMNS - loud.length))].sort();
}

function cellsOf({ cells }: BoardTable, columns: readonly string[], width: number): (Cell | null)[] {
  if (columns.length > 0) {
    const byId = new Map(cells.map((cell) => [cell.partitionId, cell]));
    return columns.map((id) => byId.get(id) ?? null);
  }
  const newest = cells.slice(-width);
  return [...Array<null>(width - newest.length).fill(null), ...newest];
}
