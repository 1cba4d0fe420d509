/** One field of a map: a colour, a letter, and all that is known in words, for hover, focus and tap. */
import { html } from "hono/html";
import type { Cell } from "../model/board.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { type Field, isPast, toneOf } from "./fields.ts";
import { nameOf, TONES } from "./tones.ts";
import { count, cut, type Html, isoOf, plural } from "./words.ts";

/** Characters of what was found: the page of the table has more of it. */
const DETAIL = 120;

/**
 * Tab stops only at what is not in sync; arrow keys and pointers reach the rest.
 *
 * @param span columns
 */
export function drawn(field: Field, span = field.length): Html {
  const tone = toneOf(field);
  if (tone === null) return html`<td colspan="${span}"></td>`;
  const { letter, group: known } = TONES[tone];
  const group = isPast(field) ? "past" : known;
  const stop = known === "good" ? "-1" : "0";
  const words = describe(field);
  if (span === 1) return html`<td class="g-${group}" tabindex="${stop}" aria-label="${words}">${letter}</td>`;
  return html`
    <td colspan="${span}" class="g-${group}" tabindex="${stop}"
      aria-label="${words}">${letter}</td>
  `;
}

/** Lines of text, the first of which says which partitions and what they are. */
export function describe(field: Field): string {
  const cells = field.filter((cell) => cell !== null);
  return (cells.length === 1 ? describeOne(cells[0]!) : describeMany(cells)).join("\n");
}

function describeOne(cell: Cell): string[] {
  const { partitionId, tone, rowsHere, rowsActive, missing, provenAt, detail, past = false } = cell;
  const found = detail === null
    ? (tone === "sync" ? [] : [TONES[tone].meaning])
    : [escapeControls(cut(detail, DETAIL))];
  return [
    `${escapeControls(partitionId)}: ${
      past ? `not compared by the last check; ${nameOf(tone)} before` : nameOf(tone)
    }`,
    ...found,
    rows(rowsHere, rowsActive, missing),
    provenAt === null
      ? "never proven by a digest"
      : `${tone === "sync" && !past ? "proven" : "last proven"} ${isoOf(new Date(provenAt * 1000))}`,
  ];
}

function describeMany(cells: readonly Cell[]): string[] {
  const sum = (of: (cell: Cell) => bigint) => cells.reduce((total, cell) => total + of(cell), 0n);
  const names = [cells[0]!, cells.at(-1)!].map(({ partitionId }) => escapeControls(partitionId)).join(" to ");
  const tones = [...Map.groupBy(cells, ({ tone }) => tone)].map(([tone, of]) =>
    `${count(of.length)} ${nameOf(tone)}`
  );
  const proven = cells.map(({ provenAt }) => provenAt).filter((time) => time !== null);
  const never = cells.length - proven.length;
  return [
    `${names}: ${plural(cells.length, "partition")}`,
    `${tones.join(", ")}${isPast(cells) ? " before; not compared by the last check" : ""}`,
    rows(sum((cell) => cell.rowsHere), sum((cell) => cell.rowsActive), sum((cell) => cell.missing)),
    ...(proven.length > 0 ? [`oldest proof ${isoOf(new Date(Math.min(...proven) * 1000))}`] : []),
    ...(never > 0 ? [`${count(never)} never proven by a digest`] : []),
  ];
}

function rows(here: bigint, there: bigint, missing: bigint): string {
  if (here === there && missing === 0n) return `${plural(here, "row")} at both sites`;
  const lacking = missing > 0n ? `, missing here ${count(missing)}` : "";
  return `rows here ${count(here)}, at the active site ${count(there)}${lacking}`;
}
