/** The heat map: a row for each table, a column for each partition, the newest right. */
import { html } from "hono/html";
import type { Board, BoardTable, Cell, Tone } from "../model/board.ts";
import { escapeControls } from "../report/escape_controls.ts";
import { ago, count, type Html, isoOf, plural } from "./words.ts";
import { GROUPS, TONES } from "./tones.ts";

/** Cells of a page beyond which neighbours that are alike are drawn as one. */
const SINGLE_CELLS = 600;
/** Columns of a map: more are for the page of one table. */
const COLUMNS = 100;

/** Tables of one kind of partitions stand below each other, so that one bad day is one dark column. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\d{8}$/, "by day"],
  [/^\d{6}$/, "by month"],
  [/^\d{10}$/, "by hour"],
  [/^\d{4}$/, "by year"],
];
const OTHERS = "other partitions";

/** @param whole every cell by itself, however many there are: the page of one table */
export function heatMap(board: Board, now: Date, whole: boolean): Html {
  const cells = board.tables.reduce((sum, { cells }) => sum + cells.length, 0);
  const merge = !whole && cells > SINGLE_CELLS;
  const kindOf = ({ cells }: BoardTable) =>
    KINDS.find(([form]) => form.test(cells.at(-1)?.partitionId ?? ""))?.[1] ?? OTHERS;
  const kinds = Map.groupBy(board.tables, kindOf);
  const order = [...KINDS.map(([, name]) => name), OTHERS];
  return html`
    ${[...kinds].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([kind, tables]) => kindMap(kind, tables, merge, now))}
    ${legend(board)}
    ${foldedNames("unsettled", "More tables in which something was found", board.foldedUnsettled)}
    ${foldedNames("in-sync", "More tables, all in sync", board.foldedInSync)}
  `;
}

function kindMap(kind: string, tables: readonly BoardTable[], merge: boolean, now: Date): Html {
  const aligned = kind !== OTHERS;
  const every = [...new Set(tables.flatMap(({ cells }) => cells.map(({ partitionId }) => partitionId)))]
    .sort();
  const columns = aligned ? every.slice(-COLUMNS) : [];
  const width = aligned ? columns.length : Math.max(1, ...tables.map(({ cells }) => cells.length));
  const first = escapeControls(columns[0] ?? "oldest");
  const last = escapeControls(columns.at(-1) ?? "newest");
  const half = Math.max(1, Math.floor(width / 2));
  const title = `${plural(tables.length, "table")} ${every.length === 0 ? "without partitions" : kind}`;
  return html`
    <div class="map">
      <table>
        <thead>
          <tr><th scope="col">${title}</th>${width > 1
            ? html`
              <td colspan="${half}">${first}</td>
              <td class="end" colspan="${width - half}">${last}</td>
            `
            : html`<td class="end">${every.length === 0 ? "" : last}</td>`}</tr>
        </thead>
        <tbody>${tables.map((table) => row(table, columns, width, merge, now))}</tbody>
      </table>
    </div>
  `;
}

function row(
  { table, cells, folded, foldedFound, notes }: BoardTable,
  columns: readonly string[],
  width: number,
  merge: boolean,
  now: Date,
): Html {
  const byId = new Map(cells.map((cell) => [cell.partitionId, cell]));
  const shown: readonly (Cell | null)[] = columns.length > 0
    ? columns.map((id) => byId.get(id) ?? null)
    : [...Array<null>(width - cells.length).fill(null), ...cells];
  const name = escapeControls(table);
  const hidden = folded + cells.length - shown.filter((cell) => cell !== null).length;
  return html`
    <tr><th scope="row"><a href="?table=${encodeURIComponent(table)}">${name}</a>${notes.map((
      { reason, detail },
    ) => html`<span class="note"><b>${reason}</b>: ${escapeControls(detail)}</span>`)}${hidden > 0
      ? html`<span class="note">${plural(hidden, "earlier partition")}${
        foldedFound > 0 ? html`, ${count(foldedFound)} not in sync` : ""
      }</span>`
      : ""}</th>${runs(shown, merge).map((run) => drawn(run, now))}</tr>
  `;
}

/** Neighbours that are drawn as one. */
type Run = readonly (Cell | null)[];

function runs(cells: readonly (Cell | null)[], merge: boolean): Run[] {
  const found: (Cell | null)[][] = [];
  for (const cell of cells) {
    const last = found.at(-1);
    const before = last?.[0];
    const alike = cell === null ? before === null : merge && before?.tone === cell.tone;
    if (last && alike) last.push(cell);
    else found.push([cell]);
  }
  return found;
}

function drawn(run: Run, now: Date): Html {
  const cells = run.filter((cell) => cell !== null);
  const span = run.length > 1
    ? html`
      colspan="${run.length}"
    `
    : "";
  const [cell] = cells;
  if (!cell) {
    return html`
      <td${span}>
        </td>
    `;
  }
  const { letter, group } = TONES[cell.tone];
  const words = cells.length === 1 ? describe(cell, now) : describeRun(cells, cell.tone);
  return html`<td${span} class="g-${group}" tabindex="0" aria-label="${words}">${letter}</td>`;
}

/** Characters of what was found that a map shows; the page of one table and the log have it in full. */
const DETAIL = 240;

function describe(
  { partitionId, tone, rowsHere, rowsActive, missing, provenAt, detail }: Cell,
  now: Date,
): string {
  const found = detail && detail.length > DETAIL ? `${detail.slice(0, DETAIL)}…` : detail;
  return [
    `${escapeControls(partitionId)}: ${nameOf(tone)}`,
    escapeControls(found ?? TONES[tone].meaning),
    `rows here ${count(rowsHere)}, on the active site ${count(rowsActive)}${
      missing > 0n ? `, missing ${count(missing)}` : ""
    }`,
    provenAt === null ? "not proven yet" : `proven ${ago(new Date(provenAt * 1000), now)}`,
  ].join("\n");
}

function describeRun(cells: readonly Cell[], tone: Tone): string {
  const sum = (of: (cell: Cell) => bigint) => cells.reduce((total, cell) => total + of(cell), 0n);
  const missing = sum((cell) => cell.missing);
  const oldest = cells.reduce<number | null>(
    (low, { provenAt }) => low === null || provenAt === null ? null : Math.min(low, provenAt),
    Infinity,
  );
  return [
    `${escapeControls(cells[0]!.partitionId)} to ${
      escapeControls(cells.at(-1)!.partitionId)
    }: ${cells.length} partitions`,
    `${nameOf(tone)}: ${TONES[tone].meaning}`,
    `rows here ${count(sum((cell) => cell.rowsHere))}, on the active site ${
      count(sum((cell) => cell.rowsActive))
    }${missing > 0n ? `, missing ${count(missing)}` : ""}`,
    oldest === null ? "not all proven yet" : `all proven since ${isoOf(new Date(oldest * 1000))}`,
  ].join("\n");
}

function nameOf(tone: Tone): string {
  return tone === "sync" ? "in sync" : tone;
}

/** What is on the map first; the rest can be unfolded. */
function legend({ tables }: Board): Html {
  const present = new Set(tables.flatMap(({ cells }) => cells.map(({ tone }) => tone)));
  const all = Object.keys(TONES) as Tone[];
  const item = (tone: Tone) =>
    html`<li><b class="g-${TONES[tone].group}">${TONES[tone].letter}</b>${nameOf(tone)}: ${
      TONES[tone].meaning
    }</li>`;
  const rest = all.filter((tone) => !present.has(tone));
  return html`
    <ul class="legend" aria-label="Legend">${all.filter((tone) => present.has(tone)).map(item)}</ul>
    <details id="legend">
      <summary class="soft">All signs and colours</summary>
      <ul class="legend">${Object.entries(GROUPS).map(([group, meaning]) =>
        html`<li><b class="g-${group}"></b>${meaning}</li>`
      )}</ul>
      <ul class="legend">${rest.map(item)}</ul>
    </details>
  `;
}

/** Names that are listed before the rest is only counted. */
const NAMES = 1000;

function foldedNames(id: string, title: string, names: readonly string[]): Html | "" {
  if (names.length === 0) return "";
  return html`
    <details
      id="folded-${id}"><summary>${title}: ${count(names.length)}</summary><ul class="folded">${names.slice(
        0,
        NAMES,
      ).map((name) =>
        html`<li><a href="?table=${encodeURIComponent(name)}">${escapeControls(name)}</a></li>`
      )}</ul>${names.length > NAMES ? html`<p>and ${count(names.length - NAMES)} more</p>` : ""}</details>
  `;
}
