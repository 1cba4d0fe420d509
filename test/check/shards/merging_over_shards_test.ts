/**
 * Tables whose engine merges rows by key, over several shards of the active site: as long as all rows of a key stand on one
 * shard, a check comes to just what it comes to where one server has all of them; else it is refused, and nothing changes.
 */
import assert from "node:assert/strict";
import { fc, SEED } from "../../support/seed.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { startShardedSites } from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const CASES = Number(Deno.env.get("CH_SYNC_SHARDED") ?? 10);

const ENGINES = [
  "ReplacingMergeTree(v)",
  "ReplacingMergeTree",
  "ReplacingMergeTree(v, deleted)",
  "CollapsingMergeTree(sign)",
  "VersionedCollapsingMergeTree(sign, v)",
];

const row = fc.record({
  key: fc.nat(5),
  v: fc.nat(2),
  a: fc.nat(1),
  sign: fc.constantFrom(1, 1, -1),
  deleted: fc.constantFrom(0, 0, 1),
  place: fc.nat(2),
});
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

const times = fc.constantFrom(1, 1, 1, 1, 0, 2);
const histories = fc.record({
  shards: fc.constantFrom([0, 1], [2, 0, 1]),
  byKey: fc.constantFrom(true, true, false),
  batches: fc.array(
    fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 4 }),
      here: times,
      there: times,
      mergeHere: fc.boolean(),
      mergeThere: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

async function insert(site: Site, table: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(({ key, v, a, sign, deleted }) =>
    `('2026-01-01', ${key}, ${v}, ${a}, ${sign}, ${deleted})`
  );
  await site.query(`INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES ${values.join(", ")}`);
}

async function merge(site: Site, table: string): Promise<void> {
  await site.query(`SYSTEM START MERGES ${table}`);
  await site.query(`OPTIMIZE TABLE ${table} FINAL`);
  await site.query(`SYSTEM STOP MERGES ${table}`);
}

/** All rows as they are stored, and what they read as once they are merged: of a key the one inserted last may count. */
async function content(site: Site, table: string): Promise<string> {
  const columns = "SELECT day, key, v, a, sign, deleted FROM";
  const [stored, merged] = await Promise.all([
    site.query(`${columns} ${table} ORDER BY ALL`),
    site.query(`${columns} ${table} FINAL ORDER BY ALL`),
  ]);
  return `${stored}\n${merged}`;
}

Deno.test("engines that merge rows by key, over several shards of the active site", async (t) => {
  await using sites = await startShardedSites(3);
  const { shards, dr, first } = sites;
  await sites.everywhere("CREATE DATABASE d");

  const create = (site: Site, table: string, engine: string) =>
    site.query(
      `CREATE TABLE ${table} (day Date, key UInt8, v UInt8, a UInt8, sign Int8, deleted UInt8) ENGINE = ${engine} ` +
        "PARTITION BY toYYYYMM(day) ORDER BY (day, key)",
    ).then(() => site.query(`SYSTEM STOP MERGES ${table}`));

  await t.step("whatever happened, it ends as it would with all rows on one server", async () => {
    const seen: Record<string, number> = {};
    const cases = await Promise.all(
      fc.sample(histories, { seed: SEED, numRuns: CASES }).map(async (history, index) => {
        const engine = ENGINES[index % ENGINES.length]!;
        const { shards: used, byKey, batches } = history;
        // The same history twice: over the shards, and with the first of them having all rows.
        const [spread, alone] = [`d.spread${index}`, `d.alone${index}`];
        const there = used.map((at) => shards[at]!);
        for (const site of [...there, dr]) await create(site, spread, engine);
        for (const site of [shards[0]!, dr]) await create(site, alone, engine);
        for (const { rows, ...batch } of batches) {
          for (let time = 0; time < batch.here; time++) {
            for (const table of [spread, alone]) await insert(dr, table, rows);
          }
          for (let time = 0; time < batch.there; time++) {
            await insert(shards[0]!, alone, rows);
            for (const [at, site] of there.entries()) {
              await insert(
                site,
                spread,
                rows.filter(({ key, place }) => (byKey ? key : place) % there.length === at),
              );
            }
          }
          for (const table of batch.mergeHere ? [spread, alone] : []) await merge(dr, table);
          if (!batch.mergeThere) continue;
          await merge(shards[0]!, alone);
          for (const site of there) await merge(site, spread);
        }
        const keys = await Promise.all(
          there.map((site) =>
            // A version is part of the key by which rows are collapsed.
            site.rows<{ key: string }>(
              `SELECT DISTINCT ${
                engine.startsWith("Versioned") ? "toString((key, v))" : "toString(key)"
              } AS key FROM ${spread}`,
            )
          ),
        );
        const each = Map.groupBy(keys.flat(), ({ key }) => key);
        const scattered = [...each.values()].filter(({ length }) => length > 1).length;
        return { engine, used, spread, alone, scattered, before: await content(dr, spread), history };
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const settleSeconds = 1;
    for (const run of [1, 2]) {
      const tables = cases.map(({ alone }) => alone);
      const single = await checkSites(first, {
        only: tables,
        settings: { ...sites.settings([0]), settleSeconds },
      });
      for (const used of [[0, 1], [2, 0, 1]]) {
        const some = cases.filter((one) => one.used.join() === used.join());
        const report = await checkSites(first, {
          only: some.map(({ spread }) => spread),
          settings: { ...sites.settings(used), settleSeconds },
        });
        assert.equal(report.error, null);
        for (const { engine, spread, alone, scattered, before, history } of some) {
          const say = `seed ${SEED}, run ${run}, ${engine} ${spread}: ${JSON.stringify(history)}`;
          const of = (report: typeof single, table: string) =>
            findingsOf(report).filter((found) => found.table === table)
              .map(({ cause, detail, missing, surplus, repaired }) => ({
                cause,
                detail,
                missing,
                surplus,
                repaired,
              }));
          const [found, expected] = [of(report, spread), of(single, alone)];
          const now = await content(dr, spread);
          if (scattered > 0) {
            seen.refused = (seen.refused ?? 0) + 1;
            assert.deepEqual(found.map(({ cause }) => cause), ["keys_over_shards"], say);
            assert.match(found[0]!.detail, new RegExp(`^${scattered} keys? stands? `), say);
            assert.equal(now, before, say);
            continue;
          }
          const [what] = expected;
          seen[String(what?.cause)] = (seen[String(what?.cause)] ?? 0) + 1;
          assert.deepEqual(found, expected, say);
          assert.equal(now, await content(dr, alone), say);
        }
      }
    }
    if (CASES >= 10) assert.ok(Object.keys(seen).length > 2, JSON.stringify(seen));
  });

  await t.step("a gap among many keys, which only some buckets hold", async () => {
    const table = "d.large";
    const rows = (where: string) =>
      `INSERT INTO ${table} SELECT '2026-01-01', number, number % 3, 'row ' || number FROM numbers(50000) WHERE ${where}`;
    await sites.everywhere(
      `CREATE TABLE ${table} (day Date, key UInt32, v UInt8, s String) ENGINE = ReplacingMergeTree(v) ` +
        "PARTITION BY toYYYYMM(day) ORDER BY key",
    );
    for (const [at, shard] of shards.entries()) await shard.query(rows(`cityHash64(number) % 3 = ${at}`));
    await dr.query(rows("number NOT BETWEEN 9000 AND 9100"));
    const report = await checkSites(first, { only: [table], settings: sites.settings() });
    assert.deepEqual(reasonsOf(report), { [`${table} 202601`]: "partial, repaired" });
    assert.equal(await dr.query(`SELECT count(), uniqExact(key) FROM ${table}`), "50000\t50000\n");
    // One key comes to a second shard: that is seen, although this site has all that its rows come down to.
    await shards[0]!.query(
      `INSERT INTO ${table} SELECT day, key, v, s FROM (${"SELECT toDate('2026-01-01') AS day, 5 AS key, 2 AS v, 'row 5' AS s"}) WHERE cityHash64(5) % 3 != 0`,
    );
    await shards[1]!.query(
      `INSERT INTO ${table} SELECT day, key, v, s FROM (${"SELECT toDate('2026-01-01') AS day, 5 AS key, 2 AS v, 'row 5' AS s"}) WHERE cityHash64(5) % 3 != 1`,
    );
    const [refused] = findingsOf(await checkSites(first, { only: [table], settings: sites.settings() }));
    assert.equal(refused?.cause, "keys_over_shards");
    assert.match(refused?.detail ?? "", /^1 key stands /);
  });

  await t.step("a table of which every shard has a copy is not copied several times", async () => {
    const table = "d.copies";
    await sites.everywhere(
      `CREATE TABLE ${table} (key UInt32, s String) ENGINE = ReplacingMergeTree ORDER BY key`,
    );
    for (const shard of shards) {
      await shard.query(`INSERT INTO ${table} SELECT number, 'same' FROM numbers(12)`);
    }
    const [refused] = findingsOf(await checkSites(first, { only: [table], settings: sites.settings() }));
    assert.equal(refused?.cause, "keys_over_shards");
    assert.match(refused?.detail ?? "", /^12 keys stand /);
    assert.equal(await dr.query(`SELECT count() FROM ${table}`), "0\n");
  });
});
