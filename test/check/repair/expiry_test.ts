/** What parts know of their TTL: that repaired ones expire, move and are recompressed as inserted ones are. On two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/**
 * A server with a second volume, in a folder of its own.
 * Parts go there by their TTL alone: by default ClickHouse also moves them from a disk that is nine tenths full, whoever filled it.
 */
const tiered = (folder: string) => ({
  config: {
    storage_configuration: {
      disks: { cold: { type: "local", path: `${folder}/` } },
      policies: { tiered: { volumes: { hot: { disk: "default" }, cold: { disk: "cold" } }, move_factor: 0 } },
    },
  },
});

const OLD = "toDateTime('2026-01-01 00:00:00', 'UTC')";
const COLUMNS = "ts DateTime('UTC'), k UInt32, sign Int8 DEFAULT 1, version UInt8 DEFAULT 1, v UInt64, " +
  "s String DEFAULT 'none' TTL ts + INTERVAL 40 YEAR";
/** Of an engine that combines values, whose values must not expire by themselves. */
const COMBINED = COLUMNS.replace(/ TTL .*/, "");
const EVERY_RULE = "ts + INTERVAL 20 YEAR WHERE s = 'gone', ts + INTERVAL 30 YEAR, " +
  "ts + INTERVAL 25 YEAR GROUP BY k SET v = max(v), ts + INTERVAL 15 YEAR RECOMPRESS CODEC(ZSTD(9)), " +
  "ts + INTERVAL 35 YEAR TO VOLUME 'cold'";
const rows = (table: string, start: string, where = "1") =>
  `INSERT INTO ${table} (ts, k, v, s) SELECT ${start} + number, number % 3, number, ` +
  `if(number % 5 = 0, 'gone', 'here') FROM numbers(100) WHERE ${where} SETTINGS optimize_on_insert = 0`;

/** What the parts of a table know of their TTL, whatever their number; by partition. */
function expiry(site: Site, table: string): Promise<string> {
  const rules = ["move", "recompression", "group_by", "rows_where"].map((kind) =>
    ["expression", "min", "max"].map((of) =>
      `${
        of === "min" ? "minForEach" : of === "max" ? "maxForEach" : "groupUniqArray"
      }(${kind}_ttl_info.${of})`
    )
  ).flat();
  return site.query(
    `SELECT partition_id, min(delete_ttl_info_min), max(delete_ttl_info_max), ${rules.join(", ")}, ` +
      `groupUniqArray(disk_name) FROM system.parts WHERE active AND concat(database, '.', table) = '${table}' ` +
      "GROUP BY 1 ORDER BY 1",
  );
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!await holds()) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

Deno.test("repaired parts know of their TTL what inserted ones know", async (t) => {
  await using folder = await temporaryDirectory();
  await using sites = await startTwoSites({
    primary: tiered(`${folder.path}/primary`),
    dr: tiered(`${folder.path}/dr`),
    leastPrivilege: { databases: ["d"] },
  });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string) => checkSites(sites, { only: [table] });

  const engines = [
    "MergeTree",
    "ReplacingMergeTree(version)",
    "SummingMergeTree(v)",
    "AggregatingMergeTree",
    "CollapsingMergeTree(sign)",
    "VersionedCollapsingMergeTree(sign, version)",
    "CoalescingMergeTree",
  ];
  for (const [number, engine] of engines.entries()) {
    await t.step(engine, async () => {
      const table = `d.t${number}`;
      await onBoth(
        sites,
        `CREATE TABLE ${table} (${
          engine.startsWith("Coalescing") ? COMBINED : COLUMNS
        }) ENGINE = ${engine} ` +
          `PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) PRIMARY KEY k TTL ${EVERY_RULE} SETTINGS storage_policy = 'tiered'`,
        `SYSTEM STOP MERGES ${table}`,
      );
      await primary.query(rows(table, OLD));
      await primary.query(rows(table, `${OLD} + 86400`));
      if (engine === "MergeTree") {
        await primary.query(rows(table, `${OLD} + INTERVAL 1 MONTH`));
        await dr.query(rows(table, `${OLD} + INTERVAL 1 MONTH`, "number % 4 = 1"));
      }
      const report = await check(table);
      assert.equal(
        reasonsOf(report)[`${table} 202601`],
        "missing, repaired",
        String(findingsOf(report)[0]?.detail),
      );
      assert.ok(isClean(report));
      assert.equal(await content(dr, table), await content(primary, table));
      assert.equal(await expiry(dr, table), await expiry(primary, table));
      assert.match(await expiry(dr, table), /toIntervalYear\(35\).*default/);
    });
  }

  await t.step("a part past its time is written to the volume where it belongs", async () => {
    await onBoth(
      sites,
      `CREATE TABLE d.moved (${COLUMNS}) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY k ` +
        "TTL ts + INTERVAL 1 DAY TO VOLUME 'cold' SETTINGS storage_policy = 'tiered'",
    );
    await primary.query(rows("d.moved", OLD));
    assert.deepEqual(reasonsOf(await check("d.moved")), { "d.moved 202601": "missing, repaired" });
    await until("parts move", async () => (await expiry(primary, "d.moved")).includes("cold"));
    await until("repaired parts move", async () => (await expiry(dr, "d.moved")).includes("['cold']"));
    assert.equal(await expiry(dr, "d.moved"), await expiry(primary, "d.moved"));
    assert.equal(await content(dr, "d.moved"), await content(primary, "d.moved"));
  });

  await t.step(
    "what is past its time is recompressed and put together by the table, not on the way",
    async () => {
      const soon = "merge_with_ttl_timeout = 0, merge_with_recompression_ttl_timeout = 0";
      await onBoth(
        sites,
        `CREATE TABLE d.packed (${COLUMNS}) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY k ` +
          `TTL ts + INTERVAL 1 DAY RECOMPRESS CODEC(ZSTD(9)) SETTINGS ${soon}`,
        `CREATE TABLE d.grouped (${COLUMNS}) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) ` +
          `TTL ts + INTERVAL 1 DAY GROUP BY k SET v = sum(v), ts = min(ts) SETTINGS ${soon}`,
      );
      await primary.query("SYSTEM STOP MERGES d.grouped");
      for (const table of ["d.packed", "d.grouped"]) {
        await primary.query(rows(table, OLD));
        assert.deepEqual(reasonsOf(await check(table)), { [`${table} 202601`]: "missing, repaired" });
      }
      await until(
        "repaired parts are recompressed",
        async () =>
          await dr.query(
            "SELECT DISTINCT default_compression_codec FROM system.parts WHERE active AND table = 'packed'",
          ) === "ZSTD(9)\n",
      );
      assert.equal(await content(dr, "d.packed"), await content(primary, "d.packed"));
      await until(
        "repaired rows are put together",
        async () => await dr.query("SELECT count() FROM d.grouped") === "3\n",
      );
      await primary.query("SYSTEM START MERGES d.grouped");
      await until(
        "the others are put together",
        async () => await primary.query("SELECT count() FROM d.grouped") === "3\n",
      );
      assert.equal(await content(dr, "d.grouped"), await content(primary, "d.grouped"));
      assert.ok(isClean(await check("d.grouped")));
    },
  );

  await t.step("rows expire at both sites", async () => {
    // A busy machine may need longer for the repair than the rows live: then with more time.
    for (const seconds of [15, 60, 240]) {
      await onBoth(
        sites,
        "DROP TABLE IF EXISTS d.short SYNC",
        `CREATE TABLE d.short (${COLUMNS}) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY k ` +
          "TTL ts + INTERVAL 1 DAY SETTINGS merge_with_ttl_timeout = 0",
      );
      const start = `now('UTC') - INTERVAL 1 DAY + INTERVAL ${seconds} SECOND`;
      await primary.query(rows("d.short", start, "number < 5"));
      const report = await check("d.short");
      if (Object.values(reasonsOf(report)).some((reason) => reason !== "missing, repaired")) continue;
      await until("rows expire", async () => await primary.query("SELECT count() FROM d.short") === "0\n");
      await until(
        "repaired rows expire",
        async () => await dr.query("SELECT count() FROM d.short") === "0\n",
      );
      assert.ok(isClean(await check("d.short")));
      return;
    }
    assert.fail("the repair took longer than four minutes");
  });
});

Deno.test("a copy that is merged before it is brought in loses nothing to a TTL", async () => {
  const few = "SETTINGS parts_to_delay_insert = 2, parts_to_throw_insert = 3";
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE d.t (ts DateTime('UTC'), k UInt32, v UInt64 TTL ts + INTERVAL 1 DAY) ENGINE = MergeTree ` +
      `PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) TTL ts + INTERVAL 1 DAY GROUP BY k SET ts = min(ts) ${few}`,
    "SYSTEM STOP MERGES d.t",
  );
  await primary.query(
    `INSERT INTO d.t SELECT ${OLD} + intDiv(number, 10), number % 3, number FROM numbers(3300000) ` +
      "SETTINGS min_insert_block_size_rows = 10000000, min_insert_block_size_bytes = 0, max_insert_threads = 1",
  );
  const report = await checkSites(sites);
  assert.deepEqual(
    reasonsOf(report),
    { "d.t 202601": "missing, repaired" },
    String(findingsOf(report)[0]?.detail),
  );
  assert.equal(
    await dr.query("SELECT count(), min(level) > 0 FROM system.parts WHERE active AND table = 't'"),
    "1\t1\n",
  );
  assert.equal(
    await dr.query("SELECT count(), sum(v) FROM d.t"),
    await primary.query("SELECT count(), sum(v) FROM d.t"),
  );
  assert.equal(await expiry(dr, "d.t"), await expiry(primary, "d.t"));
});
