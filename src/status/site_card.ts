/** One site on the page: its role, its server, the replica that was read, its clock. */
import { html } from "hono/html";
import type { SiteView } from "../model/live.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { readableDuration } from "../text/readable.ts";
import type { Html } from "./words.ts";

export function siteCard(
  { name, side, role, answers, replica, version, timezone, skewSeconds }: SiteView,
): Html {
  const skew = skewSeconds === null
    ? null
    : Math.abs(skewSeconds) < 5
    ? "in step"
    : `${readableDuration(Math.abs(skewSeconds))} ${skewSeconds > 0 ? "ahead" : "behind"}`;
  return html`
    <section class="card">
      <h2>${name === "dr" ? "DR" : "Primary"} site${side === "local"
        ? html`
          <span class="soft">(ch-sync runs here)</span>
        `
        : ""}</h2>
      <dl>
    <dt>Role</dt><dd>${role}</dd>
    <dt>ClickHouse</dt><dd>${answers === null
      ? html`<span class="soft">not asked yet</span>`
      : answers
      ? html`<span class="ok">answers</span>`
      : html`<span class="bad">does not answer</span>`}</dd>
    ${replica === null ? "" : html`
      <dt>Replica read</dt>
      <dd>${escapeControls(replica)}</dd>
    `}
    ${version === null ? "" : html`
      <dt>Version</dt>
      <dd>${escapeControls(version)}</dd>
    `}
    ${timezone === null ? "" : html`
      <dt>Time zone</dt>
      <dd>${escapeControls(timezone)}</dd>
    `}
    ${skew === null ? "" : html`
      <dt>Clock</dt>
      <dd>${skew}</dd>
    `}</dl>
    </section>
  `;
}
