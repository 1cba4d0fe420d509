import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { chooseNumberAxis, numberColumns } from "../../../src/check/tables/number_axis.ts";
import type { NumberSpan } from "../../../src/model/partition.ts";
import type { TimeColumn } from "../../../src/model/settings.ts";
import { PER_SECOND, settledBefore } from "../../../src/model/time_units.ts";
import type { Column } from "../../../src/model/table.ts";
import { column, table } from "../../support/data/tables.ts";

const NOW = 1_795_000_000;
const UNITS = ["seconds", "milliseconds", "microseconds", "nanoseconds"] as const;

const partitionKey = (name: string, type: string) => column(name, type, { inPartitionKey: true });
const sortingKey = (name: string, type: string) => column(name, type, { inSortingKey: true });

function namesOf(columns: readonly Column[], said: readonly TimeColumn[] = [], typed = false) {
  const axis = typed ? { column: "at", unit: "seconds" } as const : null;
  return numberColumns(table("d.t", { columns }), axis, said).map(({ column }) => column);
}

function span(column: string, ...values: readonly bigint[]): NumberSpan {
  const [from, to] = [values.reduce((a, b) => a < b ? a : b), values.reduce((a, b) => a > b ? a : b)];
  return { column, from, to, sample: values };
}

function choose(
  spans: readonly NumberSpan[],
  said: TimeColumn["unit"] | "nothing" = "nothing",
  changedAt = NOW,
) {
  const names = [...new Set(spans.map(({ column }) => column))];
  const unit = said === "none" || said === "nothing" ? null : said;
  const columns = names.map((column) => ({ column, said: said === "nothing" ? null : { unit } }));
  return chooseNumberAxis(columns, spans, { now: NOW }, changedAt);
}

Deno.test("numberColumns() takes whole numbers of keys where no type tells the time of day, or what the operator names", () => {
  const columns = [
    sortingKey("bucket", "UInt64"),
    sortingKey("name", "String"),
    partitionKey("ts", "Nullable(Int64)"),
    sortingKey("small", "UInt16"),
    sortingKey("part", "Float64"),
    column("loose", "UInt64"),
  ];
  assert.deepEqual(namesOf(columns), ["ts", "bucket"]);
  assert.deepEqual(namesOf(columns, [], true), []);
  assert.deepEqual(namesOf(columns, [{ pattern: "d.*.loose", unit: "nanoseconds" }], true), ["loose"]);
  assert.deepEqual(namesOf(columns, [{ pattern: "d.t.bucket", unit: "none" }]), ["ts"]);
  assert.deepEqual(namesOf(columns, [{ pattern: "other.t.ts", unit: null }]), ["ts", "bucket"]);
});

Deno.test("chooseNumberAxis() knows the unit of any times from 2000 to tomorrow that end where the clock stands", () => {
  const second = fc.integer({ min: 946_684_800, max: NOW });
  fc.assert(fc.property(
    fc.constantFrom(...UNITS),
    fc.array(second, { minLength: 1 }),
    fc.integer({ min: NOW - 86_000, max: NOW + 86_000 }),
    (unit, seconds, newest) => {
      const values = [...seconds, newest].map((second) => BigInt(second) * PER_SECOND[unit]);
      const { axis, doubt } = choose([span("ts", ...values)]);
      assert.equal(axis?.unit, unit);
      assert.equal(doubt, null);
      // A row is settled by its axis only if it is by the clock.
      const settled = settledBefore(axis!, { now: NOW, settledBefore: NOW - 600, settledBeforeDay: 0 });
      assert.ok(settled <= BigInt(NOW - 600) * PER_SECOND[unit]);
    },
  ));
});

Deno.test("chooseNumberAxis() takes no numbers for times that are none, and says so of those that look like them", () => {
  const seconds = (...values: number[]) => span("id", ...values.map(BigInt));
  // Identifiers: small, hashes, in the range of times but far from the clock, and times with a number that is none.
  for (
    const [found, doubts] of [
      [seconds(1, 2, 3), false],
      [span("id", 17n, 2n ** 63n + 5n), false],
      [span("id", -5n, -1n), false],
      [seconds(946_684_800, 1_600_000_000), true],
      [seconds(0, NOW), true],
      [seconds(NOW - 10, NOW + 90_000), true],
    ] as const
  ) {
    const { axis, doubt } = choose([found]);
    assert.equal(axis, null, JSON.stringify(found.sample.map(String)));
    assert.equal(doubt !== null, doubts, doubt ?? "");
  }
  assert.deepEqual(choose([{ column: "ts", from: null, to: null, sample: [] }]), { axis: null, doubt: null });
});

Deno.test("chooseNumberAxis() takes what either site holds into account", () => {
  const [fine, zero] = [span("ts", BigInt(NOW) * 1000n + 1n), span("ts", 0n)];
  assert.equal(choose([fine, fine]).axis?.unit, "milliseconds");
  assert.equal(choose([fine, zero]).axis, null);
});

Deno.test("chooseNumberAxis() waits as much longer as a column is coarse, and prefers the finer one", () => {
  const bucket = BigInt(NOW - NOW % 1800);
  const buckets = span("bucket", bucket, bucket - 1800n, bucket - 7n * 1800n);
  assert.deepEqual(choose([buckets]).axis, { column: "bucket", unit: "seconds", numbers: { grain: 1800n } });
  const exact = span("ts", BigInt(NOW) * 1_000_000_000n + 7n, BigInt(NOW) * 1_000_000_000n);
  assert.equal(choose([buckets, exact]).axis?.column, "ts");
  const [day] = [choose([span("day", BigInt(NOW - NOW % 86_400))]).axis];
  assert.equal(day?.numbers?.grain, 86_400n);
});

Deno.test("chooseNumberAxis() believes the operator, but not what the numbers disprove", () => {
  const old = span("ts", 0n, 1_600_000_000_123n);
  assert.equal(choose([old], "milliseconds").axis?.unit, "milliseconds");
  assert.equal(choose([old], null).axis?.unit, "milliseconds");
  for (const wrong of ["microseconds", "nanoseconds"] as const) {
    const { axis, doubt } = choose([old], wrong);
    assert.equal(axis, null);
    assert.match(doubt!, /TIME_COLUMNS/);
  }
  assert.match(choose([span("ts", 5n)], null).doubt!, /no time/);
});
