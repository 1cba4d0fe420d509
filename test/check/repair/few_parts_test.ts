/** Rows that are large, servers that are small, tables that bear few parts: all at once, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

/** Bytes that a statement may use at either server. */
const LIMIT = 300_000_000;
/** Bytes of a row, and rows: more than the limit. */
const ROW = 100_000;
const ROWS = 4000;

const DAY = "toDateTime('2026-01-01 00:00:00', 'UTC')";
const columns = "ts DateTime('UTC'), k UInt64, body String";
const definition = (table: string, engine = "MergeTree", settings = "") =>
  `CREATE TABLE ${table} (${columns}) ENGINE = ${engine} PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) ${settings}`;
const fill = (table: string, where = "1") =>
  `INSERT INTO ${table} SELECT ${DAY} + number, number, repeat(hex(sipHash128(number)), ${
    ROW / 32
  }) FROM numbers(${ROWS}) ` +
  `WHERE ${where} SETTINGS max_block_size = 100, min_insert_block_size_bytes = 64000000, max_threads = 1, max_memory_usage = 0`;
const digest = (site: Site, table: string) =>
  site.query(
    `SELECT count(), sum(cityHash64(ts, k, body)) FROM ${table} SETTINGS max_threads = 1, max_block_size = 64`,
  );
const parts = async (site: Site, table: string) =>
  Number(
    await site.query(
      `SELECT count() FROM system.parts WHERE active AND concat(database, '.', table) = '${table}'`,
    ),
  );
/** A live insert: one row into a partition of its own. */
const live = (site: Site, table: string) =>
  site.query(`INSERT INTO ${table} VALUES ('2026-02-01 00:00:00', 1, 'live')`);

Deno.test("large rows, little memory, few parts", async (t) => {
  const limited = {
    config: {
      profiles: {
        default: { max_memory_usage: LIMIT, min_insert_block_size_rows: 10 },
        readonly_2: { readonly: 2, max_memory_usage: LIMIT },
      },
      merge_tree: { parts_to_delay_insert: 6, parts_to_throw_insert: 8 },
    },
  };
  await using sites = await startTwoSites({
    primary: limited,
    dr: limited,
    leastPrivilege: { databases: ["d"] },
  });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string) => checkSites(sites, { only: [table], settings: { settleSeconds: 60 } });

  await t.step("an absent partition is copied, in few parts, and live inserts go on at once", async () => {
    await onBoth(sites, definition("d.absent"), "SYSTEM STOP MERGES d.absent");
    await primary.query(
      "ALTER TABLE d.absent MODIFY SETTING parts_to_throw_insert = 1000, parts_to_delay_insert = 1000",
    );
    await primary.query(fill("d.absent"));
    await live(dr, "d.absent");
    assert.equal(reasonsOf(await check("d.absent"))["d.absent 202601"], "missing, repaired");
    assert.ok(await parts(dr, "d.absent") <= 4);
    await live(dr, "d.absent");
    assert.equal(
      await digest(dr, "d.absent WHERE ts < '2026-02-01'"),
      await digest(primary, "d.absent WHERE ts < '2026-02-01'"),
    );
  });

  await t.step("so is what is missing among other rows, and what views are fed with", async () => {
    await onBoth(
      sites,
      definition("d.fed"),
      "CREATE TABLE d.sums (h DateTime('UTC'), c UInt64) ENGINE = SummingMergeTree ORDER BY h",
      "CREATE MATERIALIZED VIEW d.view TO d.sums AS SELECT toStartOfHour(ts) AS h, count() AS c FROM d.fed GROUP BY h",
    );
    await primary.query(fill("d.fed", "number < 1500"));
    await dr.query(fill("d.fed", "number < 1500 AND number % 10 > 0"));
    const report = await check("d.fed");
    assert.equal(
      reasonsOf(report)["d.fed 202601"],
      "partial, repaired",
      String(findingsOf(report)[0]?.detail),
    );
    assert.equal(await digest(dr, "d.fed"), await digest(primary, "d.fed"));
    assert.equal(await dr.query("SELECT sum(c) FROM d.sums"), "1500\n");
  });

  await t.step("a table that is full of parts waits for its merges, and says so", async () => {
    await onBoth(sites, definition("d.full"));
    await dr.query("SYSTEM STOP MERGES d.full");
    for (let part = 0; part < 6; part++) {
      await onBoth(sites, `INSERT INTO d.full VALUES (${DAY}, ${part}, 'x')`);
    }
    await primary.query(
      "INSERT INTO d.full VALUES ('2026-03-01 00:00:00', 1, 'other'), ('2026-01-01 00:00:00', 99, 'same')",
    );
    const planned = await checkSites(sites, { only: ["d.full"], dryRun: true });
    assert.match(findingsOf(planned)[0]!.detail, /d\.full has too many parts to take more/);
    const report = await check("d.full");
    assert.deepEqual(reasonsOf(report), { "d.full 202601": "failed", "d.full 202603": "missing, repaired" });
    assert.match(
      findingsOf(report).find(({ partitionId }) => partitionId === "202601")!.detail,
      /d\.full .*too many parts.*\b6 in partition 202601.*parts_to_throw_insert/,
    );
    await dr.query("SYSTEM START MERGES d.full");
    await dr.query("OPTIMIZE TABLE d.full FINAL");
    await check("d.full");
    assert.ok(isClean(await check("d.full")));
  });

  await t.step(
    "parts of an engine that merges rows are not merged before they are there, so that FINAL is right",
    async () => {
      await onBoth(sites, definition("d.last", "ReplacingMergeTree"), "SYSTEM STOP MERGES d.last");
      for (const body of ["'first'", "'second'", `repeat('z', ${ROW})`]) {
        await primary.query(
          `INSERT INTO d.last SELECT ${DAY}, number, ${body} FROM numbers(700) SETTINGS max_block_size = 100, ` +
            "min_insert_block_size_rows = 1000000, max_memory_usage = 0",
        );
      }
      const shown = (site: Site) =>
        site.query(
          "SELECT count(), sum(cityHash64(k, body)) FROM d.last FINAL SETTINGS max_memory_usage = 0",
        );
      const report = await check("d.last");
      if (reasonsOf(report)["d.last 202601"] === "failed") {
        assert.match(findingsOf(report)[0]!.detail, /\d+ parts.*d\.last .*\b3\b/);
        assert.equal(await parts(dr, "d.last"), 0);
        await dr.query(
          "ALTER TABLE d.last MODIFY SETTING parts_to_throw_insert = 300, parts_to_delay_insert = 150",
        );
        assert.deepEqual(reasonsOf(await check("d.last")), { "d.last 202601": "missing, repaired" });
      }
      assert.equal(await shown(dr), await shown(primary));
      assert.equal(
        await dr.query("SELECT max(level) FROM system.parts WHERE active AND table = 'last'"),
        "0\n",
      );
    },
  );
});
