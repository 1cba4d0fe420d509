import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { fc } from "../../support/seed.ts";
import type { Column, Table } from "../../../src/model/table.ts";
import { compareSchemas, partitionsByServerZone } from "../../../src/check/tables/schema_drift.ts";
import { column, table } from "../../support/data/tables.ts";

const UTC = { here: "UTC", there: "UTC" };

function drifts(here: Partial<Table>, there: Partial<Table>, zones = UTC) {
  return compareSchemas(pairTables("d.t", table("d.t", here), table("d.t", there)), zones);
}

const ts = column("ts", "DateTime('UTC')", { inPartitionKey: true, inSortingKey: true });

Deno.test("compareSchemas() finds no drift between equal tables, whatever the order of their columns", () => {
  const columns = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"))
    .map((names) => names.map((name) => column(name, "String")));
  fc.assert(fc.property(columns, (some: Column[]) => {
    assert.deepEqual(drifts({ columns: [ts, ...some] }, { columns: [...some].reverse().concat(ts) }), []);
  }));
});

Deno.test("compareSchemas() names columns that one site lacks", () => {
  const [a, b] = [column("a", "String"), column("b", "UInt8")];
  assert.deepEqual(drifts({ columns: [ts, a] }, { columns: [ts, b] }), [
    { kind: "column_missing_here", column: b },
    { kind: "column_only_here", column: a },
  ]);
});

Deno.test("compareSchemas() takes another type, kind of default or default expression for drift", () => {
  const columnHere = column("a", "String", { defaultKind: "DEFAULT", defaultExpression: "'x'" });
  for (
    const columnThere of [
      { ...columnHere, type: "Nullable(String)" },
      { ...columnHere, defaultKind: "MATERIALIZED" as const },
      { ...columnHere, defaultExpression: "'y'" },
    ]
  ) {
    assert.deepEqual(drifts({ columns: [columnHere] }, { columns: [columnThere] }), [
      { kind: "column_differs", here: columnHere, there: columnThere },
    ]);
  }
});

Deno.test("compareSchemas() compares engine, partition key and sorting key", () => {
  const other = { engine: "ReplacingMergeTree", partitionKey: "toYYYYMM(ts)", sortingKey: "ts, a" };
  assert.deepEqual(drifts({}, other), [
    { kind: "key_differs", key: "engine", here: "MergeTree", there: "ReplacingMergeTree" },
    { kind: "key_differs", key: "partition key", here: "toYYYYMMDD(ts)", there: "toYYYYMM(ts)" },
    { kind: "key_differs", key: "sorting key", here: "ts", there: "ts, a" },
  ]);
});

Deno.test("compareSchemas() takes a replicated engine for the one that it replicates", () => {
  assert.deepEqual(drifts({ engine: "ReplicatedMergeTree" }, { engine: "MergeTree" }), []);
  assert.deepEqual(drifts({ engine: "SharedReplacingMergeTree" }, { engine: "ReplacingMergeTree" }), []);
  assert.equal(drifts({ engine: "ReplicatedMergeTree" }, { engine: "ReplacingMergeTree" }).length, 1);
});

Deno.test("compareSchemas() minds the columns that an engine is given, in whatever brackets", () => {
  const given = (here: string, there: string) =>
    drifts({ engineArguments: here }, { engineArguments: there }).length;
  assert.equal(given("version, gone", "version, gone"), 0);
  assert.equal(given("(a, b)", "(a, (b))"), 0);
  assert.equal(given("version", "other"), 1);
  assert.equal(given("version", ""), 1);
});

Deno.test("compareSchemas() takes a key in brackets for the same key, and no other", () => {
  assert.deepEqual(drifts({ sortingKey: "(ts)" }, { sortingKey: "ts" }), []);
  assert.equal(drifts({ sortingKey: "(a)(b)" }, { sortingKey: "a)(b" }).length, 1);
  assert.equal(drifts({ partitionKey: "tuple(a)" }, { partitionKey: "a" }).length, 1);
});

Deno.test("compareSchemas() takes an empty tuple for no key", () => {
  assert.deepEqual(drifts({ partitionKey: "tuple()" }, { partitionKey: "" }), []);
  assert.equal(drifts({ partitionKey: "tuple()" }, { partitionKey: "a" }).length, 1);
});

Deno.test("compareSchemas() leaves TTL, settings, codecs and UUIDs alone", () => {
  const here = { engineFull: "MergeTree ORDER BY ts", uuid: "a", createQuery: "x", unfinishedMutations: 1 };
  const there = {
    engineFull: "MergeTree ORDER BY ts TTL ts + 1 SETTINGS a = 1",
    uuid: "b",
    createQuery: "y",
  };
  assert.deepEqual(drifts(here, there), []);
});

Deno.test("compareSchemas() minds different server zones only where a partition key reads them", () => {
  const zones = { here: "Europe/Berlin", there: "UTC" };
  const columns = (type: string, inPartitionKey = true) => ({
    columns: [column("ts", type, { inPartitionKey })],
  });
  const zoned = columns("DateTime");
  assert.deepEqual(drifts(zoned, zoned, zones), [{ kind: "zone_differs", ...zones }]);
  assert.deepEqual(drifts(zoned, zoned), []);
  for (const free of [columns("DateTime('UTC')"), columns("Date"), columns("DateTime", false)]) {
    assert.deepEqual(drifts(free, free, zones), []);
  }
});

const inPartition = (name: string, type: string) => column(name, type, { inPartitionKey: true });

Deno.test("partitionsByServerZone() is true of a time without a zone in the partition key", () => {
  for (
    const type of ["DateTime", "DateTime64(3)", "Nullable(DateTime)", "LowCardinality(Nullable(DateTime))"]
  ) {
    assert.equal(partitionsByServerZone(table("d.t", { columns: [inPartition("ts", type)] })), true, type);
  }
});

Deno.test("partitionsByServerZone() is false of zones in the type, dates, and columns outside of the key", () => {
  for (
    const type of ["DateTime('UTC')", "DateTime64(3, 'UTC')", "Nullable(DateTime('UTC'))", "Date", "Date32"]
  ) {
    assert.equal(partitionsByServerZone(table("d.t", { columns: [inPartition("ts", type)] })), false, type);
  }
  assert.equal(
    partitionsByServerZone(table("d.t", { columns: [column("ts", "DateTime", { inSortingKey: true })] })),
    false,
  );
});
