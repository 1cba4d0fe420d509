/** A site of several shards is compared as a whole: whatever lies where, each row is here as often as there in the end. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { startBalancer } from "../../support/links/balancer.ts";
import { startSlowLink } from "../../support/links/slow_link.ts";
import {
  beforeRepair,
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { insertPlaced, type PlacedRow, placedTable, sum, timesOf } from "../../support/data/placed_rows.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { type ShardedSites, startShardedSites } from "../../support/sites/sharded_sites.ts";

const DAY = "2026-01-01";

async function check({ first, settings }: ShardedSites, table: string, options: CheckSitesOptions = {}) {
  return await checkSites(first, {
    only: [table],
    ...options,
    settings: { ...settings(), ...options.settings },
  });
}

/** Rows are spread by key, or at random, some of them several times; of some shards, this site lacks a span of ids. */
const histories = fc.record({
  shards: fc.constantFrom([0], [0, 1], [1, 0, 2], [2, 1]),
  byKey: fc.boolean(),
  days: fc.integer({ min: 1, max: 3 }),
  rows: fc.array(
    fc.record({
      day: fc.nat(2),
      place: fc.nat(5),
      copies: fc.constantFrom(1, 1, 1, 2),
      again: fc.option(fc.nat(5), { freq: 1 }),
      here: fc.constantFrom("as there", "as there", "as there", "less", "none", "none", "more"),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  outage: fc.option(fc.record({ shard: fc.nat(2), from: fc.nat(60), to: fc.nat(60) })),
  onlyHere: fc.nat(3),
}).map(({ shards, byKey, days, rows, outage, onlyHere }) => {
  const placed = rows.map((row, id): PlacedRow => {
    const there = shards.map(() => 0);
    const own = (byKey ? id : row.place) % shards.length;
    there[own]! += row.copies;
    // The same row on another shard too, as a retried insert leaves it.
    if (row.again !== null) there[row.again % shards.length]! += 1;
    const total = sum(there);
    const lost = outage && outage.shard % shards.length === own && id >= outage.from && id <= outage.to;
    const here = lost || row.here === "none"
      ? 0
      : row.here === "less"
      ? total - 1
      : row.here === "more"
      ? total + 1
      : total;
    return { day: row.day % days, id, there, here: [here] };
  });
  const extra = Array.from({ length: onlyHere }, (_, at): PlacedRow => ({
    day: 0,
    id: 1000 + at,
    there: shards.map(() => 0),
    here: [1],
  }));
  return { shards, rows: [...placed, ...extra] };
});

Deno.test("a site of several shards is compared, and repaired from, as a whole", async (t) => {
  await using sites = await startShardedSites(
    3,
    (shard) => shard === 1 ? { sync: { rowPolicies: { "shop.hidden": "id = 1" } } } : {},
  );
  const { shards, dr } = sites;
  await sites.everywhere("CREATE DATABASE shop");

  await t.step(
    "whatever is spread in whatever way, the passive site holds each row as often in the end",
    async () => {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(histories, async ({ shards: used, rows }) => {
          const table = `shop.t${number++}`;
          const create = placedTable(table);
          await dr.query(create);
          for (const [at, shard] of used.entries()) {
            await shards[shard]!.query(create);
            await insertPlaced(shards[shard]!, table, rows, ({ there }) => there[at]!);
          }
          await insertPlaced(dr, table, rows, ({ here }) => sum(here));
          const settings = sites.settings(used);
          const options = { settings: { ...settings, maxConflictPercent: 100 } };
          const first = await check(sites, table, options);
          const wanted = rows.flatMap((row): [string, number][] => {
            const most = Math.max(sum(row.there), sum(row.here));
            return most > 0 ? [[String(row.id), most]] : [];
          });
          // Few rows of a day of which most are there twice look like copies: that day is left alone, and none is added in part.
          const copies = findingsOf(first).some(({ detail }) => /Copies would count twice/.test(detail));
          if (copies) {
            const now = await timesOf([dr], table);
            const each = new Map(wanted);
            for (const { id, here } of rows) {
              const times = now.get(String(id)) ?? 0;
              assert.ok([sum(here), each.get(String(id)) ?? 0].includes(times), `row ${id}`);
            }
            return;
          }
          assert.deepEqual(await timesOf([dr], table), new Map(wanted.toSorted()));
          const before = await content(dr, table);
          const again = await check(sites, table, options);
          assert.ok(
            rows.every(({ there }) => sum(there) === 0) || isClean(again),
            again.error ?? JSON.stringify(reasonsOf(again)),
          );
          assert.equal(await content(dr, table), before);
          for (const site of [dr, ...used.map((at) => shards[at]!)]) {
            await site.query(`DROP TABLE ${table} SYNC`);
          }
        }),
        { numRuns: casesOf("shardsThere"), endOnFailure: true },
      );
    },
  );

  await t.step("a gap among many rows, which only some buckets hold", async () => {
    const table = "shop.large";
    await sites.everywhere(telemetryTable(table));
    for (const [at, shard] of shards.entries()) {
      await load(shard, table, DAY, 20_000, `cityHash64(number) % 3 = ${at}`);
    }
    await load(dr, table, DAY, 20_000, "NOT (cityHash64(number) % 3 = 1 AND number BETWEEN 9000 AND 9500)");
    const report = await check(sites, table);
    assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "partial, repaired" });
    assert.deepEqual(report.replicas.shards.map(({ url }) => url), shards.map(({ url }) => url));
    await load(shards[0]!, "shop.large", "2026-01-02", 20);
    const next = await check(sites, table);
    assert.deepEqual(reasonsOf(next), { [`${table} 20260102`]: "missing, repaired" });
    assert.equal(
      await dr.query(`SELECT count(), uniqExact(toString(tuple(*))) FROM ${table}`),
      "20020\t20020\n",
    );
  });

  await t.step(
    "of rows that are missing at random, the hashes of all cross once, and not once a shard",
    async () => {
      const table = "shop.random";
      await sites.everywhere(telemetryTable(table));
      const [day, rows] = ["2026-01-03", 40_000];
      for (const [at, shard] of shards.entries()) {
        await load(shard, table, day, rows, `cityHash64(number) % 3 = ${at}`);
      }
      await load(dr, table, day, rows, "sipHash64(number) % 100 > 0");
      await using stack = new AsyncDisposableStack();
      const links = shards.map(({ tcpPort }) => stack.use(startSlowLink(tcpPort)));
      const linked = sites.settings().shards.map(([one], at) => [
        { ...one!, native: { ...one!.native, port: links[at]!.port } },
      ]);
      const settings = { shards: linked, remoteNative: linked[0]![0]!.native };
      assert.deepEqual(reasonsOf(await check(sites, table, { settings })), {
        [`${table} 20260103`]: "partial, repaired",
      });
      assert.equal(await dr.query(`SELECT uniqExact(ts), count() FROM ${table}`), `${rows}\t${rows}\n`);
      // The sets of three shards would be three times as many bytes as there are hashes.
      const bytes = links.reduce((sum, link) => sum + link.bytes, 0);
      assert.ok(bytes < 2 * 8 * rows, `${bytes} bytes`);
    },
  );

  await t.step("what was proven is not read again until a shard changes", async () => {
    const table = "shop.large";
    const memory = await Deno.makeTempDir({ prefix: "ch-sync-memory-" });
    try {
      const proven = async () => (await check(sites, table, { memory })).tables[0]!.proven;
      assert.equal(await proven(), 0);
      assert.equal(await proven(), 2);
      await load(shards[2]!, table, DAY, 10, "number = 5");
      assert.equal(await proven(), 1);
    } finally {
      await Deno.remove(memory, { recursive: true });
    }
  });

  await t.step(
    "tables that are not the same on every shard, or not compared yet, are refused by name",
    async () => {
      const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
        ["shop.wider", async () => {
          await sites.everywhere("CREATE TABLE shop.wider (id UInt64) ENGINE = MergeTree ORDER BY id");
          await shards[1]!.query("ALTER TABLE shop.wider ADD COLUMN v UInt8");
        }, /shard 2 of the active site is not like .*column v/],
        ["shop.lacking", async () => {
          await sites.everywhere("CREATE TABLE shop.lacking (id UInt64) ENGINE = MergeTree ORDER BY id");
          await shards[2]!.query("DROP TABLE shop.lacking");
        }, /not on shard 3/],
        ["shop.lacking_first", async () => {
          await sites.everywhere(
            "CREATE TABLE shop.lacking_first (id UInt64) ENGINE = MergeTree ORDER BY id",
          );
          await shards[0]!.query("DROP TABLE shop.lacking_first");
        }, /not on shard 1/],
        ["shop.keyed", async () => {
          for (const [at, site] of [...shards, dr].entries()) {
            const key = at === 1 ? "toYYYYMMDD(ts)" : "toYYYYMM(ts)";
            await site.query(
              `CREATE TABLE shop.keyed (ts DateTime) ENGINE = MergeTree PARTITION BY ${key} ORDER BY ts`,
            );
          }
        }, /shard 2 .* partition key/],
        ["shop.summing", async () => {
          await sites.everywhere(
            "CREATE TABLE shop.summing (id UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY id",
          );
        }, /puts rows of a key together/],
        ["shop.feeding", async () => {
          await sites.everywhere("CREATE TABLE shop.feeding (id UInt64) ENGINE = MergeTree ORDER BY id");
          await sites.everywhere(
            "CREATE MATERIALIZED VIEW shop.view ENGINE = MergeTree ORDER BY id AS SELECT id FROM shop.feeding",
          );
        }, /views are fed by it/],
      ];
      for (const [table, make, says] of cases) {
        await make();
        await shards.at(-1)!.query(`INSERT INTO ${table} SELECT * FROM ${table}`).catch(() => {});
        const report = await check(sites, table);
        const [found] = findingsOf(report);
        assert.deepEqual([found?.table, found?.cause, isClean(report)], [table, "over_shards", false]);
        assert.match(found?.detail ?? "", says);
      }
    },
  );

  await t.step("twins are told from missing rows, whichever shards they lie on", async () => {
    const table = "shop.twins";
    await sites.everywhere(
      `CREATE TABLE ${table} (ts DateTime, id UInt64, v String, w String) ENGINE = MergeTree ` +
        "PARTITION BY toYYYYMMDD(ts) ORDER BY (id, ts)",
    );
    const rows = (from: number, to: number, v: string, where = "1") =>
      `INSERT INTO ${table} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number AS ts, number AS id, '${v}', 'same' ` +
      `FROM numbers(${from}, ${to - from}) WHERE ${where}`;
    for (const [at, shard] of shards.entries()) {
      await shard.query(rows(0, 100, "there", `number % 3 = ${at}`));
    }
    await dr.query(rows(0, 75, "there"));
    await dr.query(rows(75, 80, "here"));
    const [refused] = findingsOf(await check(sites, table));
    assert.deepEqual([refused?.reason, refused?.missing, refused?.surplus], ["partial", 20n, 5n]);
    assert.equal(await dr.query(`SELECT uniqExact(id), countIf(v = 'here') FROM ${table}`), "100\t5\n");
  });

  await t.step("a table of which every shard has a copy is not copied several times", async () => {
    const cases: readonly (readonly [string, readonly string[], string])[] = [
      ["alike, and nothing here", ["1", "1", "1"], "0"],
      ["alike, and some here", ["1", "1", "1"], "number < 3"],
      ["one is behind, and nothing here", ["1", "1", "number < 6"], "0"],
      ["all differ, and nothing here", ["number != 7", "number != 8", "number != 9"], "0"],
      ["all differ, and one copy here", ["number != 7", "number != 8", "number != 9"], "1"],
      ["all differ, and the half of one here", ["number != 7", "number != 8", "number != 9"], "number % 2"],
    ];
    for (const [at, [what, there, here]] of cases.entries()) {
      const table = `shop.copies_${at}`;
      await sites.everywhere(telemetryTable(table));
      for (const [at, shard] of shards.entries()) await load(shard, table, DAY, 10, there[at]!);
      await load(dr, table, DAY, 10, here);
      const before = await content(dr, table);
      const report = await check(sites, table);
      assert.deepEqual(findingsOf(report).map(({ reason }) => reason), ["failed"], what);
      assert.match(findingsOf(report)[0]?.detail ?? "", /Copies would count twice/);
      assert.equal(await content(dr, table), before, what);
    }
  });

  await t.step(
    "copies in one partition, and an insert that was sent twice, hold up no other rows",
    async () => {
      const table = "shop.sent_twice";
      await sites.everywhere(telemetryTable(table));
      for (const [at, shard] of shards.entries()) {
        await load(shard, table, DAY, 300, `number % 3 = ${at}`);
        await load(shard, table, "2026-01-02", 30, `number % 3 = ${at}`);
        await load(shard, table, "2026-01-03", 20);
      }
      await load(shards[0]!, table, DAY, 300, "number = 3");
      await load(dr, table, DAY, 300);
      await load(dr, table, "2026-01-02", 30, "number < 10");
      const report = await check(sites, table);
      assert.deepEqual(reasonsOf(report), {
        [`${table} 20260101`]: "partial, repaired",
        [`${table} 20260102`]: "partial, repaired",
        [`${table} 20260103`]: "failed",
      });
      const days = "SELECT toDate(ts) AS day, count() FROM shop.sent_twice GROUP BY day ORDER BY day";
      assert.equal(await dr.query(days), `${DAY}\t301\n2026-01-02\t30\n`);
      assert.deepEqual(reasonsOf(await check(sites, table)), { [`${table} 20260103`]: "failed" });
    },
  );

  await t.step("a row policy on one shard hides nothing from ch-sync in silence", async () => {
    await sites.everywhere("CREATE TABLE shop.hidden (id UInt64) ENGINE = MergeTree ORDER BY id");
    await shards[1]!.query("INSERT INTO shop.hidden VALUES (1), (2)");
    assert.deepEqual(Object.values(reasonsOf(await check(sites, "shop.hidden"))), ["filtered"]);
    assert.equal(await dr.query("SELECT count() FROM shop.hidden"), "0\n");
  });

  await t.step(
    "an address that leads elsewhere, a server that is two shards, a shard that is down",
    async () => {
      const { shards: named } = sites.settings();
      const [first, second, third] = named.map(([one]) => one!) as [
        typeof named[0][0],
        typeof named[0][0],
        typeof named[0][0],
      ];
      const crossed = await check(sites, "shop.large", {
        settings: {
          shards: [[first], [{ ...second, native: third.native }], [{ ...third, native: second.native }]],
        },
      });
      assert.equal(crossed.outcome, "failed");
      assert.match(crossed.error ?? "", /leads to another ClickHouse server than REMOTE_CH_URL/);
      await using relay = startBalancer([Number(new URL(first.url).port)]);
      await using native = startBalancer([first.native.port]);
      const twice = { url: relay.url, native: { ...first.native, port: native.port } };
      const same = await check(sites, "shop.large", { settings: { shards: [[first], [twice]] } });
      assert.equal(same.outcome, "failed");
      assert.match(same.error ?? "", /lead to the same ClickHouse server/);
      const before = await content(dr, "shop.large");
      await shards[1]!.server.kill();
      const down = await check(sites, "shop.large");
      assert.deepEqual([down.outcome, down.unreachable], ["site_unreachable", ["remote"]]);
      assert.equal(await content(dr, "shop.large"), before);
      await shards[1]!.restart();
    },
  );

  await t.step(
    "a shard that dies between comparison and copy: nothing is added, and the check is not completed",
    async () => {
      const table = "shop.large";
      await load(shards[1]!, table, "2026-01-03", 50);
      await load(shards[0]!, table, "2026-01-03", 50, "number < 10");
      const before = await content(dr, table);
      const report = await check(sites, table, {
        wrap: beforeRepair(() => shards[1]!.server.kill()),
      });
      assert.equal(report.outcome, "failed");
      assert.match(report.error ?? "", /stopped answering in mid-check/);
      assert.equal(await content(dr, table), before);
      await shards[1]!.restart();
      await check(sites, table);
      assert.equal(await dr.query(`SELECT count() FROM ${table} WHERE toDate(ts) = '2026-01-03'`), "60\n");
      assert.deepEqual(reasonsOf(await check(sites, table)), {});
    },
  );
});
