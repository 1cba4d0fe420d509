import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { findTimeAxis, timeUnit } from "../../../src/check/tables/time_axis.ts";
import type { Column } from "../../../src/model/table.ts";
import { column, table } from "../../support/data/tables.ts";

const SECONDS = ["DateTime", "DateTime('UTC')", "DateTime64(3)", "DateTime64(9, 'Europe/Berlin')"];
const DAYS = ["Date", "Date32"];
const NO_TIME = [
  "String",
  "UInt32",
  "Int64",
  "Array(DateTime)",
  "Tuple(ts DateTime)",
  "Map(Date, String)",
  "Enum8('DateTime' = 1)",
  "SimpleAggregateFunction(max, DateTime)",
  "LowCardinality(String)",
  "Nullable(String)",
  "Time",
  "Time64(3)",
  "IntervalSecond",
];
const WRAPPED = [
  (type: string) => type,
  (type: string) => `Nullable(${type})`,
  (type: string) => `LowCardinality(${type})`,
  (type: string) => `LowCardinality(Nullable(${type}))`,
];

const inPartition = (name: string, type: string) => column(name, type, { inPartitionKey: true });
const inSorting = (name: string, type: string) => column(name, type, { inSortingKey: true });
const axisOf = (...columns: Column[]) => findTimeAxis(table("d.t", { columns }));

Deno.test("timeUnit() knows every type of time, bare, Nullable and LowCardinality", () => {
  for (const wrap of WRAPPED) {
    for (const type of SECONDS) assert.equal(timeUnit(wrap(type)), "seconds", wrap(type));
    for (const type of DAYS) assert.equal(timeUnit(wrap(type)), "days", wrap(type));
  }
});

Deno.test("timeUnit() takes no other type for a time", () => {
  for (const type of NO_TIME) assert.equal(timeUnit(type), null, type);
});

Deno.test("findTimeAxis() prefers the partition key to the sorting key", () => {
  const axis = axisOf(inSorting("exact", "DateTime"), inPartition("hour", "DateTime"));
  assert.deepEqual(axis, { column: "hour", unit: "seconds" });
});

Deno.test("findTimeAxis() prefers seconds to days, in whichever key, and the first of several", () => {
  assert.deepEqual(axisOf(inSorting("exact", "DateTime"), inPartition("day", "Date")), {
    column: "exact",
    unit: "seconds",
  });
  assert.deepEqual(
    axisOf(inSorting("day", "Date"), inSorting("a", "DateTime64(3)"), inSorting("b", "DateTime")),
    { column: "a", unit: "seconds" },
  );
});

Deno.test("findTimeAxis() goes to the sorting key where the partition key has no time", () => {
  assert.deepEqual(axisOf(inPartition("tenant", "String"), inSorting("ts", "Nullable(DateTime)")), {
    column: "ts",
    unit: "seconds",
  });
});

Deno.test("findTimeAxis() finds none where no key has a time, whatever other columns there are", () => {
  const types = fc.constantFrom(...NO_TIME);
  fc.assert(fc.property(fc.array(types), fc.constantFrom(...SECONDS), (keys, loose) => {
    const columns = keys.map((type, index) => inPartition(`k${index}`, type));
    assert.equal(axisOf(...columns, column("ts", loose)), null);
  }));
});

Deno.test("findTimeAxis() goes by what the operator says of a column, in a key or not", () => {
  const columns = [
    inPartition("hour", "DateTime"),
    inSorting("at", "DateTime64(3)"),
    column("seen", "DateTime"),
  ];
  const axis = (pattern: string, unit: "none" | null) =>
    findTimeAxis(table("d.t", { columns }), [{ pattern, unit }])?.column;
  assert.equal(axis("d.t.seen", null), "seen");
  assert.equal(axis("*.hour", "none"), "at");
  assert.equal(axis("other.t.seen", null), "hour");
});
