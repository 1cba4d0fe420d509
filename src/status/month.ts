/** The last month of checks: a field for each day, and under it the rows that were repaired. */
import { html } from "hono/html";
import type { RunDay, RunKind } from "../model/run_day.ts";
import { lastDays } from "../report/run_days.ts";
import type { Group } from "./tones.ts";
import { count, type Html, plural } from "./words.ts";

const DAYS = 31;

/** The gravest first: a day looks like the gravest of its checks. */
const LOOKS: Readonly<
  Record<RunKind, { readonly letter: string; readonly group: Group; readonly meaning: string }>
> = {
  not_completed: { letter: "!", group: "later", meaning: "not completed" },
  left_open: { letter: "o", group: "gap", meaning: "left something missing, refused or put off" },
  repaired: { letter: "✓", group: "busy", meaning: "repaired, nothing left" },
  clean: { letter: "", group: "good", meaning: "clean, nothing to repair" },
  standby: { letter: "a", group: "known", meaning: "this site was the active one" },
};
const KINDS = Object.keys(LOOKS) as RunKind[];

/** Units of a bar's height, and the least that can be seen. */
const [HEIGHT, LEAST] = [22, 2];

/** @param days by their names; none: no check is kept, and nothing is drawn */
export function lastMonth(days: ReadonlyMap<string, RunDay>, now: Date): Html | "" {
  const shown = lastDays(days, now, DAYS);
  const known = shown.flatMap(({ of }) => of ?? []);
  if (known.length === 0) return "";
  const most = Math.max(...known.map(({ rowsRepaired }) => rowsRepaired));
  const rows = known.reduce((sum, { rowsRepaired }) => sum + rowsRepaired, 0);
  const kinds = KINDS.filter((kind) => known.some(({ checks }) => checks[kind] > 0));
  const total = (kind: RunKind) => known.reduce((sum, { checks }) => sum + checks[kind], 0);
  const bars = shown.map(({ of }) =>
    of === null || of.rowsRepaired === 0 ? html`<td></td>` : html`<td>${bar(of.rowsRepaired / most)}</td>`
  );
  const first = shown[0]!.day;
  return html`
    <section aria-labelledby="month">
      <h2 id="month">The last month</h2>
      <div class="map narrow month">
        <table>
          <thead>
            <tr>
              <th scope="col">${plural(known.length, "day")} with checks</th>
              <td colspan="15">${first}</td>
              <td class="end" colspan="16">today</td>
            </tr>
          </thead>
          <tbody>
        <tr><th scope="row">Checks</th>${shown.map(({ of }) => field(of))}</tr>
        ${rows === 0 ? "" : html`<tr><th scope="row">Rows repaired</th>${bars}</tr>`}
      </tbody>
        </table>
      </div>
      <ul class="legend">${kinds.map((kind) => {
        const { letter, group, meaning } = LOOKS[kind];
        return html`<li><b class="g-${group}">${letter}</b><span>${meaning}: ${
          plural(total(kind), "check")
        }</span></li>`;
      })}${rows === 0 ? "" : html`<li><span>${plural(rows, "row")} repaired</span></li>`}</ul>
    </section>
  `;
}

function field(of: RunDay | null): Html {
  const kind = of && KINDS.find((kind) => of.checks[kind] > 0);
  if (!of || !kind) return html`<td></td>`;
  const { letter, group } = LOOKS[kind];
  const stop = group === "good" || group === "known" ? "-1" : "0";
  return html`<td class="g-${group}" tabindex="${stop}" aria-label="${words(of)}">${letter}</td>`;
}

function words({ day, checks, rowsRepaired }: RunDay): string {
  const each = KINDS.filter((kind) => checks[kind] > 0).map((kind) =>
    `${count(checks[kind])} ${LOOKS[kind].meaning}`
  );
  const all = KINDS.reduce((sum, kind) => sum + checks[kind], 0);
  return [
    `${day}: ${plural(all, "check")}`,
    ...each,
    ...rowsRepaired > 0 ? [`${plural(rowsRepaired, "row")} repaired`] : [],
  ]
    .join("\n");
}

/** @param share of the highest one, up to 1 */
function bar(share: number): Html {
  const height = Math.max(LEAST, Math.round(share * HEIGHT));
  return html`
    <svg viewBox="0 0 10 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      <rect width="10" y="${HEIGHT - height}" height="${height}" />
    </svg>
  `;
}
