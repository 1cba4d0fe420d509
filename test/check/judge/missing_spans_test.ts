/** The spans of time that a check names hold every missing row, and as many rows as are missing. */
import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { Finding } from "../../../src/model/report.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";

const DAY = Date.parse("2026-01-02T00:00Z") / 1000;
const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19);
const spansOf = (found: Finding | undefined) =>
  (found?.spans ?? []).map(({ from, to, rows }) => `${clock(from)} ${clock(to)} ${rows}`);

Deno.test("findings say when the missing rows are of", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const look = async (table: string) => findingsOf(await checkSites(sites, { only: [table], dryRun: true }));

  await t.step("two gaps of a day, to a bucket", async () => {
    await onBoth(sites, telemetryTable("d.gaps"));
    await load(primary, "d.gaps", "2026-01-02", 86_400);
    await load(dr, "d.gaps", "2026-01-02", 86_400, "toHour(ts) NOT IN (5, 6, 20)");
    const [found] = await look("d.gaps");
    assert.equal(found!.missing, 3n * 3600n);
    // 86,400 rows make 172 buckets, of 503 seconds each.
    const [first, second, ...rest] = found!.spans;
    assert.deepEqual([first!.rows, second!.rows, rest], [7200n, 3600n, []]);
    for (const [span, from, to] of [[first!, 5, 7], [second!, 20, 21]] as const) {
      assert.ok(span.from <= DAY + from * 3600 && span.from > DAY + from * 3600 - 503);
      assert.ok(span.to >= DAY + to * 3600 && span.to < DAY + to * 3600 + 503);
    }
  });

  await t.step("a partition that is absent, from its first row to its last", async () => {
    await onBoth(sites, telemetryTable("d.absent"));
    await load(primary, "d.absent", "2026-01-01", 24);
    await load(primary, "d.absent", "2026-01-02", 24);
    const found = await look("d.absent");
    assert.deepEqual(found.map(spansOf), [["00:00:00 23:00:01 24"], ["00:00:00 23:00:01 24"]]);
    assert.deepEqual(found.map(({ spans }) => spans[0]!.from), [DAY - 86_400, DAY]);
  });

  await t.step("days, numbers of no time, and none at all", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.days (day Date, n UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY n",
      "CREATE TABLE d.none (n UInt64) ENGINE = MergeTree ORDER BY n",
      "CREATE TABLE d.nullable (ts Nullable(DateTime('UTC')), n UInt64) ENGINE = MergeTree ORDER BY (n, ts) " +
        "SETTINGS allow_nullable_key = 1",
    );
    await primary.query("INSERT INTO d.days SELECT toDate('2026-01-01') + number, number FROM numbers(3)");
    await primary.query("INSERT INTO d.none SELECT number FROM numbers(3)");
    await primary.query(
      "INSERT INTO d.nullable SELECT if(number = 0, NULL, toDateTime('2026-01-02 00:00:00', 'UTC') + number), number FROM numbers(3)",
    );
    await dr.query("INSERT INTO d.nullable SELECT toDateTime('2026-01-02 00:00:00', 'UTC') + 1, 1");
    const [days] = await look("d.days");
    assert.deepEqual(days!.spans, [{ from: DAY - 86_400, to: DAY + 2 * 86_400, rows: 3n }]);
    const [none] = await look("d.none");
    assert.deepEqual([none!.missing, none!.spans], [3n, []]);
    const [nullable] = await look("d.nullable");
    assert.deepEqual([nullable!.missing, spansOf(nullable)], [2n, ["00:00:01 00:00:03 1"]]);
  });

  await t.step("an engine that merges rows: the time of the partition", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.merged (ts DateTime('UTC'), k UInt64, v UInt64) ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMMDD(ts) ORDER BY k",
    );
    const rows = (where: string) =>
      `INSERT INTO d.merged SELECT toDateTime('2026-01-02 00:00:00', 'UTC') + number * 60, number, 1 FROM numbers(60) WHERE ${where}`;
    await primary.query(rows("1"));
    await dr.query(rows("number % 3 = 0"));
    const [found] = await look("d.merged");
    assert.deepEqual([found!.reason, found!.missing, spansOf(found)], ["partial", 40n, [
      "00:00:00 00:59:01 40",
    ]]);
  });

  await t.step("whatever is missing, and wherever", async () => {
    await onBoth(sites, telemetryTable("d.any"));
    await load(primary, "d.any", "2026-01-02", 21_600);
    const gap = fc.tuple(fc.nat(21_599), fc.integer({ min: 1, max: 4000 }));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(gap, { minLength: 1, maxLength: 20 }), async (gaps) => {
        await dr.query("TRUNCATE TABLE d.any SYNC");
        const lacks = gaps.map(([from, length]) => `(number >= ${from} AND number < ${from + length})`).join(
          " OR ",
        );
        await load(dr, "d.any", "2026-01-02", 21_600, `NOT (${lacks})`);
        const [found] = await look("d.any");
        const { spans, missing } = found!;
        assert.ok(spans.length > 0 && spans.length <= 12);
        assert.equal(spans.reduce((sum, { rows }) => sum + rows, 0n), missing);
        for (const { from, to, rows } of spans) {
          const number =
            "intDiv(toUnixTimestamp64Milli(ts) - toUnixTimestamp64Milli(toDateTime64('2026-01-02', 3, 'UTC')), 4000)";
          const inside = `toUnixTimestamp64Milli(ts) >= ${from}000 AND toUnixTimestamp64Milli(ts) < ${to}000`;
          const lacking = `(${lacks.replaceAll("number", number)})`;
          const answer = await primary.query(`SELECT count() FROM d.any WHERE ${inside} AND ${lacking}`);
          assert.equal(BigInt(answer.trim()), rows);
        }
      }),
      { numRuns: 6 },
    );
  });
});
