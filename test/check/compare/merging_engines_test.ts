/** Engines that merge rows: merge timing is no difference, what is newer comes over, what is older never does. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const DAY = "toDateTime('2026-01-01 00:00:00', 'UTC')";

/** A table of rows by id, whose rows are merged only when a test says so. */
function definition(table: string, engine: string, columns = "v UInt32"): string[] {
  return [
    `CREATE TABLE ${table} (ts DateTime('UTC'), id UInt64, ${columns}, text LowCardinality(String)) ENGINE = ${engine} ` +
    `PARTITION BY toYYYYMM(ts) ORDER BY (toDate(ts), id)` +
    (engine === "AggregatingMergeTree" ? " SETTINGS allow_dimensions_outside_sorting_key = 1" : ""),
    `SYSTEM STOP MERGES ${table}`,
  ];
}

/** Inserts values of `id, …` as one part. */
function insert(site: Site, table: string, ...rows: readonly string[]): Promise<string> {
  const values = rows.map((row) => `(${DAY}, ${row})`).join(", ");
  return site.query(`INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES ${values}`);
}

async function merge(site: Site, table: string): Promise<void> {
  await site.query(`SYSTEM START MERGES ${table}`);
  await site.query(`OPTIMIZE TABLE ${table} FINAL`);
}

Deno.test("engines that merge rows", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string, settings = {}) => checkSites(sites, { only: [table], settings });
  const reason = async (table: string, settings = {}) =>
    Object.values(reasonsOf(await check(table, settings)))[0] ?? null;
  const shown = (site: Site, table: string) =>
    site.query(`SELECT id, v, text FROM ${table} FINAL ORDER BY id`);

  await t.step("replacing: merge timing is no difference", async () => {
    const table = "d.timing";
    await onBoth(sites, ...definition(table, "ReplacingMergeTree(v)"));
    for (const site of [primary, dr]) {
      await insert(site, table, "1, 1, 'old'", "2, 1, 'only'");
      await insert(site, table, "1, 2, 'new'");
    }
    assert.equal(await reason(table), null);
    await merge(primary, table);
    assert.equal(await reason(table), "unmerged");
    await merge(dr, table);
    assert.equal(await reason(table), null);
  });

  await t.step("replacing: a newer version comes over, an older one never does, a new key does", async () => {
    const table = "d.versions";
    await onBoth(sites, ...definition(table, "ReplacingMergeTree(v)"));
    for (const site of [primary, dr]) await insert(site, table, "1, 1, 'a'", "2, 1, 'a'", "3, 7, 'same'");
    await insert(primary, table, "1, 2, 'newer there'", "4, 1, 'new there'");
    await insert(primary, table, "1, 3, 'newest there'");
    await insert(dr, table, "2, 2, 'newer here'", "5, 1, 'new here'");
    await merge(dr, table);
    assert.equal(await reason(table), "partial, repaired");
    assert.equal(
      await shown(dr, table),
      "1\t3\tnewest there\n2\t2\tnewer here\n3\t7\tsame\n4\t1\tnew there\n5\t1\tnew here\n",
    );
    assert.equal(await reason(table), "surplus");
    assert.equal(await dr.query("SELECT count() FROM d.versions WHERE text = 'newer there'"), "0\n");
    await merge(dr, table);
    assert.equal(await reason(table), "surplus");
  });

  await t.step("replacing: a tombstone comes over, also one that FINAL hides", async () => {
    const table = "d.tombstones";
    await onBoth(sites, ...definition(table, "ReplacingMergeTree(v, gone)", "v UInt32, gone UInt8"));
    for (const site of [primary, dr]) await insert(site, table, "1, 1, 0, 'a'", "2, 1, 0, 'b'");
    await insert(primary, table, "1, 2, 1, 'a'");
    assert.equal(await reason(table), "partial, repaired");
    assert.equal(await shown(dr, table), "2\t1\tb\n");
    assert.equal(await reason(table), null);
  });

  await t.step(
    "replacing: the same version with other content is a conflict and stays, and what is absent comes",
    async () => {
      const table = "d.conflicts";
      await onBoth(sites, ...definition(table, "ReplacingMergeTree(v)"));
      await insert(primary, table, "1, 1, 'there'", "2, 1, 'missing here'");
      await insert(dr, table, "1, 1, 'here'");
      const findings = findingsOf(await check(table));
      assert.deepEqual(findings.map(({ reason, repaired }) => [reason, repaired]), [["partial", true], [
        "independent",
        false,
      ]]);
      assert.match(findings[1]!.detail, /^1 key has a row of the same version at both sites/);
      assert.equal(await shown(dr, table), "1\t1\there\n2\t1\tmissing here\n");
      assert.equal(await reason(table), "independent");
    },
  );

  await t.step(
    "replacing: of several rows of a version the last one counts, in whatever part it is",
    async () => {
      const table = "d.last";
      await onBoth(sites, ...definition(table, "ReplacingMergeTree(v)"));
      for (let number = 1; number <= 12; number++) await insert(primary, table, `1, 1, 'row ${number}'`);
      await insert(dr, table, "1, 1, 'row 12'");
      assert.equal(await shown(primary, table), "1\t1\trow 12\n");
      assert.equal(await reason(table), "unmerged");
    },
  );

  await t.step("replacing without a version: new keys come over once nothing else does", async () => {
    const table = "d.unversioned";
    await onBoth(sites, ...definition(table, "ReplacingMergeTree"));
    await insert(primary, table, "1, 1, 'a'", "2, 1, 'b'");
    await insert(dr, table, "1, 1, 'a'");
    assert.equal(await reason(table), "backfilling");
    await new Promise((resolve) => setTimeout(resolve, 2100));
    assert.equal(await reason(table, { settleSeconds: 1 }), "partial, repaired");
    assert.equal(await shown(dr, table), await shown(primary, table));
    await insert(primary, table, "1, 1, 'other'");
    await new Promise((resolve) => setTimeout(resolve, 2100));
    assert.equal(await reason(table, { settleSeconds: 1 }), "independent");
  });

  await t.step(
    "replacing: what a key came to before the settle window is copied, what it has come to since is left out",
    async () => {
      const table = "d.young";
      await onBoth(
        sites,
        `CREATE TABLE ${table} (ts DateTime('UTC'), id UInt64, v UInt32, text String) ` +
          `ENGINE = ReplacingMergeTree(v) ORDER BY id PARTITION BY ts > toDateTime('2020-01-01', 'UTC')`,
        `SYSTEM STOP MERGES ${table}`,
      );
      for (const site of [primary, dr]) {
        await site.query(`INSERT INTO ${table} VALUES (${DAY}, 2, 1, 'both')`);
      }
      await primary.query(
        `INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES (${DAY}, 1, 1, 'older'), (${DAY}, 1, 2, 'old'), ` +
          "(now('UTC'), 1, 3, 'young'), (now('UTC'), 4, 1, 'young alone')",
      );
      assert.equal(await reason(table), "partial, repaired");
      const report = await check(table);
      assert.deepEqual(Object.values(reasonsOf(report)), ["hot"]);
      assert.equal(report.tables[0]!.through, null, "what the young rows stand for may be missing");
      await primary.query(`INSERT INTO ${table} VALUES (${DAY}, 3, 1, 'settled')`);
      assert.equal(await reason(table), "partial, repaired");
      assert.equal(await shown(dr, table), "1\t2\told\n2\t1\tboth\n3\t1\tsettled\n");
    },
  );

  for (
    const [table, engine] of [
      ["d.collapsing", "CollapsingMergeTree(sign)"],
      ["d.versioned", "VersionedCollapsingMergeTree(sign, v)"],
    ] as const
  ) {
    const net = (site: Site) =>
      site.query(
        `SELECT sum(sign), sum(v * sign), sum(toInt128(sign) * cityHash64(id, v, text)) FROM ${table}`,
      );
    await t.step(`${engine}: nets agree, whatever was merged, and no cancel row is lost`, async () => {
      await onBoth(sites, ...definition(table, engine, "v UInt32, sign Int8"));
      for (const site of [primary, dr]) await insert(site, table, "1, 1, 1, 'a'", "2, 5, 1, 'b'");
      await insert(primary, table, "1, 1, -1, 'a'", "1, 2, 1, 'a2'");
      await insert(primary, table, "3, 1, 1, 'new'");
      await insert(primary, table, "3, 1, 1, 'new'");
      assert.equal(await reason(table), "partial, repaired");
      const read =
        "SELECT id, v, text, sum(sign) FROM TABLE FINAL GROUP BY ALL HAVING sum(sign) != 0 ORDER BY id, v, text";
      const seen = (site: Site) => site.query(read.replace("TABLE", table));
      assert.equal(await seen(dr), await seen(primary));
      assert.ok([null, "unmerged"].includes(await reason(table)));
      await merge(dr, table);
      assert.equal(await reason(table), "unmerged");
      assert.equal(await seen(dr), await seen(primary));
      await merge(primary, table);
      assert.equal(await net(dr), await net(primary));
      assert.equal(await reason(table), null);
    });

    await t.step(`${engine}: a cancel row that the active site merged away is reported`, async () => {
      await insert(primary, table, "2, 5, -1, 'b'", "9, 1, 1, 'lost here'");
      await merge(primary, table);
      const before = await content(dr, table);
      const report = await check(table);
      assert.deepEqual(reasonsOf(report), { [`${table} 202601`]: "unsupported" });
      assert.match(findingsOf(report)[0]!.detail, /^the signs of 1 row do not add up/);
      assert.equal(await content(dr, table), before);
    });
  }

  await t.step("an empty part that goes while rows are compared is no change", async () => {
    const table = "d.emptied";
    const [create = ""] = definition(table, "CollapsingMergeTree(sign)", "sign Int8");
    await onBoth(sites, `${create} SETTINGS remove_empty_parts = 0`);
    await insert(primary, table, "1, 1, 'a'");
    await insert(dr, table, "2, 1, 'b'", "2, -1, 'b'");
    await merge(dr, table);
    const parts = "SELECT count(), sum(rows) FROM system.parts WHERE active AND table = 'emptied'";
    assert.equal(await dr.query(parts), "1\t0\n");
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const report = await checkSites(sites, {
      only: [table],
      settings: { settleSeconds: 1 },
      wrap: (ports) => {
        const partitionsOf = ports.here.partitionsOf.bind(ports.here);
        // As the server answers once it has dropped that part.
        ports.here.partitionsOf = async (table) =>
          new Map([...await partitionsOf(table)].filter(([, { rows }]) => rows > 0n));
        return ports;
      },
    });
    assert.deepEqual(reasonsOf(report), { [`${table} 202601`]: "missing, repaired" });
  });

  await t.step(
    "coalescing: values come over where this site has none, and conflicts are left alone",
    async () => {
      const table = "d.coalescing";
      const settings = { settleSeconds: 1 };
      const quiet = () => new Promise((resolve) => setTimeout(resolve, 2100));
      await onBoth(
        sites,
        ...definition(table, "CoalescingMergeTree", "v Nullable(UInt32), w Nullable(String)"),
      );
      for (const site of [primary, dr]) await insert(site, table, "1, 1, NULL, 'a'", "2, 2, NULL, 'b'");
      await insert(primary, table, "1, NULL, 'w', 'a'", "3, NULL, NULL, 'c'");
      await insert(dr, table, "2, NULL, 'here', 'b'");
      assert.equal(await reason(table), "backfilling");
      await quiet();
      assert.equal(await reason(table, settings), "partial, repaired");
      const read = `SELECT id, v, w, text FROM ${table} FINAL ORDER BY id`;
      assert.equal(await dr.query(read), "1\t1\tw\ta\n2\t2\there\tb\n3\t\\N\t\\N\tc\n");
      assert.equal(await reason(table, settings), "surplus");
      await merge(dr, table);
      assert.equal(await reason(table, settings), "surplus");
      await insert(primary, table, "1, 5, NULL, 'a'", "4, 1, NULL, 'd'");
      await quiet();
      assert.equal(await reason(table, settings), "independent");
      assert.equal(await dr.query(read), "1\t1\tw\ta\n2\t2\there\tb\n3\t\\N\t\\N\tc\n4\t1\t\\N\td\n");
    },
  );

  await t.step("a table that feeds a view passes what is missing through it, once", async () => {
    const table = "d.feeding";
    await onBoth(
      sites,
      ...definition(table, "ReplacingMergeTree(v)"),
      "CREATE TABLE d.counted (text String, n UInt64) ENGINE = SummingMergeTree ORDER BY text",
      `CREATE MATERIALIZED VIEW d.counting TO d.counted AS SELECT text, count() AS n FROM ${table} GROUP BY text`,
    );
    for (const site of [primary, dr]) await insert(site, table, "1, 1, 'a'");
    await insert(primary, table, "1, 2, 'b'", "2, 1, 'b'");
    assert.equal(await reason(table), "partial, repaired");
    assert.equal(
      await dr.query("SELECT text, sum(n) FROM d.counted GROUP BY text ORDER BY text"),
      "a\t1\nb\t2\n",
    );
    assert.equal(await reason(table), null);
  });

  for (
    const [table, engine, columns, values] of [
      ["d.summing", "SummingMergeTree", "v UInt32", (text: string, v = 3) => `${v}, '${text}'`],
      [
        "d.aggregating",
        "AggregatingMergeTree",
        "v AggregateFunction(quantilesExact(0.5, 0.9), UInt32), m SimpleAggregateFunction(max, UInt8)",
        (text: string, v = 3) =>
          `arrayReduce('quantilesExactState(0.5, 0.9)', [toUInt32(${v})]), 1, '${text}'`,
      ],
    ] as const
  ) {
    await t.step(`${engine}: merge timing is no difference, other sums are told and left alone`, async () => {
      await onBoth(sites, ...definition(table, engine, columns));
      for (const site of [primary, dr]) {
        await insert(site, table, `1, ${values("a")}`, `2, ${values("b")}`);
        await insert(site, table, `1, ${values("a")}`);
      }
      await merge(primary, table);
      assert.equal(await reason(table), "unmerged");
      await insert(primary, table, `1, ${values("a", 7)}`);
      const before = await content(dr, table);
      assert.equal(await reason(table), "aggregated");
      assert.equal(await content(dr, table), before);
      assert.equal(await reason(table, { replaceAggregates: true }), "aggregated");
      assert.equal(await content(dr, table), before, "it has not been at rest");
      await new Promise((resolve) => setTimeout(resolve, 2100));
      assert.equal(
        await reason(table, { replaceAggregates: true, settleSeconds: 1 }),
        "aggregated, repaired",
      );
      assert.equal(await content(dr, table), await content(primary, table));
      assert.equal(await reason(table), null);
    });
  }

  await t.step(
    "an absent partition is copied in the order in which its rows came, also through views",
    async () => {
      for (
        const [table, engine, columns] of [
          ["d.order1", "ReplacingMergeTree", "v UInt32"],
          ["d.order2", "AggregatingMergeTree", "v SimpleAggregateFunction(anyLast, UInt32)"],
          ["d.order3", "ReplacingMergeTree(v)", "v UInt32"],
        ] as const
      ) {
        await onBoth(sites, ...definition(table, engine, columns));
        if (table === "d.order3") {
          await onBoth(
            sites,
            "CREATE TABLE d.behind (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple()",
            `CREATE MATERIALIZED VIEW d.passing TO d.behind AS SELECT count() AS n FROM ${table}`,
          );
        }
        for (let part = 0; part < 12; part++) {
          const rows = Array.from(
            { length: 50 },
            (_, id) => `${id}, ${engine.includes("v)") ? 1 : part}, '${part}'`,
          );
          await insert(primary, table, ...rows);
        }
        assert.equal(await reason(table), "missing, repaired");
        const read = `SELECT id, v${
          engine.startsWith("Agg") ? "" : ", text"
        } FROM ${table} FINAL ORDER BY id`;
        assert.equal(await dr.query(read), await primary.query(read), engine);
        await merge(dr, table);
        assert.equal(await dr.query(read), await primary.query(read), engine);
      }
      assert.equal(await dr.query("SELECT sum(n) FROM d.behind"), "600\n");
    },
  );

  await t.step("summing: a row whose sums are zero is nothing", async () => {
    const table = "d.zeros";
    await onBoth(sites, ...definition(table, "SummingMergeTree(v)", "v Int32"));
    for (const site of [primary, dr]) await insert(site, table, "1, 3, ''", "2, 1, ''");
    for (const site of [primary, dr]) await insert(site, table, "1, -3, ''");
    await merge(primary, table);
    assert.equal(await primary.query(`SELECT count() FROM ${table}`), "1\n");
    assert.equal(await reason(table), "unmerged");
  });
});
