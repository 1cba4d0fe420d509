/** What a check claims this site holds is true of the rows themselves, whatever was found, repaired or not compared. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { mergeSpans } from "../../src/model/missing_span.ts";
import type { Reason } from "../../src/model/reason.ts";
import type { Repair } from "../../src/model/repair.ts";
import type { Finding, TableReport } from "../../src/model/report.ts";
import { holdingsBut, holdingsOf } from "../../src/verdict/holdings.ts";
import { found, report } from "../support/data/tables.ts";

const SETTLED = 10_000;
const BUCKET = 100;

/** A row of the active site: its time, and whether this site has it when the check begins. */
interface Row {
  readonly time: number;
  readonly here: boolean;
}

/** One partition, and what becomes of what it lacks. */
interface Part {
  readonly rows: readonly Row[];
  readonly outcome: "repaired" | "left" | "held back" | "refused" | "untimed";
}

const row = fc.record({ time: fc.nat(11_000), here: fc.boolean() });
const part: fc.Arbitrary<Part> = fc.record({
  rows: fc.array(row, { maxLength: 12 }),
  outcome: fc.constantFrom("repaired", "left", "held back", "refused", "untimed"),
});
const table = fc.record({
  parts: fc.array(part, { maxLength: 4 }),
  /** How far digests reached: further, partitions were only counted. */
  through: fc.option(fc.integer({ min: 5000, max: SETTLED })),
});
type Model = typeof table extends fc.Arbitrary<infer T> ? T : never;

/** What a check that compares rows before `through` finds of a partition, and the rows that are here after it. */
function check({ rows, outcome }: Part, through: number): { finding: Finding[]; after: Row[] } {
  const missing = rows.filter(({ time, here }) => !here && time < through);
  if (missing.length === 0) return { finding: [], after: [...rows] };
  const spans = mergeSpans(
    missing.map(({ time }) => {
      const from = Math.floor(time / BUCKET) * BUCKET;
      return { from, to: from + BUCKET, rows: 1n };
    }),
    3,
  );
  const reason: Reason = outcome === "refused"
    ? "aggregated"
    : outcome === "held back"
    ? "backfilling"
    : "partial";
  const finding = found({
    reason,
    missing: outcome === "refused" ? 0n : BigInt(missing.length),
    spans: outcome === "refused" || outcome === "untimed" ? [] : spans,
    repaired: outcome === "repaired",
  });
  const after = outcome === "repaired"
    ? rows.map((row) => ({ ...row, here: row.here || row.time < through }))
    : [...rows];
  return { finding: [finding], after };
}

function checked({ parts, through }: Model, name: string): { report: Partial<TableReport>; after: Row[] } {
  const done = parts.map((part) => check(part, through ?? SETTLED));
  return {
    report: {
      table: name,
      findings: done.flatMap(({ finding }) => finding.map((one) => ({ ...one, table: name }))),
      ...through === null ? {} : { through },
    },
    after: done.flatMap(({ after }) => after),
  };
}

const unix = (time: string) => Date.parse(time) / 1000;

Deno.test("what it says this site holds is there, and what it says is missing is all that is missing", () => {
  fc.assert(
    fc.property(fc.array(table, { minLength: 1, maxLength: 4 }), (models) => {
      const tables = models.map((model, at) => checked(model, `d.t${at}`));
      const holds = holdingsOf(report(tables.map(({ report }) => report), { settledBefore: SETTLED }))!;
      const unknown = new Set(holds.unknown.map(({ table }) => table));
      const lacking = new Map(holds.tables.map((one) => [one.table, one]));
      let all = 0;
      for (const [at, { after }] of tables.entries()) {
        const name = `d.t${at}`;
        if (models[at]!.through === null) assert.ok(unknown.has(name));
        if (unknown.has(name)) continue;
        const one = lacking.get(name);
        const through = one ? unix(one.through) : SETTLED;
        const compared = models[at]!.through!;
        assert.ok(after.every(({ time, here }) => here || time >= through), `${name} lacks an older row`);
        const missing = after.filter(({ time, here }) => !here && time < compared);
        assert.ok(missing.length <= (one?.missing ?? 0));
        for (const { time } of missing) assert.ok(unix(one!.from!) <= time && time < unix(one!.to!));
        all += missing.length;
        // The site as a whole claims no more than each of its tables.
        assert.ok(unix(holds.through!) <= through);
        for (const { time } of missing) assert.ok(unix(holds.from!) <= time && time < unix(holds.to!));
      }
      assert.ok(all <= holds.missing);
      if (unknown.size === tables.length) assert.equal(holds.through, null);
    }),
    { numRuns: 500 },
  );
});

Deno.test("holdingsOf() claims nothing from a check of some tables, or one that was not completed", () => {
  for (const fields of [{ limited: true }, { outcome: "failed" }, { outcome: "standby" }] as const) {
    assert.equal(holdingsOf(report([{ through: 1 }], { settledBefore: SETTLED, ...fields })), null);
  }
});

Deno.test("holdingsOf() does not know what was refused, filled by a view, not synced or not compared", () => {
  const tables = [
    { table: "d.drifted", findings: [found({ table: "d.drifted", partitionId: null, reason: "drifted" })] },
    {
      table: "d.derived",
      findings: [found({ partitionId: null, reason: "derived", cause: "derived_waiting" })],
      through: 1,
    },
    {
      table: "d.proven",
      findings: [found({ partitionId: null, reason: "derived", cause: "derived_proven" })],
      through: SETTLED,
    },
    { table: "d.new", findings: [found({ partitionId: null, reason: "new" })] },
    { table: "d.moving", findings: [found({ reason: "hot" })], through: null },
    { table: "d.sync", through: SETTLED },
    { table: "d.hot", findings: [found({ reason: "hot" })], through: SETTLED },
  ];
  const leftOut = [{ table: "d.log", engine: "Log" }];
  const holds = holdingsOf(report(tables, { settledBefore: SETTLED, leftOut }))!;
  assert.deepEqual(holds.unknown.map(({ table }) => table).sort(), [
    "d.derived",
    "d.drifted",
    "d.log",
    "d.moving",
    "d.new",
  ]);
  assert.deepEqual([holds.through, holds.missing, holds.tables], [holds.compared_through, 0, []]);
});

Deno.test("holdingsBut() takes away tables that lack more than was known, with what they were known to lack", () => {
  const lacking = (table: string, from: number, rows: bigint) => ({
    table,
    findings: [found({ table, reason: "partial", missing: rows, spans: [{ from, to: from + 100, rows }] })],
    through: SETTLED,
  });
  const before = holdingsOf(
    report([lacking("d.a", 100, 5n), lacking("d.b", 900, 7n), { table: "d.c", through: SETTLED }], {
      settledBefore: SETTLED,
    }),
  )!;
  const found8 = [found({ table: "d.a", reason: "failed", missing: 8n })];
  const holds = holdingsBut(
    before,
    report([{ table: "d.a", findings: found8 }, lacking("d.c", 300, 2n)]).tables,
  );
  assert.deepEqual(holds.unknown, [{ table: "d.a", why: "8 rows missing" }, {
    table: "d.c",
    why: "2 rows missing",
  }]);
  assert.deepEqual(holds.tables.map(({ table }) => table), ["d.b"]);
  assert.deepEqual([holds.missing, holds.from, holds.to], [7, holds.tables[0]!.from, holds.tables[0]!.to]);
  assert.equal(holds.through, before.through); // no later than it was
});

Deno.test("holdingsOf() takes neither missing rows beside keys in conflict nor presumed ones for all", () => {
  const spans = [{ from: 100, to: 200, rows: 5n }];
  const lacking = { missing: 5n, spans } as const;
  const repair = { presumed: true } as Repair;
  const tables = [
    found({ ...lacking, table: "d.conflicts", reason: "independent", cause: "same_version" }),
    found({ ...lacking, table: "d.presumed", reason: "partial", repair }),
    found({ ...lacking, table: "d.counted", reason: "partial", repair: { ...repair, presumed: false } }),
    found({ ...lacking, table: "d.twins", reason: "independent", cause: "twins" }),
  ].map((one) => ({ table: one.table, findings: [one], through: SETTLED }));
  const holds = holdingsOf(report(tables, { settledBefore: SETTLED }))!;
  assert.deepEqual(holds.unknown.map(({ table }) => table), ["d.conflicts", "d.presumed"]);
  assert.deepEqual([holds.missing, holds.tables.map(({ table }) => table)], [10, ["d.counted", "d.twins"]]);
});
