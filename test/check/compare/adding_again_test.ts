/** Aggregates that may be added once more are repaired so, and the sites come to the same; others are left alone. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const DAY = "toDateTime('2026-01-01 00:00:00', 'UTC')";

Deno.test("aggregates that may be added again", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string, settings = {}) => checkSites(sites, { only: [table], settings });
  const said = async (table: string, settings = {}) =>
    findingsOf(await check(table, settings)).map(({ reason, repaired, detail }) =>
      `${reason}${repaired ? ", repaired" : ""}: ${detail}`
    );
  const reasons = async (table: string) => {
    const report = await check(table);
    assert.equal(report.error, null);
    return Object.values(reasonsOf(report));
  };
  const create = (table: string, columns: string, merges = "STOP") =>
    onBoth(
      sites,
      `CREATE TABLE ${table} (hour DateTime('UTC'), k UInt32, ${columns}) ENGINE = AggregatingMergeTree ` +
        `PARTITION BY toYYYYMM(hour) ORDER BY (hour, k) SETTINGS allow_dimensions_outside_sorting_key = 1`,
      `SYSTEM ${merges} MERGES ${table}`,
    );

  await t.step(
    "simple ones and states: what is missing is added, and what is here is only seen once more",
    async () => {
      const table = "d.all";
      await create(
        table,
        "lo SimpleAggregateFunction(min, DateTime('UTC')), hi SimpleAggregateFunction(max, Nullable(Float64)), " +
          "name SimpleAggregateFunction(anyLast, LowCardinality(String)), bits SimpleAggregateFunction(groupBitOr, UInt32), " +
          "tags SimpleAggregateFunction(groupUniqArrayArray, Array(String)), users AggregateFunction(uniqExact, UInt64), " +
          "people AggregateFunction(uniqCombined(17), UInt64), last AggregateFunction(argMax, String, UInt32), " +
          "top AggregateFunction(maxIf, UInt32, UInt8), seen AggregateFunction(groupUniqArray, UInt32)",
      );
      const write = (site: Site, where: string) =>
        site.query(
          `INSERT INTO ${table} SELECT ${DAY}, number % 20 AS k, min(${DAY} + number), max(number / 7), ` +
            "anyLast(concat('k', toString(number % 20))), groupBitOr(bitShiftLeft(toUInt32(1), intDiv(number, 20))), " +
            "groupUniqArrayArray([toString(intDiv(number, 20))]), uniqExactState(number), uniqCombinedState(17)(number), " +
            "argMaxState(toString(number), toUInt32(number)), maxIfState(toUInt32(number), toUInt8(number % 3 = 0)), " +
            `groupUniqArrayState(toUInt32(number)) FROM numbers(400) WHERE ${where} GROUP BY k`,
        );
      for (const site of [primary, dr]) await write(site, "number % 20 < 15 AND number < 300");
      await write(primary, "number >= 200");
      await write(dr, "number % 20 = 3 AND number < 60");
      const read = (site: Site) =>
        site.query(
          "SELECT k, min(lo), max(hi), anyLast(name), groupBitOr(bits), arraySort(groupUniqArrayArray(tags)), " +
            "uniqExactMerge(users), uniqCombinedMerge(17)(people), argMaxMerge(last), maxIfMerge(top), " +
            `arraySort(groupUniqArrayMerge(seen)) FROM ${table} GROUP BY k ORDER BY k`,
        );
      assert.match((await said(table)).join(), /^partial, repaired: [\d,]+ rows are absent here$/);
      assert.equal(await read(dr), await read(primary));
      assert.deepEqual(await reasons(table), ["unmerged"]);
      await onBoth(sites, `SYSTEM START MERGES ${table}`, `OPTIMIZE TABLE ${table} FINAL`);
      assert.ok(["", "unmerged"].includes((await reasons(table)).join()));
      assert.equal(await read(dr), await read(primary));
    },
  );

  await t.step("where this site has seen more, it comes to the union, and that is all", async () => {
    const table = "d.more";
    await create(table, "lo SimpleAggregateFunction(min, UInt32), hi SimpleAggregateFunction(max, UInt32)");
    const row = (site: Site, k: number, lo: number, hi: number) =>
      site.query(`INSERT INTO ${table} VALUES (${DAY}, ${k}, ${lo}, ${hi})`);
    await row(primary, 1, 5, 9);
    await row(dr, 1, 1, 7);
    await row(primary, 2, 5, 5);
    await row(dr, 3, 5, 5);
    assert.deepEqual(await reasons(table), ["partial, repaired"]);
    const read = `SELECT k, min(lo), max(hi) FROM ${table} GROUP BY k ORDER BY k`;
    assert.equal(await dr.query(read), "1\t1\t9\n2\t5\t5\n3\t5\t5\n");
    const before = await content(dr, table);
    assert.match(
      (await said(table)).join(),
      /^surplus: 2 keys .*here/,
    );
    assert.equal(await content(dr, table), before);
  });

  await t.step("where the order decides, the key is left alone", async () => {
    const table = "d.order";
    await create(
      table,
      "a SimpleAggregateFunction(any, String), l AggregateFunction(argMax, String, UInt32)",
    );
    const row = (site: Site, k: number, a: string, l: string, at: number) =>
      site.query(
        `INSERT INTO ${table} SELECT ${DAY}, ${k}, '${a}', initializeAggregation('argMaxState', '${l}', toUInt32(${at}))`,
      );
    await row(primary, 1, "x", "l", 1);
    await row(dr, 1, "y", "l", 1);
    await row(primary, 2, "x", "tie", 1);
    await row(dr, 2, "x", "other", 1);
    const before = await content(dr, table);
    assert.match((await said(table)).join(), /^independent: 2 keys /);
    assert.equal(await content(dr, table), before);
  });

  await t.step("states whose bytes change places as they are copied are copied all the same", async () => {
    const table = "d.sets";
    await create(
      table,
      "users AggregateFunction(uniqExact, String), tags AggregateFunction(groupUniqArray, String)",
    );
    const text = "toString(cityHash64(number))";
    await primary.query(
      `INSERT INTO ${table} SELECT ${DAY}, number % 20 AS k, uniqExactState(${text}), groupUniqArrayState(${text}) ` +
        "FROM numbers(4000) GROUP BY k",
    );
    assert.deepEqual(await reasons(table), ["missing, repaired"]);
    const read =
      `SELECT k, uniqExactMerge(users), arraySort(groupUniqArrayMerge(tags)) FROM ${table} GROUP BY k ORDER BY k`;
    assert.equal(await dr.query(read), await primary.query(read));
  });

  await t.step("a sum among them, a limit, or a view behind them: as before", async () => {
    for (
      const [table, columns, value] of [
        [
          "d.sum",
          "m SimpleAggregateFunction(max, UInt32), s SimpleAggregateFunction(sum, UInt64)",
          "1, number",
        ],
        [
          "d.few",
          "m AggregateFunction(groupUniqArray(2), UInt32)",
          "groupUniqArrayState(2)(toUInt32(number))",
        ],
      ] as const
    ) {
      await create(table, columns);
      const group = value.includes("State") ? "GROUP BY number" : "";
      const write = (site: Site, where: string) =>
        site.query(
          `INSERT INTO ${table} SELECT ${DAY}, 1, ${value} FROM numbers(1, 9) WHERE ${where} ${group}`,
        );
      await write(primary, "number < 2");
      await write(dr, "number = 3");
      assert.deepEqual(await reasons(table), ["aggregated"], table);
    }
    const table = "d.feeds";
    await create(table, "m SimpleAggregateFunction(max, UInt32)");
    await onBoth(
      sites,
      "CREATE TABLE d.fed (k UInt32, n UInt64) ENGINE = SummingMergeTree ORDER BY k",
      `CREATE MATERIALIZED VIEW d.view TO d.fed AS SELECT k, count() AS n FROM ${table} GROUP BY k`,
    );
    for (const site of [primary, dr]) await site.query(`INSERT INTO ${table} VALUES (${DAY}, 1, 1)`);
    await primary.query(`INSERT INTO ${table} VALUES (${DAY}, 1, 2)`);
    assert.deepEqual(await reasons(table), ["aggregated"]);
  });
});
