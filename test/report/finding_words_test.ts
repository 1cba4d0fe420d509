import assert from "node:assert/strict";
import type { Finding } from "../../src/model/report.ts";
import { findingWords } from "../../src/report/finding_words.ts";

const finding = (missing: bigint, rows: readonly bigint[]) =>
  findingWords({
    detail: `${missing} rows are absent here`,
    missing,
    spans: rows.map((rows, at) => ({ from: 3600 * at, to: 3600 * at + 1800, rows })),
  } as unknown as Finding);

Deno.test("findingWords() counts the rows of spans only where they are not all that are missing", () => {
  assert.equal(finding(1200n, []), "1200 rows are absent here");
  assert.doesNotMatch(finding(1200n, [1200n]), /when.*rows?\b/);
  assert.match(finding(1200n, [1200n]), /when: 00:00–00:30 UTC/);
  assert.match(finding(1200n, [1100n]), /when: .*1,100 rows.*100 rows/, "others have no time");
  assert.match(finding(1200n, [200n, 1000n]), /when: .* 200 rows; .* 1,000 rows/);
});
