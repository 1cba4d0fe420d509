/** What repairs will take. */
import assert from "node:assert/strict";
import { paceOf, secondsFor } from "../../../src/check/repair/estimate_repair.ts";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import type { Repair } from "../../../src/model/repair.ts";
import { SCOPE } from "../../support/data/judging.ts";
import { settingsOf } from "../../support/sites/settings.ts";
import { table } from "../../support/data/tables.ts";

const small = (name: string, partitionId: number, of: Partial<Repair> = {}) =>
  ({
    pair: pairTables(name, table(name), table(name)),
    partitionId: String(partitionId),
    scope: SCOPE,
    absent: "all",
    partial: [],
    repeated: 0n,
    rowsHere: 0n,
    besidesTwins: false,
    missing: { rows: 20n, city: 1n, xxh: 1n },
    bytes: 1000,
    method: "attach",
    merged: null,
    ...of,
  }) as unknown as Repair;

const many = (name: string, partitions: number, of: Partial<Repair> = {}) =>
  Array.from({ length: partitions }, (_, at) => small(name, at, of));

const PACE = { bytesPerSecond: 1e9, repairs: 0, together: true };

Deno.test("secondsFor() counts small partitions together as they are repaired together", () => {
  const seconds = (repairs: readonly Repair[], together = true) =>
    Math.round(100 * secondsFor(repairs, { ...PACE, together })) / 100;
  assert.equal(seconds([]), 0);
  assert.equal(seconds(many("d.t", 1)), 0.3);
  assert.equal(seconds(many("d.t", 3)), 0.9);
  // Three batches: of a hundred, and of what is left.
  assert.equal(seconds(many("d.t", 300)), 3.9);
  assert.equal(seconds(many("d.t", 300), false), 90);
  assert.equal(seconds(many("d.t", 300, { method: "insert" })), 90);
  assert.equal(seconds([...many("d.a", 3), ...many("d.b", 3)]), 1.8);
});

Deno.test("secondsFor() adds the time of what is copied, whichever way it goes", () => {
  const repairs = many("d.t", 10, { bytes: 5e8 });
  assert.equal(secondsFor(repairs, PACE).toFixed(2), "8.00");
  assert.equal(secondsFor(repairs.slice(0, 1), PACE).toFixed(2), "0.80");
});

Deno.test("paceOf() knows that partitions of several shards are not repaired together", () => {
  const settings = settingsOf({});
  assert.equal(paceOf([], settings).together, true);
  const replica = { url: "http://a", native: { host: "a", port: 9000, secure: false } };
  assert.equal(paceOf([], { ...settings, shards: [[replica], [replica]] }).together, false);
  assert.equal(paceOf([], { ...settings, localShards: [[replica], [replica]] }).together, false);
});
