/** The heat map: a row for each table, a column for each partition, the newest right. */
import { html } from "hono/html";
import type { Board, BoardTable, Cell, Tone } from "../model/board.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { drawn } from "./cell.ts";
import { kindsOfMaps, layOut, type Spanned } from "./columns.ts";
import { isLoud, legend } from "./tones.ts";
import { kindOf, ORDER_OF_KINDS } from "./partition_kinds.ts";
import { ago, count, cut, type Html, linkTo, plural } from "./words.ts";

/** Fields of all maps: some 130 bytes each. */
const FIELDS = 650;

/** Characters of names for which a narrow column will do. */
const NARROW = 26;

/** Tables of one kind of partitions stand below each other, so that one bad day is one dark column. */
export function heatMap(board: Board, now: Date): Html {
  // Where nothing was compared, the age of all of it is said once.
  const saidAt = board.notSince === null ? now : null;
  const maps = kindsOfMaps(board.tables)
    .toSorted(([a], [b]) => ORDER_OF_KINDS.indexOf(a!) - ORDER_OF_KINDS.indexOf(b!));
  return html`${
    maps.map((kinds) => {
      const tables = board.tables.filter((table) => kinds.includes(kindOf(table)));
      return kindMap(kinds, tables, Math.ceil(FIELDS * tables.length / board.tables.length), saidAt);
    })
  }${legend(board.tables)}${
    foldedNames("unsettled", "More tables in which something was found", board.foldedUnsettled)
  }${foldedNames("in-sync", "More tables, all in sync", board.foldedInSync)}`;
}

function kindMap(
  kinds: readonly string[],
  tables: readonly BoardTable[],
  limit: number,
  now: Date | null,
): Html {
  const { ends, width, rows, block } = layOut(kinds, tables, limit);
  const half = Math.max(1, Math.floor(width / 2));
  const narrow = tables.every(({ table }) => table.length <= NARROW) ? "map narrow" : "map";
  const counts = kinds.map((kind) => ({ kind, of: tables.filter((table) => kindOf(table) === kind).length }));
  const title = ends === null
    ? `${plural(tables.length, "table")} without partitions`
    : counts.map(({ kind, of }, at) => `${at === 0 ? plural(of, "table") : count(of)} ${kind}`).join(", ");
  const [first, last] = (ends ?? ["", ""]).map(escapeControls);
  const head = width > 1
    ? html`
      <td colspan="${half}">${first}</td>
      <td class="end" colspan="${width - half}">${last}</td>
    `
    : html`<td class="end">${last}</td>`;
  return html`
    <div
      class="${narrow}"><table><thead><tr><th scope="col">${title}</th>${head}</tr></thead><tbody>${tables
        .map((table, index) => row(table, rows[index]!, width, now))}</tbody></table>${block > 1
        ? html`
          <p
            class="soft">A field stands for up to ${block} columns, or for more that are alike; its colour is the gravest of them</p>
        `
        : ""}</div>
  `;
}

function row(
  { table, cells, folded, foldedFound, notes, compared }: BoardTable,
  fields: readonly Spanned[],
  width: number,
  now: Date | null,
): Html {
  const shown = new Set(fields.flatMap(({ field }) => field));
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
  const age = compared || now === null || cells.length === 0
    ? ""
    : html`<span class="note">${lastProven(cells, now)}</span>`;
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
  return html`<tr><th scope="row">${name}${rest}${age}${note}</th>${
    fields.map(({ field, span }) => drawn(field, span))
  }</tr>`;
}

/** How old it is what is known of partitions that the last check did not compare. */
export function lastProven(cells: readonly Cell[], now: Date): string {
  const newest = Math.max(...cells.map(({ provenAt }) => provenAt ?? 0));
  return newest === 0 ? "never proven" : `last proven ${ago(new Date(newest * 1000), now)}`;
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
