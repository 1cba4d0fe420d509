import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { RunningCheck } from "../../src/model/live.ts";
import { renderProgress } from "../../src/report/render_progress.ts";

const NOW = new Date("2026-01-01T00:02:00Z");
const since = new Date("2026-01-01T00:01:00Z");
const CHECK: RunningCheck = { since, tables: 12, begun: 3, repair: null };
const repair = {
  table: "d.t",
  partitionId: "20260101",
  rows: 400n,
  copiedRows: 100,
  copiedBytes: 6e7,
  since,
};

Deno.test("renderProgress() says how far the check, and a running repair, have come", () => {
  assert.equal(renderProgress({ ...CHECK, tables: null }, NOW, 200), "checking for 60 seconds");
  assert.equal(renderProgress(CHECK, NOW, 200), "table 3 of 12; checking for 60 seconds");
  assert.equal(
    renderProgress({ ...CHECK, repair }, NOW, 200),
    "copying d.t 20260101: 100 of 400 rows; 976.6 KiB/s, about 3 minutes left; table 3 of 12; checking for 60 seconds",
  );
  const beside = [{ partitionId: "20260102", rows: 1n }];
  assert.match(
    renderProgress({ ...CHECK, repair: { ...repair, beside } }, NOW, 200),
    /^copying d\.t 20260101 and 1 more: 100 of 400 rows;/,
  );
});

Deno.test("renderProgress() fits the terminal and moves no cursor, whatever a table is called", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.integer({ min: 1, max: 300 }),
      fc.nat(),
      (table, width, copiedRows) => {
        const line = renderProgress({ ...CHECK, repair: { ...repair, table, copiedRows } }, NOW, width);
        assert.ok([...line].length < Math.max(2, width));
        assert.doesNotMatch(line, /\p{Cc}|\p{Zl}|\p{Zp}/u);
      },
    ),
  );
});
