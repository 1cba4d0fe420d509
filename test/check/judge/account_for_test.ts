/** The net below all comparisons: whatever lies, a difference that is not accounted for is never clean. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc, SEED } from "../../support/seed.ts";
import { accountFor } from "../../../src/check/judge/account_for.ts";
import type { Judgement } from "../../../src/check/judge/partition_facts.ts";
import { addDigests, type Digest, EMPTY_DIGEST, subtractDigests } from "../../../src/model/digest.ts";
import {
  type MergedDifference,
  type MergedGap,
  NO_MERGED_DIFFERENCE,
} from "../../../src/model/merge_rule.ts";
import { consequence } from "../../../src/model/reason.ts";
import { reasonOf } from "../../../src/model/cause.ts";
import type { BucketDifference, BucketDigest } from "../../../src/model/scope.ts";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { WritableSite } from "../../../src/check/ports/writable_site.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import { isSettled } from "../../../src/verdict/clean.ts";
import { partition, table } from "../../support/data/tables.ts";
import { everything, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { checkSites, type CheckSitesOptions } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const UINT64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const DIGEST: fc.Arbitrary<Digest> = fc.record({
  rows: fc.bigInt({ min: 0n, max: 9n }),
  city: UINT64,
  xxh: UINT64,
});
const SCOPE = {
  axis: { column: "ts", unit: "seconds" },
  moment: { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 },
  quiet: true,
  settleSeconds: 600,
  ttls: [],
} as const;

function judgement(fields: Partial<Judgement>): Judgement {
  return { cause: null, detail: "", missing: EMPTY_DIGEST, surplus: EMPTY_DIGEST, repeated: 0n, ...fields };
}

/** What becomes of a judgement of a partition of which the sites answered this. */
function held(
  here: Digest,
  there: Digest,
  judged: Judgement,
  difference?: MergedDifference | "differs" | null,
): Judgement["cause"] {
  const answered = { here, there };
  const comparison = { here, there, absent: [], partial: [], onlyHere: EMPTY_DIGEST, bucketsOnlyHere: [] };
  const merged = difference === undefined ? {} : { merged: { difference, buckets: [0n], bucketCount: 1 } };
  const rows = { differences: [], twins: 0n, twinsAmong: 0n, newest: 9_000n };
  const facts = {
    here: partition("p"),
    there: partition("p"),
    scope: SCOPE,
    comparison,
    ...rows,
    ...merged,
  };
  const answeredMerged = difference === undefined ? null : answered;
  const mergeRule = difference === undefined
    ? { kind: "keep" as const }
    : { kind: "replace" as const, version: "v" };
  const compared = difference === undefined
    ? { facts, answered, answeredMerged }
    : { facts, answered: { here: EMPTY_DIGEST, there: { rows: 1n, city: 1n, xxh: 1n } }, answeredMerged };
  return accountFor(compared, judged, table("d.t", { mergeRule })).cause;
}

Deno.test("what is missing less what is surplus accounts for the difference in rows and in both sums, or it failed", () => {
  fc.assert(
    fc.property(DIGEST, DIGEST, DIGEST, DIGEST, DIGEST, (both, missing, surplus, lieMissing, lieSurplus) => {
      const [here, there] = [addDigests(both, surplus), addDigests(both, missing)];
      assert.equal(held(here, there, judgement({ cause: "partial", missing, surplus })), "partial");
      const lie = judgement({ missing: lieMissing, surplus: lieSurplus });
      const same = (a: Digest, b: Digest) =>
        JSON.stringify(Object.values(a), text) ===
          JSON.stringify(Object.values(b), text);
      const true_ = same(subtractDigests(there, here), subtractDigests(lieMissing, lieSurplus));
      assert.equal(held(here, there, lie), true_ ? null : "unexplained");
      for (const part of ["rows", "city", "xxh"] as const) {
        const bent = { ...missing, [part]: BigInt.asUintN(64, missing[part] + 1n) };
        assert.equal(
          held(here, there, judgement({ cause: "partial", missing: bent, surplus })),
          "unexplained",
        );
        assert.equal(
          held(here, there, judgement({ cause: "surplus", missing, surplus: bent })),
          "unexplained",
        );
      }
    }),
  );
});

const text = (_: string, value: unknown) => typeof value === "bigint" ? String(value) : value;

Deno.test("of merged rows no clean word is believed that the sums of the sites do not bear out, whatever is told", () => {
  const gap: fc.Arbitrary<MergedGap> = fc.oneof(
    fc.constant({ keys: 0n, city: 0n, xxh: 0n }),
    fc.record({ keys: fc.bigInt({ min: -3n, max: 3n }), city: UINT64, xxh: UINT64 }),
  );
  const count = fc.bigInt({ min: 0n, max: 3n });
  const lies: fc.Arbitrary<MergedDifference> = fc.record({
    missing: DIGEST,
    conflicts: count,
    unknown: count,
    surplus: count,
    unsettled: count,
    mends: gap,
    rest: gap,
  });
  const causes = fc.constantFrom(null, "unmerged", "surplus", "hot", "expiring", "partial", "same_version");
  fc.assert(
    fc.property(
      DIGEST,
      DIGEST,
      fc.option(fc.oneof(lies, fc.constant("differs" as const), fc.constant(NO_MERGED_DIFFERENCE))),
      causes,
      (here, there, told, cause) => {
        const difference = told === null || told === "differs" ? null : told;
        const judged = judgement({
          cause: cause as Judgement["cause"],
          missing: difference?.missing ?? EMPTY_DIGEST,
          surplus: { ...EMPTY_DIGEST, rows: difference?.surplus ?? 0n },
        });
        const found = held(here, there, judged, told);
        const complete = found === null || consequence(reasonOf(found)).complete;
        const gone = subtractDigests(there, here);
        const equal = gone.rows === 0n && gone.city === 0n && gone.xxh === 0n;
        // Clean in spite of a difference only where just that difference is told, and is only here.
        if (complete && !equal) {
          assert.ok(difference && difference.missing.rows + difference.conflicts + difference.unknown === 0n);
          assert.equal(BigInt.asUintN(64, difference.rest.city), gone.city);
          assert.ok(difference.surplus > 0n);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

/** Answers in place of the true ones, of everything that is asked through `remote()`. */
type Lies = Partial<Pick<WritableSite, "absentRows" | "differences" | "mergedDifference" | "twins">>;

function lying(make: (here: WritableSite) => Lies): Pick<CheckSitesOptions, "wrap"> {
  return {
    wrap: (ports: CheckPorts) => {
      const lies: Record<string, unknown> = { ...make(ports.here) };
      const here = new Proxy(ports.here, {
        get(site, name) {
          if (typeof name === "string" && lies[name]) return lies[name];
          const value = Reflect.get(site, name, site);
          return typeof value === "function" ? value.bind(site) : value;
        },
      });
      return { ...ports, here };
    },
  };
}

const swapped = (one: BucketDifference): BucketDifference => ({
  ...one,
  missing: one.surplus,
  surplus: one.missing,
});
const doubled = (one: Digest): Digest => addDigests(one, one);
const fewer = (one: Digest): Digest => ({ ...one, rows: one.rows > 0n ? one.rows - 1n : 0n });

const NAMED_LIES: Readonly<Record<string, (here: WritableSite) => Lies>> = {
  "nothing differs": () => ({
    absentRows: () => Promise.resolve([]),
    differences: () => Promise.resolve([]),
    mergedDifference: () => Promise.resolve(NO_MERGED_DIFFERENCE),
    twins: () => Promise.resolve([]),
  }),
  "missing and surplus are swapped": (here) => ({
    absentRows: () => Promise.resolve([]),
    differences: async (request) => (await here.differences(request)).map(swapped),
    mergedDifference: async (request) => {
      const { missing, surplus, ...told } = await here.mergedDifference(request);
      return { ...told, missing: { ...EMPTY_DIGEST, rows: surplus }, surplus: missing.rows };
    },
  }),
  "all of it is surplus": (here) => ({
    absentRows: () => Promise.resolve([]),
    differences: async (request) =>
      (await here.differences(request)).map((one) => ({
        ...one,
        missing: EMPTY_DIGEST,
        surplus: addDigests(one.missing, one.surplus),
      })),
    mergedDifference: async (request) => {
      const { missing, conflicts, unknown, surplus, ...told } = await here.mergedDifference(request);
      const all = missing.rows + conflicts + unknown + surplus;
      return { ...told, missing: EMPTY_DIGEST, conflicts: 0n, unknown: 0n, surplus: all };
    },
  }),
  "all of it is still arriving": (here) => ({
    absentRows: () => Promise.resolve([]),
    differences: () => Promise.resolve([]),
    mergedDifference: async (request) => {
      const { missing, mends, rest } = await here.mergedDifference(request);
      return { ...NO_MERGED_DIFFERENCE, mends, rest, unsettled: missing.rows + 1n };
    },
  }),
  "the last bucket is dropped": (here) => ({
    absentRows: async (request) => (await here.absentRows(request)).slice(1),
    differences: async (request) => (await here.differences(request)).slice(1),
    mergedDifference: async (request) => {
      const { mends: _, ...told } = await here.mergedDifference(request);
      return { ...told, mends: NO_MERGED_DIFFERENCE.mends, missing: EMPTY_DIGEST };
    },
  }),
  "every row is told twice": (here) => ({
    absentRows: async (request) => (await here.absentRows(request)).flatMap((one) => [one, one]),
    differences: async (request) =>
      (await here.differences(request)).map((one) => ({
        ...one,
        missing: doubled(one.missing),
        surplus: doubled(one.surplus),
      })),
    mergedDifference: async (request) => {
      const told = await here.mergedDifference(request);
      const twice = ({ keys, city, xxh }: MergedGap) => ({
        keys: 2n * keys,
        city: BigInt.asUintN(64, 2n * city),
        xxh: BigInt.asUintN(64, 2n * xxh),
      });
      return { ...told, missing: doubled(told.missing), mends: twice(told.mends), rest: twice(told.rest) };
    },
  }),
  "one row less is told": (here) => ({
    absentRows: async (request) =>
      (await here.absentRows(request)).map((one): BucketDigest => ({ ...one, digest: fewer(one.digest) })),
    differences: async (request) =>
      (await here.differences(request)).map((one) => ({ ...one, missing: fewer(one.missing) })),
    mergedDifference: async (request) => {
      const told = await here.mergedDifference(request);
      return { ...told, mends: { ...told.mends, keys: told.mends.keys - 1n } };
    },
  }),
};

/** Tables that differ in every way that is compared by its own code, each within a partition of both sites. */
const ENGINES: Readonly<Record<string, string>> = {
  apart: "MergeTree",
  alike: "MergeTree",
  replacing: "ReplacingMergeTree(duration)",
  last: "ReplacingMergeTree",
  coalescing: "CoalescingMergeTree",
};

Deno.test("whatever the road by remote() answers, no table that differs is clean", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", "CREATE DATABASE e");
  for (const [name, engine] of Object.entries(ENGINES)) {
    await onBoth(sites, telemetryTable(`d.${name}`, engine), telemetryTable(`e.${name}`, engine));
    // Missing there and surplus here, in other numbers; of `alike` as many of both.
    await load(primary, `d.${name}`, "2026-01-01", 200, name === "alike" ? "number != 5" : "number % 9");
    await load(dr, `d.${name}`, "2026-01-01", 200, name === "alike" ? "number != 6" : "number % 7");
    for (const site of [primary, dr]) await load(site, `e.${name}`, "2026-01-01", 200);
  }
  for (const [name, engine] of [["signs", "CollapsingMergeTree(s)"], ["only", "CollapsingMergeTree(s)"]]) {
    await onBoth(
      sites,
      `CREATE TABLE d.${name} (ts DateTime('UTC'), n UInt32, s Int8) ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY n`,
    );
    const rows = (where: string) =>
      `INSERT INTO d.${name} SELECT toDateTime('2026-01-01', 'UTC') + number, number, 1 FROM numbers(100) WHERE ${where}`;
    await primary.query(rows(name === "only" ? "number != 3" : "number % 9"));
    await dr.query(rows(name === "only" ? "number != 3 AND number % 8" : "number % 7"));
  }
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const options = { dryRun: true, settings: { settleSeconds: 1 } };
  const settled = ({ tables }: CheckReport) =>
    tables.filter(({ findings }) => findings.every(isSettled)).map(({ table }) => table).sort();
  const equal = Object.keys(ENGINES).map((name) => `e.${name}`).sort();
  const before = await everything(dr);
  const truth = await checkSites(sites, options);
  const figures = ({ tables }: CheckReport) =>
    tables.map(({ table, findings }) => [table, findings.map(({ missing, surplus }) => [missing, surplus])]);

  await t.step("the truth is told, and accounts for it", () => {
    assert.deepEqual(settled(truth), equal);
    assert.ok(!truth.tables.some(({ findings }) => findings.some(({ cause }) => cause === "unexplained")));
  });

  for (const [name, make] of Object.entries(NAMED_LIES)) {
    await t.step(name, async () => {
      const report = await checkSites(sites, { ...options, ...lying(make) });
      assert.deepEqual(settled(report), equal);
      const unexplained = report.tables.filter(({ findings }) =>
        findings.some(({ reason, cause, repair }) =>
          reason === "failed" && cause === "unexplained" && repair === null
        )
      );
      assert.ok(unexplained.length >= 5, JSON.stringify(report.tables.map(({ findings }) => findings), text));
    });
  }

  await t.step("any lie at all", async () => {
    const bucket = fc.record({ missing: DIGEST, surplus: DIGEST, repeated: fc.constant(0n) });
    const lie = fc.record({
      differences: fc.array(fc.oneof(bucket, fc.constant(null)), { minLength: 1, maxLength: 4 }),
      absent: fc.option(DIGEST),
      counts: fc.array(fc.bigInt({ min: 0n, max: 400n }), { minLength: 4, maxLength: 4 }),
      missing: DIGEST,
      twins: fc.bigInt({ min: 0n, max: 500n }),
    });
    for (
      const { differences, absent, counts, missing, twins } of fc.sample(lie, {
        seed: SEED,
        numRuns: casesOf("falseAnswers"),
      })
    ) {
      const report = await checkSites(sites, {
        ...options,
        ...lying((here) => ({
          differences: async (request) => {
            const told = await here.differences(request);
            return told.flatMap((one, at) => {
              const lie = differences[at % differences.length];
              return lie ? [{ ...one, ...lie }] : [];
            });
          },
          absentRows: async (request) => {
            const told = await here.absentRows(request);
            return absent === null ? [] : told.map((one) => ({ ...one, digest: absent }));
          },
          mergedDifference: async (request) => {
            const [conflicts, unknown, surplus, unsettled] = counts as [bigint, bigint, bigint, bigint];
            return {
              ...await here.mergedDifference(request),
              missing,
              conflicts,
              unknown,
              surplus,
              unsettled,
            };
          },
          twins: () => Promise.resolve([{ bucket: 0n, twins, free: missing }]),
        })),
      });
      assert.deepEqual(settled(report), equal, `seed ${SEED}`);
    }
  });

  await t.step("a lie that is told once is asked again, and what is true is found", async () => {
    let told = 0;
    const report = await checkSites(sites, {
      ...options,
      only: ["d.alike"],
      ...lying((here) => ({
        differences: async (request) => told++ === 0 ? [] : await here.differences(request),
      })),
    });
    assert.deepEqual(figures(report), figures(truth).filter(([table]) => table === "d.alike"));
  });
  assert.equal(await everything(dr), before);
});

Deno.test("a queue that flows in while rows are compared, and compared again, is told of as that, and waited for", async () => {
  await using sites = await startTwoSites();
  await using memory = await temporaryDirectory();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(primary, "d.t", "2026-01-01", 200);
  await load(dr, "d.t", "2026-01-01", 200, "number % 2 = 0");
  // More rows here than there, so that each is looked at.
  for (const other of ["other", "another"]) {
    await dr.query(
      `INSERT INTO d.t SELECT ts, '${other}', status, duration, attributes FROM d.t WHERE service LIKE 's%'`,
    );
  }
  let late = 1;
  const flows = lying((here) => {
    const then =
      <Request, Answer>(ask: (request: Request) => Promise<Answer>) => async (request: Request) => {
        await load(dr, "d.t", "2026-01-01", 200, `number = ${late}`);
        late += 2;
        return await ask(request);
      };
    return {
      absentRows: then((request: Parameters<typeof here.absentRows>[0]) => here.absentRows(request)),
      differences: then((request: Parameters<typeof here.differences>[0]) => here.differences(request)),
    };
  });
  const found = async (options: CheckSitesOptions) =>
    (await checkSites(sites, { memory: memory.path, ...options })).tables.flatMap(({ findings }) => findings);
  const [met] = await found(flows);
  assert.deepEqual([met?.reason, met?.cause, met?.repaired], ["backfilling", "rows_while_compared", false]);
  const [next] = await found({});
  assert.deepEqual([next?.reason, next?.cause, next?.repaired], ["backfilling", "late_rows", false]);
  assert.equal(await dr.query("SELECT uniqExact(tuple(*)) = count(), count() < 400 FROM d.t"), "1\t1\n");
});
