import assert from "node:assert/strict";
import {
  isBefore,
  knowsTableSetting,
  olderValues,
  OLDEST,
  spelledFor,
  tooOld,
} from "../../../src/clickhouse/dialect/versions.ts";

Deno.test("isBefore() compares year and month as numbers", () => {
  assert.ok(isBefore("24.8.4.13", "24.11"));
  assert.ok(isBefore("23.10.1.1", "24.3"));
  assert.ok(!isBefore("24.11.1.1", "24.11"));
  assert.ok(!isBefore("26.7.3.1", "25.7"));
  assert.ok(!isBefore("25.1", "24.12"));
});

Deno.test("tooOld() names the version and the oldest that works, and leaves newer ones alone", () => {
  assert.match(tooOld("22.8.1.1") ?? "", new RegExp(`22\\.8\\.1\\.1.*${OLDEST.replace(".", "\\.")}`));
  assert.equal(tooOld(`${OLDEST}.1.1`), null);
  assert.equal(tooOld("26.7.3.1"), null);
});

Deno.test("spelledFor() has another word for a right only where the version does not know today's", () => {
  assert.equal(spelledFor("25.6.1.1", "READ ON REMOTE"), "REMOTE ON *.*");
  assert.equal(spelledFor("25.7.1.1", "READ ON REMOTE"), "READ ON REMOTE");
  assert.equal(spelledFor("24.8.1.1", "SELECT ON system.parts"), "SELECT ON system.parts");
  const both = "OPTIMIZE, SYSTEM TTL MERGES ON d._chsync_*";
  assert.equal(spelledFor("24.10.1.1", both), both);
  assert.equal(spelledFor("24.8.1.1", both), "OPTIMIZE, SYSTEM TTL MERGES ON d.*");
});

Deno.test("olderValues() leaves out the analyzer where it was an experiment, and nothing of new servers", () => {
  const [analyzer, whole] = [
    { allow_experimental_analyzer: 0 },
    { allow_experimental_query_deduplication: 0 },
  ];
  assert.deepEqual(olderValues("23.8.16.40"), { ...analyzer, ...whole });
  assert.deepEqual(olderValues("24.3.1.1"), whole);
  assert.deepEqual(olderValues("26.3.1.1"), {});
  assert.deepEqual(olderValues(null), {});
  assert.deepEqual(olderValues(null, "23.10.1.1"), { ...analyzer, ...whole });
});

Deno.test("knowsTableSetting() knows what tables of older servers cannot be created with", () => {
  assert.ok(!knowsTableSetting("24.3.18.7", "enable_block_number_column"));
  assert.ok(knowsTableSetting("24.5.1.1", "enable_block_number_column"));
  assert.ok(knowsTableSetting(null, "enable_block_number_column"));
  assert.ok(knowsTableSetting("23.8.1.1", "parts_to_throw_insert"));
});
