/** The verdict on the page: what comes first, and what stands against it. */
import { html } from "hono/html";
import type { NeighbourVerdict } from "../model/neighbour.ts";
import type { SiteView } from "../model/live.ts";
import type { Pause } from "../model/pause.ts";
import type { State } from "../model/state.ts";
import { escapeControls } from "../text/escape_controls.ts";
import type { Verdict } from "../verdict/failback_words.ts";
import { bothVerdict } from "../verdict/neighbour_words.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { ago, type Html, isoOf } from "./words.ts";

export interface VerdictFacts {
  readonly now: Date;
  readonly verdict: Verdict;
  readonly state: State;
  /** This one first. */
  readonly sites: readonly Pick<SiteView, "name">[];
  /** Who holds the lock; null: nobody else does. */
  readonly waiting: string | null;
  /** What holds repairs back; null, the default: nothing does. */
  readonly paused?: Pause | null;
  /** What vm-sync says; null, the default: nobody asks. */
  readonly neighbour?: NeighbourVerdict | null;
}

export function verdictBox({ verdict, waiting, state, now, sites, paused, neighbour }: VerdictFacts): Html {
  const ready = verdict.kind === "ready";
  const both = neighbour && verdict.kind !== "active" ? bothVerdict(state, neighbour, now) : null;
  const alone = both !== null && !both.safe;
  // Green stands for all that would be switched back.
  const colour = alone ? "not_ready" : verdict.kind;
  const lock = waiting === null
    ? ""
    : html`<p>Another ch-sync holds the lock (${escapeControls(waiting)}): this one waits for it</p>`;
  const inside = [
    paused ? html`<p class="paused">${escapeControls(pauseLine(paused))}</p>` : "",
    html`<h1>${ready ? "FAILBACK READY" : escapeControls(verdict.headline)}</h1>`,
    lock,
    ready ? safe({ state, now, sites }, alone) : "",
    list(verdict.reasons),
    both === null ? "" : html`<p class="both">${escapeControls(both.headline)}</p>`,
    list(both?.reasons ?? []),
  ];
  return html`<header class="verdict ${colour}">${inside}</header>`;
}

/** @param alone what runs beside ClickHouse must not be switched back */
function safe({ state, now, sites }: Pick<VerdictFacts, "state" | "now" | "sites">, alone: boolean): Html {
  const { verified_through: through, ready_until: until } = state;
  const older = through === null
    ? "the settle window"
    : `${isoOf(new Date(through))} (${ago(new Date(through), now)})`;
  const end = until === null ? "the next check" : isoOf(new Date(until));
  // In normal life there is nothing to switch back to the DR site.
  const what = sites[0]?.name === "dr"
    ? "This site could take over without a loss"
    : "It is safe to switch back";
  return html`<p>${what}${
    alone ? " for ClickHouse alone" : ""
  }: everything older than ${older} that the active site holds is here. This counts until ${end}</p>`;
}

function list(reasons: readonly string[]): Html | "" {
  if (reasons.length === 0) return "";
  return html`<ul>${reasons.map((reason) => html`<li>${escapeControls(reason)}</li>`)}</ul>`;
}
