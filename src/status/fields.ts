/** Which cells of a map are drawn as one field, so that a page stays small whatever it shows. */
import type { Cell, Tone } from "../model/board.ts";
import { TONES } from "./tones.ts";

/** Neighbours that are drawn as one; null: no partition there. */
export type Field = readonly (Cell | null)[];

export interface Fields {
  readonly rows: readonly (readonly Field[])[];
  /** How many columns a field has at least; 1: only neighbours that are alike were put together. */
  readonly block: number;
}

/**
 * Every cell by itself while there are few; then neighbours that are alike as one; then fields of 2, 4, 8… columns as well.
 *
 * @param rows of one width
 * @param limit of fields, which holds where there are no more rows than that
 */
export function drawFields(rows: readonly (readonly (Cell | null)[])[], limit: number): Fields {
  const width = Math.max(1, ...rows.map((cells) => cells.length));
  const single = rows.map((cells) => joined(cells.map((cell) => [cell]), (tone) => tone === null));
  if (size(single) <= limit) return { rows: single, block: 1 };
  for (let block = 1;; block *= 2) {
    const drawn = rows.map((cells) => joined(blocks(cells, block), () => true));
    if (size(drawn) <= limit || block >= width) return { rows: drawn, block };
  }
}

/** What a field shows: the gravest of its cells; null: there are none. */
export function toneOf(field: Field): Tone | null {
  return field.reduce<Tone | null>(
    (worst, cell) =>
      cell === null ? worst : worst === null || ORDER[cell.tone] < ORDER[worst] ? cell.tone : worst,
    null,
  );
}

/** `TONES` names the gravest first. */
const ORDER = Object.fromEntries(Object.keys(TONES).map((tone, index) => [tone, index])) as Record<
  Tone,
  number
>;

/** Whether the last check compared none of them. */
export function isPast(field: Field): boolean {
  return field.every((cell) => cell === null || cell.past === true);
}

function size(rows: readonly (readonly Field[])[]): number {
  return rows.reduce((sum, fields) => sum + fields.length, 0);
}

function blocks(cells: readonly (Cell | null)[], block: number): Field[] {
  return Array.from(
    { length: Math.ceil(cells.length / block) },
    (_, index) => cells.slice(index * block, (index + 1) * block),
  );
}

/** @param mayJoin whether neighbours of this tone, null being none, are put together */
function joined(fields: readonly Field[], mayJoin: (tone: Tone | null) => boolean): Field[] {
  const found: (Cell | null)[][] = [];
  let before: string | undefined;
  for (const field of fields) {
    const tone = toneOf(field);
    const look = `${tone} ${isPast(field)}`;
    if (look === before && mayJoin(tone)) found.at(-1)!.push(...field);
    else found.push([...field]);
    before = look;
  }
  return found;
}
