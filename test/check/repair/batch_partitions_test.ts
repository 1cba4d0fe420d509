/** Which repairs of a table are done together. */
import assert from "node:assert/strict";
import { batchPartitions } from "../../../src/check/repair/batch_partitions.ts";
import { runsOfSmall } from "../../../src/check/repair/small_partitions.ts";
import type { PartitionPlan } from "../../../src/model/plan.ts";
import type { Repair } from "../../../src/model/repair.ts";
import { finding } from "../../../src/model/report.ts";

const PAIR = {
  name: "d.t",
  groups: [],
  here: { engine: "MergeTree" },
} as unknown as Repair["pair"];

function plan(at: number, of: Partial<Repair> = {}): PartitionPlan {
  const partitionId = String(20250101 + at);
  const repair = {
    pair: PAIR,
    partitionId,
    scope: {
      axis: null,
      moment: { now: 2, settledBefore: 1, settledBeforeDay: 0 },
      quiet: true,
      settleSeconds: 1,
    },
    bucketing: { kind: "time", origin: 0n, width: 10n },
    absent: [],
    partial: [{ buckets: [1n, null], missing: 20n }],
    repeated: 0n,
    rowsHere: 2000n,
    besidesTwins: false,
    presumed: true,
    missing: { rows: 20n, city: 1n, xxh: 1n },
    bytes: 1000,
    method: "attach",
    merged: null,
    ...of,
  } as unknown as Repair;
  return {
    partitionId,
    finding: finding("d.t", partitionId, "partial", ""),
    repair: { repair, lookAgain: null },
    ifAccepted: null,
    remember: null,
  };
}

const plans = (many: number, of: Partial<Repair> = {}) =>
  Array.from({ length: many }, (_, at) => plan(at, of));
const sizes = (some: readonly PartitionPlan[]) => batchPartitions(some).map(({ length }) => length);

Deno.test("batchPartitions() takes four or more, and a hundred at a time", () => {
  assert.deepEqual(sizes(plans(3)), []);
  assert.deepEqual(sizes(plans(4)), [4]);
  assert.deepEqual(sizes(plans(250)), [100, 100, 50]);
});

Deno.test("batchPartitions() leaves to themselves what a batch cannot prove", () => {
  const others: readonly Partial<Repair>[] = [
    { method: "insert" },
    { method: "replace" },
    { repeated: 1n },
    { besidesTwins: true },
    { merged: { buckets: [], bucketCount: 1 } },
    { pair: { ...PAIR, here: { ...PAIR.here, engine: "ReplicatedMergeTree" } } },
    { pair: { ...PAIR, here: { ...PAIR.here, engine: "ReplacingMergeTree" } } },
    { pair: { ...PAIR, groups: [{}] } as unknown as Repair["pair"] },
  ];
  for (const other of others) {
    assert.deepEqual(sizes(plans(10, other)), [], JSON.stringify(Object.keys(other)));
  }
  const held = plans(10).map((one) => ({ ...one, finding: null }));
  assert.deepEqual(sizes(held), []);
});

Deno.test("batchPartitions() keeps apart what one statement cannot copy: absent ones, other scopes, other buckets", () => {
  const scope = { ...plan(0).repair!.repair.scope, quiet: false };
  const mixed = [
    ...plans(5),
    ...plans(6, { absent: "all", partial: [] }),
    ...plans(7, { scope }),
    ...plans(8, { bucketing: { kind: "time", origin: 5n, width: 10n } }),
  ];
  assert.deepEqual(sizes(mixed), [5, 6, 7, 8]);
});

Deno.test("batchPartitions() bounds rows, bytes and text; a large partition goes by itself", () => {
  const missing = (rows: bigint) => ({ missing: { rows, city: 1n, xxh: 1n } });
  assert.deepEqual(sizes(plans(8, missing(250_000n))), [4, 4]);
  assert.deepEqual(sizes(plans(8, missing(500_001n))), []);
  assert.deepEqual(sizes(plans(8, { bytes: 64_000_000 })), [4, 4]);
  const many = Array.from({ length: 300 }, (_, at) => BigInt(at));
  assert.ok(sizes(plans(20, { partial: [{ buckets: many, missing: 20n }] })).every((size) => size < 10));
  assert.deepEqual(sizes([...plans(4), plan(9, missing(900_000n)), ...plans(3)]), [7]);
});

Deno.test("small partitions next to each other are one run, each large one is one of its own, and the order stays", () => {
  const large = { rowsHere: 2_000_000n };
  const plans = [
    plan(0),
    plan(1),
    plan(2, large),
    plan(3),
    { ...plan(4), repair: null },
    plan(5),
    plan(6, large),
  ];
  const ids = (atATime: number) =>
    runsOfSmall(plans, atATime).map((run) => run.map(({ partitionId }) => Number(partitionId) - 20250101));
  assert.deepEqual(ids(4), [[0, 1], [2], [3, 4, 5], [6]]);
  assert.deepEqual(ids(2), [[0, 1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(ids(1), [[0], [1], [2], [3], [4], [5], [6]]);
});
