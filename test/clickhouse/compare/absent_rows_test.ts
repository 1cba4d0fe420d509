/** Which of two ways to find rows that are not here sends fewer hashes from site to site. */
import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { fetchesHashes } from "../../../src/clickhouse/compare/absent_rows.ts";

const shards = (more: number) => ({
  more: Array.from({ length: more }, (_, at) => ({ host: `p${at + 2}`, port: 9000, secure: false })),
});
const rows = fc.bigInt({ min: 0n, max: 1_000_000n });

Deno.test("one server gets the hashes that are here, whatever is missing", () => {
  fc.assert(fc.property(rows, rows, (here, missing) => {
    assert.equal(fetchesHashes({}, { here, missing }), false);
    assert.equal(fetchesHashes(shards(0), { here, missing }), false);
  }));
});

Deno.test("of several shards that way is taken which sends fewer hashes", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), rows, rows, (more, here, missing) => {
    const each = BigInt(more + 1);
    const [held, fetched] = [here * each, here + missing + missing * each];
    assert.equal(fetchesHashes(shards(more), { here, missing }), fetched < held);
  }));
});

Deno.test("a few missing rows are fetched by hashes, most of a day that is missing is not", () => {
  assert.equal(fetchesHashes(shards(1), { here: 990n, missing: 10n }), true);
  assert.equal(fetchesHashes(shards(1), { here: 10n, missing: 990n }), false);
});
