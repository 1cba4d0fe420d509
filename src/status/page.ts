/** The status page: what somebody who opens it at three in the morning wants to know, in that order. */
import { html, raw } from "hono/html";
import { VERSION } from "../build.ts";
import type { Board } from "../model/board.ts";
import {
  partitionsOf,
  type PastEvent,
  type RunningCheck,
  type RunningRepair,
  type SiteView,
} from "../model/live.ts";
import type { RunDay } from "../model/run_day.ts";
import { readableBytes, readableDuration } from "../text/readable.ts";
import { cleanSpan } from "../report/render_status.ts";
import { notKnown, sentence, shortTables } from "../report/render_holdings.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { heatMap } from "./heat_map.ts";
import { lastMonth } from "./month.ts";
import { outstanding } from "./outstanding.ts";
import { SCRIPT } from "./script.ts";
import { siteCard } from "./site_card.ts";
import { STYLE } from "./style.ts";
import { tablePage } from "./table_page.ts";
import { verdictBox, type VerdictFacts } from "./verdict_box.ts";
import { ago, count, type Html, isoOf, minuteOf, perSecond, plural } from "./words.ts";

export interface PageFacts extends VerdictFacts {
  readonly wanted: number;
  readonly sites: readonly SiteView[];
  readonly check: RunningCheck | null;
  readonly nextCheck: Date | null;
  /** Null: no check has looked at tables yet. */
  readonly board: Board | null;
  /** The table that was asked for; null: all. */
  readonly table: string | null;
  readonly events: readonly PastEvent[];
  /** Kept checks of the last month, by day. */
  readonly month: ReadonlyMap<string, RunDay>;
}

/** The document as text. Everything that is not of this program is escaped. */
export function renderPage(facts: PageFacts): string {
  const { verdict, now } = facts;
  const title = verdict.kind === "ready"
    ? "FAILBACK READY"
    : verdict.kind === "active"
    ? "active"
    : "NOT READY";
  const page = html`
    <!doctype html>
    <html lang="en">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="robots" content="noindex"><title>${facts.paused ? "PAUSED, " : ""}${title} · ch-sync</title>
    <style>${raw(STYLE)}</style><noscript><meta http-equiv="refresh" content="30"></noscript></head>
      <body>
        <main data-made="${isoOf(now)}">
    ${verdictBox(facts)}
    <div class="cards">${facts.sites.map(siteCard)}${progressCard(facts)}</div>
    ${lossCard(facts)}
    ${facts.check?.repair ? repairCard(facts.check.repair, now) : ""}
    <section aria-labelledby="tables"><h2 id="tables">${tablesTitle(facts)}</h2>${outstanding(facts)}${tables(
      facts,
    )}</section>
    ${facts.table === null ? lastMonth(facts.month, now) : ""}
    <section aria-labelledby="events"><h2 id="events">Recent events</h2>${events(facts.events)}</section>
    <footer>ch-sync ${VERSION} · made <time>${isoOf(
      now,
    )}</time> · renews itself · <a href="state.json">state.json</a> ·
    <a href="metrics">metrics</a></footer>
        </main>
        <script>${raw(SCRIPT)}</script>
      </body>
    </html>
  `;
  // Between elements only: what is not of this program holds no angle bracket by now.
  return String(page).trim().replace(/>\s{2,}</g, "><");
}

function progressCard({ state, wanted, check, nextCheck, now }: PageFacts): Html {
  const at = (time: string | null) => time === null ? "never" : ago(new Date(time), now);
  return html`
    <section class="card">
      <h2>Checks</h2>
      <dl>
        <dt>Clean in a row</dt>
        <dd>${count(state.consecutive_clean)}${state.consecutive_clean < wanted
          ? ` of ${count(wanted)}`
          : ""}${cleanSpan(state)}</dd>
        <dt>Last completed</dt>
        <dd>${at(state.last_check)}</dd>
        <dt>Verified through</dt>
        <dd>${state.verified_through === null ? "–" : minuteOf(new Date(state.verified_through))}</dd>
        <dt>${check ? "Checking" : "Next"}</dt>
        <dd>${check
          ? `for ${readableDuration((now.getTime() - check.since.getTime()) / 1000)}${
            check.tables === null ? "" : `, table ${count(check.begun)} of ${count(check.tables)}`
          }`
          : nextCheck
          ? ago(nextCheck, now)
          : "–"}</dd>
        <dt>Repaired so far</dt>
        <dd>${plural(state.rows_synced, "row")}</dd>
      </dl>
    </section>
  `;
}

function lossCard({ state, verdict }: PageFacts): Html | "" {
  const { holds } = state;
  if (holds === null) return "";
  const active = verdict.kind === "active";
  const tables = shortTables(holds);
  return html`
    <section class="card loss" aria-labelledby="loss">
      <h2 id="loss">${active
        ? "When the other site was last compared"
        : "If the active site were lost now"}</h2>
      <p>This site ${active ? "held" : "holds"} ${escapeControls(sentence(holds))}.</p>
      <p class="soft">Not known: ${escapeControls(notKnown(holds))}</p>
      ${tables.length === 0 ? "" : html`
        <details>
          <summary>Table by table</summary>
          <ul>${tables.map((line) => html`<li>${escapeControls(line)}</li>`)}</ul>
        </details>
      `}
    </section>
  `;
}

function repairCard(repair: RunningRepair, now: Date): Html {
  const { table, rows, copiedRows, copiedBytes, since } = repair;
  const seconds = (now.getTime() - since.getTime()) / 1000;
  const left = copiedRows > 0 ? (Number(rows) - copiedRows) * seconds / copiedRows : null;
  const share = Math.min(1, copiedRows / Math.max(1, Number(rows)));
  return html`
    <section class="card repair"
      aria-label="Running repair"><h2>Repairing ${escapeControls(table)}, partition ${escapeControls(
        partitionsOf(repair),
      )}</h2><progress max="1" value="${share.toFixed(3)}">${Math.round(share * 100)} %</progress>
    <p class="soft">${count(copiedRows)} of ${plural(rows, "row")}, ${readableBytes(
      copiedBytes,
    )}, ${perSecond(
      copiedBytes,
      seconds,
    )}${left === null || left < 0 ? "" : `, about ${readableDuration(left)} left`}</p></section>
  `;
}

function tablesTitle({ table, board }: PageFacts): Html {
  if (table !== null) {
    return html`${escapeControls(table)} <a class="soft" href="?">all tables</a>`;
  }
  return board === null
    ? html`Tables`
    : html`${plural(board.total.tables, "table")}, ${plural(board.total.partitions, "partition")}`;
}

function tables({ board, table, check, verdict, now }: PageFacts): Html {
  if (board?.tables[0]) return table === null ? heatMap(board, now) : tablePage(board.tables[0], now);
  if (table !== null) return html`<p>The last check saw no table of this name.</p>`;
  if (verdict.kind === "active") {
    return html`<p class="soft">The passive site compares them; look at its page.</p>`;
  }
  return html`<p class="soft">${
    check
      ? "The first check since the start of ch-sync is under way."
      : "No check has compared tables since the start of ch-sync."
  }</p>`;
}

function events(all: readonly PastEvent[]): Html {
  if (all.length === 0) return html`<p class="soft">Nothing since the start of ch-sync.</p>`;
  return html`<ol class="events">${
    all.toReversed().map(({ at, text }) =>
      html`<li><time class="soft">${isoOf(at)}</time> ${escapeControls(text)}</li>`
    )
  }</ol>`;
}
