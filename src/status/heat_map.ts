/** The heat map: a row for each table, a column for each partition, the newest right. */
import { html } from "hono/html";
import type { Board, BoardTable, Cell, Tone } from "../model/board.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { drawn } from "./cell.ts";
import { drawFields, type Field } from "./fields.ts";
import { isLoud, legend } from "./tones.ts";
import { kindOf, ORDER_OF_KINDS, OTHER_PARTITIONS } from "./partition_kinds.ts";
import { count, cut, type Html, linkTo, plural } from "./words.ts";

/** Columns of a map: of a table with more partitions there is a page of its own. */
const COLUMNS = 100;
/** Of them, those that go to what is not in sync, however old it is. */
const LOUD_COLUMNS = 60;
/** Fields of all maps: some 130 bytes each. */
const FIELDS = 650;

/** Characters of names for which a narrow column will do. */
const NARROW = 26;

/** Tables of one kind of partitions stand below each other, so that one bad day is one dark column. */
export function heatMap(board: Board): Html {
  const kinds = [...Map.groupBy(board.tables, kindOf)]
    .toSorted(([a], [b]) => ORDER_OF_KINDS.indexOf(a) - ORDER_OF_KINDS.indexOf(b));
  return html`${
    kinds.map(([kind, tables]) =>
      kindMap(kind, tables, Math.ceil(FIELDS * tables.length / board.tables.length))
    )
  }${legend(board.tables)}${
    foldedNames("unsettled", "More tables in which something was found", board.foldedUnsettled)
  }${foldedNames("in-sync", "More tables, all in sync", board.foldedInSync)}`;
}

function kindMap(kind: string, tables: readonly BoardTable[], limit: number): Html {
  const columns = kind === OTHER_PARTITIONS ? [] : chooseColumns(tables);
  const width = columns.length || Math.max(1, ...tables.map(({ cells }) => Math.min(COLUMNS, cells.length)));
  const laid = tables.map((table) => cellsOf(table, columns, width));
  const { rows, block } = drawFields(laid, limit);
  const empty = tables.every(({ cells }) => cells.length === 0);
  const [first, last] = empty
    ? ["", ""]
    : [escapeControls(columns[0] ?? "older"), escapeControls(columns.at(-1) ?? "newest")];
  const half = Math.max(1, Math.floor(width / 2));
  const narrow = tables.every(({ table }) => table.length <= NARROW) ? "map narrow" : "map";
  const title = `${plural(tables.length, "table")} ${empty ? "without partitions" : kind}`;
  const ends = width > 1
    ? html`
      <td colspan="${half}">${first}</td>
      <td class="end" colspan="${width - half}">${last}</td>
    `
    : html`<td class="end">${last}</td>`;
  return html`
    <div
      class="${narrow}"><table><thead><tr><th scope="col">${title}</th>${ends}</tr></thead><tbody>${tables
        .map((
          table,
          index,
        ) => row(table, laid[index]!, rows[index]!, width))}</tbody></table>${block > 1
        ? html`
          <p
            class="soft">A field stands for up to ${block} columns, or for more that are alike; its colour is the gravest of them</p>
        `
        : ""}</div>
  `;
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

function row(
  { table, cells, folded, foldedFound, notes }: BoardTable,
  laid: readonly (Cell | null)[],
  fields: readonly Field[],
  width: number,
): Html {
  const shown = new Set(laid);
  const hidden = cells.filter((cell) => !shown.has(cell));
  const more = folded + hidden.length;
  const found = foldedFound + hidden.filter(({ tone }) => isLoud(tone as Tone)).length;
  const [database, ...parts] = escapeControls(table).split(".");
  const name = html`<a href="${linkTo(table)}">${database}.<wbr>${parts.join(".")}</a>`;
  const rest = more === 0
    ? ""
    : html`<span class="more" title="${plural(more, "more partition")}">+${count(more)}${
      found > 0 ? html`, <b>${count(found)} not in sync</b>` : ""
    }</span>`;
  const said = notes.map(({ reason, detail }) =>
    html`
      <b>${reason}</b>: ${escapeControls(cut(detail))}
    `
  );
  // A table without partitions has the room of its row for what was found of it.
  if (cells.length === 0 && notes.length > 0) {
    return html`
      <tr>
        <th scope="row">${name}${rest}</th>
        <td class="said" colspan="${width}">${said}</td>
      </tr>
    `;
  }
  const note = notes.length === 0 ? "" : html`<span class="note">${said}</span>`;
  return html`<tr><th scope="row">${name}${note}${rest}</th>${fields.map(drawn)}</tr>`;
}

/** Characters of names, as links have them, before the rest is only counted. */
const CHARACTERS = 25_000;

/** @param id told apart by the script that keeps open what is open */
export function foldedNames(id: string, title: string, names: readonly string[]): Html | "" {
  if (names.length === 0) return "";
  let room = CHARACTERS;
  const listed = names.filter((name) => (room -= linkTo(name).length + name.length + 30) > 0);
  const more = names.length - listed.length;
  const item = (name: string) => html`<li><a href="${linkTo(name)}">${escapeControls(name)}</a></li>`;
  const rest = more > 0 ? html`<p class="soft">and ${count(more)} more: see state.json</p>` : "";
  return html`
    <details
      id="folded-${id}"><summary>${title}: ${count(names.length)}</summary><ul class="folded">${listed.map(
        item,
      )}</ul>${rest}</details>
  `;
}
