/** How each state of a partition looks: a colour of its group, and a letter of its own for eyes that tell no colours apart. */
import type { BoardTable, Tone } from "../model/board.ts";
import { ALL_REASONS, type Reason, type ReasonGroup, REASONS } from "../model/reason.ts";
import { html } from "hono/html";
import type { Html } from "./words.ts";

/** Groups share a colour; a group is what an operator does about it. */
export type Group = ReasonGroup | "good" | "busy" | "unknown" | "past";

interface Look {
  readonly letter: string;
  readonly group: Group;
  readonly meaning: string;
}

const look = (reason: Reason): readonly [Reason, Look] => {
  const { letter, group, meaning } = REASONS[reason];
  return [reason, { letter, group, meaning }];
};
const isOpen = (reason: Reason) => REASONS[reason].group !== "known";

/** The gravest first. */
export const TONES = Object.fromEntries<Look>([
  ...ALL_REASONS.filter(isOpen).map(look),
  ["repairing", { letter: "»", group: "busy", meaning: "being repaired now" }],
  ["unproven", { letter: "?", group: "unknown", meaning: "never proven" }],
  ...ALL_REASONS.filter((reason) => !isOpen(reason)).map(look),
  ["repaired", { letter: "✓", group: "good", meaning: "repaired by the last check" }],
  ["counted", { letter: "·", group: "good", meaning: "in sync by row counts since its last digest" }],
  ["sync", { letter: "", group: "good", meaning: "proven by digests of all rows" }],
]) as Readonly<Record<Tone, Look>>;

/** Groups that somebody has to know of, wherever there is room for some partitions only. */
const LOUD: ReadonlySet<Group> = new Set(["gap", "refused", "later", "busy"]);

export function isLoud(tone: Tone): boolean {
  return LOUD.has(TONES[tone].group);
}

/** In words. */
export function nameOf(tone: Tone): string {
  return tone === "sync" ? "in sync" : tone;
}

/** What the colours say. */
export const GROUPS: Readonly<Record<Group, string>> = {
  good: "in sync",
  busy: "being repaired",
  gap: "rows missing here",
  refused: "not repaired: look at it",
  later: "put off to a later check",
  known: "explained; nothing is missing",
  unknown: "never proven",
  past: "not compared by the last check; the sign says what it was before",
};

export function legend(tables: readonly BoardTable[]): Html {
  const present = new Set(tables.flatMap(({ cells }) => cells.map(({ tone }) => tone)));
  const all = Object.keys(TONES) as Tone[];
  const item = (tone: Tone) => {
    const { letter, group, meaning } = TONES[tone];
    return html`<li><b class="g-${group}">${letter}</b><span>${nameOf(tone)}: ${meaning}</span></li>`;
  };
  const colours = Object.entries(GROUPS).map(([group, meaning]) =>
    html`<li><b class="g-${group}"></b><span>${meaning}</span></li>`
  );
  const past = tables.some(({ cells }) => cells.some((cell) => cell.past))
    ? html`<li><b class="g-past"></b><span>${GROUPS.past}</span></li>`
    : "";
  const shown = present.size === 0
    ? ""
    : html`<ul class="legend" aria-label="Legend">${past}${
      all.filter((tone) => present.has(tone)).map(item)
    }</ul>`;
  return html`
    ${shown}<details id="legend">
      <summary class="soft">All signs and colours</summary>
      <ul class="legend">${colours}</ul>
      <ul class="legend">${all.filter((tone) => !present.has(tone)).map(item)}</ul>
    </details>
  `;
}
