/** One site on the page: its role, its server, the replica that was read, its clock. */
import { html } from "hono/html";
import type { SiteView } from "../model/live.ts";
import type { SeenAddress } from "../model/replica_pick.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { counted, readableDuration } from "../text/readable.ts";
import type { Html } from "./words.ts";

export function siteCard(
  { name, side, role, answers, replica, shards, version, timezone, skewSeconds }: SiteView,
): Html {
  const skew = skewSeconds === null ? null : clock(skewSeconds);
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
    ${shards.length > 0
      ? shards.map((addresses, at) =>
        addresses.map((address) => addressOf(address, shards.length > 1 ? ` of shard ${at + 1}` : ""))
      )
      : replica === null
      ? ""
      : html`
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

/** @param shard which one it is of; empty: the site has one */
function addressOf({ url, read, version, skewSeconds, doubted, remark }: SeenAddress, shard: string): Html {
  const about = version === null || skewSeconds === null
    ? null
    : `version ${version}, clock ${clock(skewSeconds)}`;
  const lag = doubted === null || doubted === 0 ? "" : `${counted(doubted, "table")} not believed: `;
  return html`
    <dt>Replica${read ? " read" : ""}${shard}</dt>
    <dd>${escapeControls(url)}
      ${about === null ? "" : html`<br><span class="soft">${escapeControls(about)}</span>`}
      ${remark === null ? "" : html`<br><span class="bad">${lag}${escapeControls(remark)}</span>`}</dd>
  `;
}

function clock(skewSeconds: number): string {
  if (Math.abs(skewSeconds) < 5) return "in step";
  return `${readableDuration(Math.abs(skewSeconds))} ${skewSeconds > 0 ? "ahead" : "behind"}`;
}
