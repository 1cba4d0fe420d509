/** docs/reasons.md shows what ch-sync prints; each of its cases is made to happen again here. */
import assert from "node:assert/strict";
import { ALL_REASONS } from "../../src/model/reason.ts";
import { renderReport } from "../../src/report/render_report.ts";
import { checkSites, reasonsOf } from "../support/sites/check_sites.ts";
import { GUARD_CASES, GUARDED_SITES } from "../support/data/guard_cases.ts";
import { everything, onBoth } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/reasons.md", import.meta.url));

/** What differs from one run to the next, as the page has it. */
function steady(text: string): string {
  return text.replace(/_chsync_dr_[0-9a-z]+_1/g, "_chsync_dr_…_1").replace(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, "…")
    .replace(/^.*_chsync_dr_….*;$\n?/gm, "");
}

Deno.test("docs/reasons.md shows every guard as it is", async (t) => {
  await using sites = await startTwoSites(GUARDED_SITES);
  await onBoth(sites, "CREATE DATABASE shop");
  for (const one of GUARD_CASES) {
    await t.step(one.reason, async () => {
      const { scope: _, ...report } = await one.run(sites);
      assert.deepEqual([...new Set(Object.values(reasonsOf(report)))], [one.reason]);
      const shown = { ...report, startedAt: "2026-01-05T00:00:00Z", warnings: [], leftOut: [] };
      const lines = renderReport(shown, { sql: true }).split("\n").slice(2, -1);
      const block = "```text\n" + steady(lines.join("\n")).trimEnd() + "\n```";
      const section = PAGE.split(/^(?=### )/m).find((section) =>
        section.startsWith(`### \`${one.reason}\``)
      ) ??
        "";
      assert.ok(section.includes(block), `docs/reasons.md, ${one.reason}, should show:\n${block}`);
    });
  }

  await t.step("what was guarded was not changed by looking at it again", async () => {
    const before = await everything(sites.dr);
    for (const { reason, table } of GUARD_CASES) {
      if (["views", "recurring", "backfilling", "mutating", "shrunk"].includes(reason)) continue;
      await checkSites(sites, { only: [table] });
    }
    assert.equal(await everything(sites.dr), before);
  });
});

Deno.test("docs/reasons.md has a section for every reason, and for nothing else", () => {
  const sections = [...PAGE.matchAll(/^### `([a-z]+)`/gm)].map((match) => match[1]!);
  assert.deepEqual(sections.toSorted(), ALL_REASONS.toSorted());
});
