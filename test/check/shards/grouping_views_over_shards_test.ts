/** Targets of views that group, over several shards: what they lack of the active site's is added, and no view is fed. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc, SEED } from "../../support/seed.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { OTEL_SCHEMA } from "../../support/data/otel.ts";
import { checkShards, type Shards } from "../../support/sites/check_shards.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startShardedSites } from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const CASES = casesOf("groupingViews");

const KINDS: readonly Shards[] = [[[0, 1], [0]], [[0, 1], [0, 1]], [[0], [0, 1]]];

/** Spans of some traces, the insert and the shard in which they came to either site, and what got lost since. */
const spans = fc.array(
  fc.record({
    trace: fc.nat(5),
    day: fc.nat(1),
    second: fc.nat(999),
    there: fc.nat(1),
    here: fc.nat(1),
    insertThere: fc.nat(2),
    insertHere: fc.nat(2),
    lost: fc.constantFrom("nothing", "nothing", "all here", "all here", "source here", "source there"),
  }),
  { minLength: 1, maxLength: 40 },
);
type Span = (typeof spans extends fc.Arbitrary<readonly (infer R)[]> ? R : never) & { readonly id: number };

/** As the exporter of the OpenTelemetry collector makes them, with fewer columns. */
const SOURCE =
  "(Timestamp DateTime64(9), TraceId String, SpanId String, ServiceName LowCardinality(String)) " +
  "ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, toDateTime(Timestamp)) " +
  "TTL toDateTime(Timestamp) + toIntervalDay(3650)";
const TARGET =
  "(TraceId String, Start DateTime, End DateTime) ENGINE = MergeTree PARTITION BY toDate(Start) " +
  "ORDER BY (TraceId, Start) TTL toDateTime(Start) + toIntervalDay(3650)";

async function create(site: Site, name: string): Promise<void> {
  await site.query(`CREATE TABLE d.${name} ${SOURCE}`);
  await site.query(`CREATE TABLE d.${name}_ts ${TARGET}`);
  await site.query(
    `CREATE MATERIALIZED VIEW d.${name}_mv TO d.${name}_ts AS SELECT TraceId, min(Timestamp) AS Start, ` +
      `max(Timestamp) AS End FROM d.${name} WHERE TraceId != '' GROUP BY TraceId`,
  );
}

async function insert(site: Site, name: string, some: readonly Span[], insertOf: (span: Span) => number) {
  for (const [, together] of Map.groupBy(some, insertOf)) {
    const values = together.map(({ trace, day, second, id }) =>
      `(toDateTime64('2026-01-0${day + 1} 00:00:00', 9) + ${second}, '${
        trace === 0 ? "" : `trace ${trace}`
      }', 'span ${id}', 'shop')`
    );
    await site.query(`INSERT INTO d.${name} VALUES ${values.join(", ")}`);
  }
}

async function rowsOf(sites: readonly Site[], sql: string): Promise<string[]> {
  const found = await Promise.all(sites.map((site) => site.query(`${sql} FORMAT TSVRaw`)));
  return found.flatMap((text) => text.split("\n").filter(Boolean)).sort();
}

/** The first and the last time of each trace, from these servers' targets together. */
async function meaning(
  sites: readonly Site[],
  name: string,
): Promise<Map<string, readonly [string, string]>> {
  const rows = await rowsOf(sites, `SELECT TraceId, Start, End FROM d.${name}_ts`);
  const found = new Map<string, readonly [string, string]>();
  for (const [trace, start, end] of rows.map((row) => row.split("\t") as [string, string, string])) {
    const [least, most] = found.get(trace) ?? [start, end];
    found.set(trace, [start < least ? start : least, end > most ? end : most]);
  }
  return new Map([...found].sort());
}

Deno.test("targets of views that group, over several shards of either site", async (t) => {
  await using sites = await startShardedSites(2, () => ({}), [1, 1], {
    leastPrivilege: { databases: ["d", "otel"], with: ["LOCAL_CH_URL"] },
  });
  const { shards, drs, first } = sites;
  await sites.everywhere("CREATE DATABASE d");
  // Spans of one second are twins of each other.
  const check = (tables: readonly string[], both: Shards) =>
    checkShards(sites, tables, both, { maxConflictPercent: 100 });

  await t.step(
    "whatever was lost of the spans, and however inserts and shards cut them, traces are what they are on one server",
    async () => {
      const cases = await Promise.all(
        fc.sample(spans, { seed: SEED, numRuns: CASES }).map(async (found, index) => {
          const name = `t${index}`;
          const both = KINDS[index % KINDS.length]!;
          const all = found.map((span, id): Span => ({ ...span, id }));
          const [there, here] = [both[0].map((at) => shards[at]!), both[1].map((at) => drs[at]!)];
          for (const site of [...there, ...here]) await create(site, name);
          for (const [at, site] of there.entries()) {
            await insert(site, name, all.filter((s) => s.there % there.length === at), (s) => s.insertThere);
          }
          for (const [at, site] of here.entries()) {
            const own = all.filter((s) => s.here % here.length === at && s.lost !== "all here");
            await insert(site, name, own, (s) => s.insertHere);
          }
          for (const [lost, some] of Map.groupBy(all, ({ lost }) => lost)) {
            const [what, where] = lost.split(" ");
            if (what !== "source") continue;
            const ids = some.map(({ id }) => `'span ${id}'`).join(", ");
            for (const site of where === "here" ? here : there) {
              await site.query(
                `ALTER TABLE d.${name} DELETE WHERE SpanId IN (${ids}) SETTINGS mutations_sync = 2`,
              );
            }
          }
          return { name, both, there, here, say: `seed ${SEED}: ${JSON.stringify(found)}` };
        }),
      );
      for (const both of KINDS) {
        const some = cases.filter((one) => one.both === both);
        if (some.length === 0) continue;
        const tables = some.flatMap(({ name }) => [`d.${name}`, `d.${name}_ts`]);
        const expected = new Map<string, unknown>();
        for (const { name, there, here } of some) {
          expected.set(name, await meaning([...there, ...here], name));
          const union = await rowsOf([...there, ...here], `SELECT SpanId FROM d.${name}`);
          expected.set(`${name} spans`, [...new Set(union)]);
        }
        const report = await check(tables, both);
        assert.equal(report.error, null);
        const again = await check(tables, both);
        for (const { name, here, say } of some) {
          const open = findingsOf(again).filter(({ table, reason }) =>
            (table === `d.${name}` || table === `d.${name}_ts`) && reason !== "surplus"
          );
          assert.deepEqual(open.map(({ table, cause }) => [table, cause]), [[
            `d.${name}_ts`,
            "derived_proven",
          ]], say);
          assert.deepEqual(
            await rowsOf(here, `SELECT SpanId FROM d.${name}`),
            expected.get(`${name} spans`),
            say,
          );
          assert.deepEqual(await meaning(here, name), expected.get(name), say);
        }
      }
    },
  );

  await t.step(
    "of a trace that goes on, what is old is brought here, and clean is what lacks nothing",
    async () => {
      for (const site of [...shards, ...drs]) await create(site, "live");
      const old = "toDateTime64('2026-01-01 00:00:07', 9)";
      const span = (time: string, id: string) => `INSERT INTO d.live VALUES (${time}, 'on', '${id}', 'shop')`;
      await shards[0]!.query(span(old, "first"));
      // Of what its TTL takes within the hour, sites that cut rows in other ways need not have the same.
      const ending = "now64(9) - INTERVAL 3650 DAY + INTERVAL 30 MINUTE";
      await shards[0]!.query(`INSERT INTO d.live VALUES (${ending}, 'ends', 'soon', 'shop')`);
      for (const site of [shards[1]!, drs[0]!]) await site.query(span("now64(9) + 60", "last"));
      const tables = ["d.live", "d.live_ts"];
      const found = findingsOf(await check(tables, KINDS[1]!));
      const source = found.find(({ table, partitionId }) => table === "d.live" && partitionId === "20260101");
      assert.deepEqual(
        [source?.reason, source?.repaired],
        ["missing", true],
        JSON.stringify(found.map(({ table, reason, detail }) => [table, reason, detail])),
      );
      assert.deepEqual([...(await meaning(drs, "live")).keys()], ["on"]);
      assert.equal((await meaning(drs, "live")).get("on")?.[0], "2026-01-01 00:00:07");
      const again = await check(tables, KINDS[1]!);
      assert.ok(isClean(again));
      // Only what the target lost: its source has nothing to feed it with.
      for (const site of drs) await site.query("TRUNCATE TABLE d.live_ts");
      const plan = await checkSites(first, {
        only: tables,
        dryRun: true,
        settings: sites.settingsOfBoth(...KINDS[1]!),
      });
      assert.ok(findingsOf(plan).some(({ table, reason }) => table === "d.live_ts" && reason === "missing"));
      await check(tables, KINDS[1]!);
      assert.equal((await meaning(drs, "live")).get("on")?.[0], "2026-01-01 00:00:07");
    },
  );

  await t.step("rows that are alike mean no more than one: their copies stand against nothing", async () => {
    for (const site of [...shards, ...drs]) await create(site, "short");
    // Traces of less than a second, of which spans came in several inserts, and to both shards.
    for (const [at, site] of [...shards, ...shards].entries()) {
      const values = Array.from(
        { length: 20 },
        (_, trace) =>
          `(toDateTime64('2026-01-01 00:00:00', 9) + ${trace}, 'trace ${trace}', '${at} ${trace}', 'shop')`,
      );
      await site.query(`INSERT INTO d.short VALUES ${values.join(", ")}`);
    }
    for (const both of [KINDS[0]!, KINDS[1]!]) {
      for (const site of drs) {
        await site.query("TRUNCATE TABLE d.short");
        await site.query("TRUNCATE TABLE d.short_ts");
      }
      await check(["d.short", "d.short_ts"], both);
      const here = both[1].map((at) => drs[at]!);
      assert.deepEqual(await meaning(here, "short"), await meaning(shards, "short"));
      assert.ok(isClean(await check(["d.short", "d.short_ts"], both)));
    }
  });

  await t.step("rows that were deleted here do not come back by themselves", async () => {
    for (const site of drs) await site.query("DELETE FROM d.short_ts WHERE TraceId = 'trace 7'");
    const report = await check(["d.short", "d.short_ts"], KINDS[1]!);
    assert.ok(!isClean(report));
    const found = findingsOf(report).filter(({ table }) => table === "d.short_ts");
    assert.ok(
      found.some(({ reason }) => reason === "deleted"),
      JSON.stringify(found.map(({ detail }) => detail)),
    );
    assert.equal((await meaning(drs, "short")).has("trace 7"), false);
  });

  await t.step("between two shards, what one of them has got is not added once more", async () => {
    const exporter = OTEL_SCHEMA.filter((sql) => /otel_traces|CREATE DATABASE/.test(sql));
    for (const sql of exporter) await sites.everywhere(sql);
    const spans = Array.from(
      { length: 40 },
      (_, at) => `(toDateTime64('2026-01-01 00:00:00', 9) + ${at}, 'trace ${at}', 'span ${at}', 'shop')`,
    );
    await shards[0]!.query(
      `INSERT INTO otel.otel_traces (Timestamp, TraceId, SpanId, ServiceName) VALUES ${spans.join(", ")}`,
    );
    const [source, target] = ["otel.otel_traces", "otel.otel_traces_trace_id_ts"];
    const tables = [source!, target!];
    await using points = startFaultPoints(() => drs[1]!.url);
    const named = sites.settingsOfBoth();
    const [one, two] = named.localShards;
    const settings = { ...named, localShards: [one!, [{ ...two![0]!, url: points.url }]] };
    for (const cut of tables) {
      points.before = ({ sql }) =>
        new RegExp(`MOVE PARTITION[^]*TO TABLE .*${cut.slice(5)}\\b`).test(sql) ? "cut" : "answer";
      const report = await checkSites(first, { only: tables, settings });
      const failed = findingsOf(report).filter(({ reason }) => reason === "failed");
      assert.match(
        failed[0]?.detail ?? "",
        /rows had been added before/,
        JSON.stringify([
          cut,
          report.error,
          findingsOf(report).map(({ table, reason, detail }) => [table, reason, detail]),
        ]),
      );
      // What is made of rows that are not whole yet waits for them.
      const waiting = findingsOf(report).find(({ table }) => table === target);
      if (cut === source) assert.match(waiting?.detail ?? "", /once otel\.otel_traces, /);
      assert.ok(!isClean(report));
    }
    points.before = () => "answer";
    await checkSites(first, { only: tables, settings });
    assert.ok(isClean(await checkSites(first, { only: tables, settings })));
    for (const table of tables) assert.equal((await rowsOf(drs, `SELECT 1 FROM ${table}`)).length, 40, table);
  });

  await t.step("what is put together otherwise is refused by name", async () => {
    const cases: readonly (readonly [string, string, string, RegExp])[] = [
      ["counted", "n UInt64", "count() AS n", /n is neither/],
      ["drawn", "s String", "any(SpanId) AS s", /s is neither/],
      ["shares", "s Float64", "max(toFloat64(Timestamp)) AS s", /s is neither/],
      [
        "early",
        "s DateTime, n UInt64",
        "min(Timestamp) AS s, max(length(SpanId)) AS n",
        /none of its columns tells the latest time/,
      ],
      ["later", "s DateTime", "max(Timestamp + 1) AS s", /none of its columns tells the latest time/],
    ];
    for (const [name, column, select] of cases) {
      await sites.everywhere(`CREATE TABLE d.${name} ${SOURCE}`);
      await sites.everywhere(
        `CREATE TABLE d.${name}_to (TraceId String, ${column}) ENGINE = MergeTree ORDER BY TraceId`,
      );
      await sites.everywhere(
        `CREATE MATERIALIZED VIEW d.${name}_mv TO d.${name}_to AS SELECT TraceId, ${select} FROM d.${name} GROUP BY TraceId`,
      );
      await shards[1]!.query(
        `INSERT INTO d.${name} VALUES (toDateTime64('2026-01-01 00:00:00', 9), 'a', 'b', 'c')`,
      );
    }
    const report = await check(cases.flatMap(([name]) => [`d.${name}`, `d.${name}_to`]), KINDS[1]!);
    assert.ok(!isClean(report));
    for (const [name, , , says] of cases) {
      for (const table of [`d.${name}`, `d.${name}_to`]) {
        const [found] = findingsOf(report).filter((one) => one.table === table);
        assert.equal(found?.cause, "over_shards", table);
        assert.match(found?.detail ?? "", says);
      }
      assert.deepEqual(await rowsOf(drs, `SELECT count() FROM d.${name}`), ["0", "0"]);
    }
  });
});
