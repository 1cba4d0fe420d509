import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { JudgedPartition } from "../../src/check/judge/judged_partition.ts";
import type { PartitionFacts } from "../../src/check/judge/partition_facts.ts";
import { finding } from "../../src/model/report.ts";
import { compareBuckets } from "../../src/check/compare/compare_buckets.ts";
import { renderJudged } from "../../src/report/render_judged.ts";
import { arbitraryPartition } from "../support/data/arbitrary_memory.ts";
import { digest, partition } from "../support/data/tables.ts";

const BUCKETING = { kind: "hash", count: 1 } as const;

const FACTS: PartitionFacts = {
  here: partition("p", { rows: 5n }),
  there: partition("p", { rows: 9n }),
  scope: {
    axis: { column: "ts", unit: "seconds" },
    moment: { now: 1_767_226_200, settledBefore: 1_767_225_600, settledBeforeDay: 20_454 },
    quiet: false,
    settleSeconds: 600,
    ttls: [],
  },
  comparison: compareBuckets([{ partitionId: "p", bucket: 1n, digest: digest(5) }], [
    { partitionId: "p", bucket: 1n, digest: digest(5) },
    { partitionId: "p", bucket: 2n, digest: digest(4) },
  ]),
  differences: [],
  twins: 3n,
  twinsAmong: 4n,
  newest: 1_767_226_199n,
};
const REMEMBERED = {
  rowsHere: 5n,
  rowsActive: 5n,
  quiet: true,
  arrivedAt: 1_767_220_000,
  repair: { rows: 2n, city: 1n, times: 2, at: 1_767_221_000 },
  digestedAt: 1_767_222_000,
  proof: null,
};
const JUDGED: JudgedPartition = {
  table: "d.t",
  partitionId: "p",
  reading: "digest",
  compared: { facts: FACTS, method: "apart", bucketing: BUCKETING },
  remembered: REMEMBERED,
  plan: { finding: finding("d.t", "p", "today", "rows of today differ"), repair: null, ifAccepted: null },
};

Deno.test("renderJudged() tells the reason with its cause, the figures, what settled, twins and the memory", () => {
  const line = renderJudged(JUDGED);
  for (
    const part of [
      "backfilling (today): rows of today differ",
      "rows in parts 5 here, 9 at the active site",
      "settled rows 5 here, 9 at the active site",
      "ts is before 2026-01-01T00:00:00Z",
      "newest row 2026-01-01T00:09:59Z",
      "3 twins among 4 missing rows",
      "no repair is planned",
      "remembered: 5 rows here, 5 at the active site",
      "repaired 2025-12-31T22:43:20Z: 2 rows, at 2 checks",
    ]
  ) assert.ok(line.includes(part), `${part} in ${line}`);
});

Deno.test("renderJudged() says what was proven before, and that nothing was read for it", () => {
  const proof = { here: "1", active: "2", written: 3n, city: 1n, reason: "surplus" as const, surplus: 4n };
  const unread = { ...JUDGED, compared: null, plan: null };
  assert.match(
    renderJudged({ ...unread, reading: "proven", remembered: { ...REMEMBERED, proof } }),
    /^surplus; not read/,
  );
  assert.match(
    renderJudged({ ...unread, reading: "unchanged", remembered: null }),
    /^in sync; not read[^;]*$/,
  );
});

Deno.test("renderJudged() takes any time that a column may hold, and any memory", () => {
  const times = fc.record({ newest: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), days: fc.boolean() });
  fc.assert(fc.property(times, arbitraryPartition, ({ newest, days }, remembered) => {
    const axis = { column: "ts", unit: days ? "days" as const : "seconds" as const };
    const facts = { ...FACTS, newest, scope: { ...FACTS.scope, axis } };
    assert.ok(
      renderJudged({ ...JUDGED, compared: { facts, method: "apart", bucketing: BUCKETING }, remembered })
        .includes(
          "newest row",
        ),
    );
  }));
});
