/** What the signs and colours of a map mean: those that are on it, and the rest to be unfolded. */
import { html } from "hono/html";
import type { BoardTable, Tone } from "../model/board.ts";
import { GROUPS, nameOf, TONES } from "./tones.ts";
import type { Html } from "./words.ts";

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
  const shown = present.size === 0
    ? ""
    : html`<ul class="legend" aria-label="Legend">${all.filter((tone) => present.has(tone)).map(item)}</ul>`;
  return html`
    ${shown}<details id="legend">
      <summary class="soft">All signs and colours</summary>
      <ul class="legend">${colours}</ul>
      <ul class="legend">${all.filter((tone) => !present.has(tone)).map(item)}</ul>
    </details>
  `;
}
