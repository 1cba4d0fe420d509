import assert from "node:assert/strict";
import type { SampledRow } from "../../src/model/sample.ts";
import { renderSample } from "../../src/report/render_sample.ts";

const row = (times: SampledRow["times"]): SampledRow => ({
  partitionId: "20260101",
  times,
  values: [{ text: "x", bytes: 1 }],
  twin: null,
});
const shown = (times: SampledRow["times"]) =>
  renderSample({ table: "d.t", columns: ["a"], missing: [], surplus: [row(times)], remarks: [] });

Deno.test("renderSample() says of a row that both sites have how often, and not that one has none", () => {
  assert.match(shown({ active: 1n, here: 2n }), /20260101, once at the active site and 2 times here$/m);
  assert.match(shown(null), /20260101: no row like it/);
});
