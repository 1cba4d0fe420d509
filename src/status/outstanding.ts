/** What is missing in all tables together, as far as it is known, and how old that knowledge is. */
import { html } from "hono/html";
import type { Board } from "../model/board.ts";
import type { Pause } from "../model/pause.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { ago, count, type Html, isoOf, plural } from "./words.ts";

export function outstanding(
  { board, now, paused }: {
    readonly board: Board | null;
    readonly now: Date;
    readonly paused?: Pause | null;
  },
): readonly (Html | "")[] {
  if (board === null || board.tables.length === 0) return [];
  const { notSince, outstanding: { rows, byItself, byYou, unknown } } = board;
  const places = plural(byItself + byYou, "place");
  const missing = byItself + byYou === 0
    ? "nothing was missing here"
    : rows > 0n
    ? html`<b>${plural(rows, "row")}</b> missing here, in ${places}`
    : `${places} not in sync`;
  const untold = unknown > 0
    ? `, and nobody knows how many in ${plural(unknown, "table")} that could not be compared`
    : "";
  if (notSince) {
    const at = new Date(notSince.at);
    return [html`
      <p><b>The map is not of now.</b> Nothing has been compared since ${isoOf(at)} (${ago(
        at,
        now,
      )}): ${escapeControls(notSince.why)}. Then: ${missing}${untold}. What is missing since is not known.</p>
    `];
  }
  if (byItself + byYou === 0) return [];
  const self = byItself === 0
    ? ""
    : paused
    ? ` ${count(byItself)} ${byItself === 1 ? "waits" : "wait"} for the end of the pause.`
    : ` ch-sync tends to ${count(byItself)} by itself.`;
  const you = byYou > 0
    ? html`
      <b>${count(byYou)} for you</b>: ch-sync --dry-run says what to do.
    `
    : "";
  return [html`<p>At the last check: ${missing}${untold}.${self}${you}</p>`];
}
