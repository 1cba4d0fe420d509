/** Names of tables that a page does not show, to be unfolded. */
import { html } from "hono/html";
import { escapeControls } from "../report/escape_controls.ts";
import { count, type Html, linkTo } from "./words.ts";

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
