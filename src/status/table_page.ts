/** One table in full: a calendar of its partitions, and what was found in words. */
import { html } from "hono/html";
import type { BoardTable, Cell } from "../model/board.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { drawn } from "./cell.ts";
import { lastProven } from "./heat_map.ts";
import { isLoud, legend, nameOf } from "./tones.ts";
import { calendarOf } from "./partition_kinds.ts";
import { count, cut, type Html, plural } from "./words.ts";

/** Columns where partitions are no dates. */
const COLUMNS = 30;
/** Findings that are listed in words, the gravest first. */
const LISTED = 100;
/** Characters of one of them. */
const DETAIL = 1000;

export function tablePage(table: BoardTable, now: Date): Html {
  const { cells, folded, foldedFound, notes, compared } = table;
  const calendar = calendarOf(table);
  const width = calendar?.columns.length ?? COLUMNS;
  const rows = calendar
    ? [...Map.groupBy(cells, ({ partitionId }) => partitionId.slice(0, calendar.row))]
      .map(([title, of]) => ({ title, cells: ofCalendar(of, calendar.row, calendar.columns) }))
    : chunks(cells);
  const head = calendar?.columns.map((name) => html`<td>${name}</td>`) ?? html`<td colspan="${width}"></td>`;
  const more = folded === 0
    ? ""
    : html`<p class="soft">${plural(folded, "earlier partition")} not shown${
      foldedFound > 0 ? html`, <b>${count(foldedFound)} of them not in sync</b>` : ""
    }</p>`;
  const map = cells.length === 0 ? "" : html`
    <div class="map calendar">
      <table>
        <thead>
          <tr><th scope="col">${plural(cells.length, "partition")}</th>${head}</tr>
        </thead>
        <tbody>${rows.toReversed().map(({ title, cells }) =>
          html`<tr><th scope="row">${escapeControls(title)}</th>${cells.map((cell) => drawn([cell]))}</tr>`
        )}</tbody>
      </table>
    </div>
  `;
  return html`${
    notes.map(({ reason, detail }) => html`<p><b>${reason}</b>: ${escapeControls(cut(detail, DETAIL))}</p>`)
  }${
    compared || cells.length === 0
      ? ""
      : html`<p class="soft">The last check did not compare this table; ${lastProven(cells, now)}.</p>`
  }${map}${more}${legend([table])}${inWords(cells)}`;
}

function ofCalendar(cells: readonly Cell[], at: number, columns: readonly string[]): (Cell | null)[] {
  const byColumn = new Map(cells.map((cell) => [cell.partitionId.slice(at), cell]));
  return columns.map((column) => byColumn.get(column) ?? null);
}

function chunks(cells: readonly Cell[]): { title: string; cells: readonly (Cell | null)[] }[] {
  return Array.from({ length: Math.ceil(cells.length / COLUMNS) }, (_, index) => {
    const chunk = cells.slice(index * COLUMNS, (index + 1) * COLUMNS);
    return {
      title: chunk[0]!.partitionId,
      cells: [...chunk, ...Array<null>(COLUMNS - chunk.length).fill(null)],
    };
  });
}

function inWords(cells: readonly Cell[]): Html | "" {
  const found = cells.filter(({ detail }) => detail !== null)
    .toSorted((a, b) =>
      Number(isLoud(b.tone)) - Number(isLoud(a.tone)) || (a.partitionId < b.partitionId ? 1 : -1)
    );
  if (found.length === 0) return "";
  const line = ({ partitionId, tone, rowsHere, rowsActive, missing, detail }: Cell) =>
    html`
      <tr>
        <th scope="row">${escapeControls(partitionId)}</th>
        <td>${nameOf(tone)}</td>
        <td>${count(rowsHere)}</td>
        <td>${count(rowsActive)}</td>
        <td>${count(missing)}</td>
        <td>${escapeControls(cut(detail ?? "", DETAIL))}</td>
      </tr>
    `;
  const more = found.length > LISTED
    ? html`<p class="soft">and ${count(found.length - LISTED)} more</p>`
    : "";
  return html`
    <h2>What was found</h2><div class="found">
      <table>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col">State</th>
            <th scope="col">Rows here</th>
            <th scope="col">Active site</th>
            <th scope="col">Missing</th>
            <th scope="col">In words</th>
          </tr>
        </thead>
        <tbody>${found.slice(0, LISTED).map(line)}</tbody>
      </table>
    </div>${more}
  `;
}
