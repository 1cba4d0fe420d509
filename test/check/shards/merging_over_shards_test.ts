/**
 * Tables whose engine merges rows by key, over several shards of the active site: as long as all rows of a key stand on one
 * shard, a check comes to just what it comes to where one server has all of them; else it is refused, and nothing changes.
 */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc, SEED } from "../../support/seed.ts";
import { MERGING_ENGINES, MERGING_ROW, mergingValues } from "../../support/data/merging_rows.ts";
import { checkShards, type Shards } from "../../support/sites/check_shards.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { OWN_CLUSTER, startShardedSites } from "../../support/sites/sharded_sites.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const CASES = casesOf("mergedShards");

const BOTH: readonly Shards[] = [[[0, 1], [0]], [[0], [0, 1]], [[0, 1], [0, 1]]];

const row = fc.record({ ...MERGING_ROW, place: fc.nat(2) });
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

const times = fc.constantFrom(1, 1, 1, 1, 0, 2);
/** Which shards each site has of two, and by what its rows are spread. */
const histories = fc.record({
  sites: fc.constantFrom(...BOTH),
  byKey: fc.constantFrom(true, true, true, false),
  byKeyHere: fc.constantFrom(true, true, true, false),
  /** Whether a Distributed table here says where rows belong. */
  ruled: fc.constantFrom(true, true, false),
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
  await site.query(`INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES ${mergingValues(rows)}`);
}

async function merge(site: Site, table: string): Promise<void> {
  await site.query(`SYSTEM START MERGES ${table}`);
  await site.query(`OPTIMIZE TABLE ${table} FINAL`);
  await site.query(`SYSTEM STOP MERGES ${table}`);
}

/** All rows as they are stored, and what they read as once they are merged: of a key the one inserted last may count. */
async function content(sites: readonly Site[], table: string): Promise<string> {
  const read = async (from: string) => {
    const found = await Promise.all(
      sites.map((site) => site.query(`SELECT day, key, v, a, sign, deleted FROM ${from}`)),
    );
    return found.flatMap((text) => text.split("\n").filter(Boolean)).sort().join("\n");
  };
  return `${await read(table)}\n\n${await read(`${table} FINAL`)}`;
}

/** How many keys have rows on several of these servers. */
async function scattered(sites: readonly Site[], table: string, engine: string): Promise<number> {
  // A version is part of the key by which rows are collapsed.
  const key = engine.startsWith("Versioned") ? "toString((key, v))" : "toString(key)";
  const found = await Promise.all(
    sites.map((site) => site.rows<{ key: string }>(`SELECT DISTINCT ${key} AS key FROM ${table}`)),
  );
  return [...Map.groupBy(found.flat(), ({ key }) => key).values()].filter(({ length }) => length > 1).length;
}

Deno.test("engines that merge rows by key, over several shards of either site", async (t) => {
  await using sites = await startShardedSites(2, () => ({}), [2, 1], {
    leastPrivilege: { databases: ["d"], with: ["LOCAL_CH_URL"] },
  });
  const { shards, drs, first } = sites;
  await sites.everywhere("CREATE DATABASE d");
  const check = (tables: readonly string[], both: Shards, settleSeconds = 1) =>
    checkShards(sites, tables, both, { settleSeconds });
  const create = async (site: Site, table: string, engine: string) => {
    await site.query(
      `CREATE TABLE ${table} (day Date, key UInt8, v UInt8, a UInt8, sign Int8, deleted UInt8) ENGINE = ${engine} ` +
        "PARTITION BY toYYYYMM(day) ORDER BY (day, key)",
    );
    await site.query(`SYSTEM STOP MERGES ${table}`);
  };

  await t.step("whatever happened, it ends as it would with all rows on one server", async () => {
    const seen: Record<string, number> = {};
    const cases = await Promise.all(
      fc.sample(histories, { seed: SEED, numRuns: CASES }).map(async (history, index) => {
        const engine = MERGING_ENGINES[index % MERGING_ENGINES.length]!;
        const { sites: used, byKey, byKeyHere, ruled, batches } = history;
        // The same history twice: over the shards, and with the first of them having all rows.
        const [spread, alone] = [`d.spread${index}`, `d.alone${index}`];
        const [there, here] = [used[0].map((at) => shards[at]!), used[1].map((at) => drs[at]!)];
        for (const site of [...there, ...here]) await create(site, spread, engine);
        for (const site of [shards[0]!, drs[0]!]) await create(site, alone, engine);
        if (ruled) {
          await drs[0]!.query(
            `CREATE TABLE ${spread}_all AS ${spread} ENGINE = Distributed(${OWN_CLUSTER}, d, spread${index}, key)`,
          );
        }
        /** Weights 2 and 1. */
        const placeOf = ({ key, place }: Row) => here.length === 1 ? 0 : byKeyHere ? key % 3 >> 1 : place % 2;
        for (const { rows, ...batch } of batches) {
          for (let time = 0; time < batch.here; time++) {
            await insert(drs[0]!, alone, rows);
            for (const [at, site] of here.entries()) {
              await insert(site, spread, rows.filter((row) => placeOf(row) === at));
            }
          }
          for (let time = 0; time < batch.there; time++) {
            await insert(shards[0]!, alone, rows);
            for (const [at, site] of there.entries()) {
              const own = rows.filter(({ key, place }) => (byKey ? key : place) % there.length === at);
              await insert(site, spread, own);
            }
          }
          if (batch.mergeHere) {
            await merge(drs[0]!, alone);
            for (const site of here) await merge(site, spread);
          }
          if (batch.mergeThere) {
            await merge(shards[0]!, alone);
            for (const site of there) await merge(site, spread);
          }
        }
        return {
          engine,
          spread,
          alone,
          used,
          here,
          apart: {
            here: await scattered(here, spread, engine),
            active: await scattered(there, spread, engine),
          },
          before: await content(here, spread),
          held: await content(there, spread),
          there,
          say: `seed ${SEED}, ${engine} ${spread}: ${JSON.stringify(history)}`,
        };
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const single = await check(cases.map(({ alone }) => alone), [[0], [0]]);
    const of = (report: typeof single, table: string) => {
      const found = findingsOf(report).filter((one) => one.table === table);
      return found.map(({ cause, missing, surplus, repaired }) => ({ cause, missing, surplus, repaired }));
    };
    for (const both of BOTH) {
      const some = cases.filter(({ used }) => used === both);
      const tables = some.map(({ spread }) => spread);
      // A check of no named tables would be one of all.
      if (tables.length === 0) continue;
      const report = await check(tables, both);
      assert.equal(report.error, null);
      const after = new Map<string, string>();
      for (const { spread, alone, apart, here, there, before, held, say } of some) {
        const [found, expected] = [of(report, spread), of(single, alone)];
        const now = await content(here, spread);
        after.set(spread, now);
        assert.equal(await content(there, spread), held, say);
        const [{ cause, detail }] = [findingsOf(report).find(({ table }) => table === spread) ?? {}] as [
          Partial<ReturnType<typeof findingsOf>[number]>,
        ];
        const outcome = `${cause}${found[0]?.repaired ? ", repaired" : ""}`;
        seen[outcome] = (seen[outcome] ?? 0) + 1;
        // Of a partition that the active site does not hold nothing is compared.
        const side = held.trim() === "" ? null : apart.here > 0 ? "here" : apart.active > 0 ? "active" : null;
        if (side !== null) {
          const site = side === "here" ? "this site" : "the active site";
          assert.equal(cause, "keys_over_shards", say);
          assert.match(
            detail!,
            new RegExp(`^${apart[side]} keys? stands? on more than one shard of ${site}`),
            say,
          );
          assert.equal(now, before, say);
        } else if (cause === "failed") {
          // Rows lie elsewhere here than by the hash of their key.
          assert.match(detail!, /\d keys? would stand on more than one shard/, say);
          assert.ok(here.length > 1 && expected.some(({ repaired }) => repaired), say);
          assert.equal(now, before, say);
        } else {
          assert.deepEqual(found, expected, say);
          // Nothing comes of what the active site does not hold: rows of a key may go on standing on several shards here.
          assert.equal(now, held.trim() === "" ? before : await content([drs[0]!], alone), say);
        }
      }
      const again = await check(tables, both, 0);
      assert.ok(!findingsOf(again).some(({ repaired }) => repaired), JSON.stringify(reasonsOf(again)));
      for (const { spread, here, say } of some) {
        assert.equal(await content(here, spread), after.get(spread), say);
      }
    }
    if (CASES >= 40) assert.ok(Object.keys(seen).length > 2, JSON.stringify(seen));
  });

  const large = async (table: string) => {
    await sites.everywhere(
      `CREATE TABLE ${table} (day Date, key UInt32, v UInt8, s String) ENGINE = ReplacingMergeTree(v) ` +
        "PARTITION BY toYYYYMM(day) ORDER BY key",
    );
    const rows = (where: string, version = "0") =>
      `INSERT INTO ${table} SELECT '2026-01-01', number, ${version}, 'row ' || number FROM numbers(20000) WHERE ${where}`;
    for (const [at, shard] of shards.entries()) {
      await shard.query(rows(`number % 2 = ${at}`));
      await shard.query(rows(`number % 2 = ${at} AND number BETWEEN 4000 AND 4099`, "1"));
    }
    return rows;
  };
  const latest = async (some: readonly Site[], table: string) => {
    const found = await Promise.all(
      some.map((site) => site.query(`SELECT key, v, s FROM ${table} FINAL ORDER BY key`)),
    );
    return found.flatMap((text) => text.split("\n").filter(Boolean)).sort().join("\n");
  };

  await t.step("a gap among many keys, and one key that comes to a second shard later", async () => {
    const table = "d.large";
    const rows = await large(table);
    await drs[0]!.query(rows("number NOT BETWEEN 9000 AND 9100"));
    const report = await check([table], [[0, 1], [0]]);
    assert.deepEqual(reasonsOf(report), { [`${table} 202601`]: "partial, repaired" });
    assert.equal(findingsOf(report)[0]?.missing, 201n);
    assert.equal(await latest([drs[0]!], table), await latest(shards, table));
    // That is seen, although this site has all that the rows come down to.
    await shards[0]!.query(rows("number = 5"));
    const [refused] = findingsOf(await check([table], [[0, 1], [0]]));
    assert.equal(refused?.cause, "keys_over_shards");
    assert.match(refused?.detail ?? "", /^1 key stands /);
  });

  await t.step("what happens between two attaches leaves rows that the next check finds", async () => {
    const table = "d.cut_off";
    const rows = await large(table);
    for (const [at, site] of drs.entries()) {
      await site.query(
        `CREATE TABLE ${table}_all AS ${table} ENGINE = Distributed(${OWN_CLUSTER}, d, cut_off, key)`,
      );
      await site.query(rows(`number NOT BETWEEN 9000 AND 9100 AND intDiv(number % 3, 2) = ${at}`));
    }
    await using points = startFaultPoints(() => drs[1]!.url);
    const { localShards: [one, other], ...named } = sites.settingsOfBoth();
    const settings = { ...named, localShards: [one!, [{ ...other![0]!, url: points.url }]] };
    const cut = () => checkSites(first, { only: [table], settings });
    // Once the first shard has its share, the second one merges what it holds: that changes nothing of what is missing.
    const rowsOf = async (site: Site) => Number(await site.query(`SELECT count() FROM ${table}`));
    const before = await rowsOf(drs[0]!);
    let merged = false;
    points.before = async ({ sql }) => {
      if (!merged && await rowsOf(drs[0]!) !== before) {
        merged = true;
        await drs[1]!.query(`OPTIMIZE TABLE ${table} FINAL`);
      }
      return /MOVE PARTITION ID/.test(sql) ? "cut" : "answer";
    };
    const [lost] = findingsOf(await cut());
    assert.deepEqual([merged, lost?.reason], [true, "failed"]);
    assert.doesNotMatch(lost?.detail ?? "", /changed here/);
    assert.match(lost?.detail ?? "", /On other shards rows had been added before \(\d+ to shard 1\)/);
    points.before = () => "answer";
    points.after = ({ sql }) => /MOVE PARTITION ID/.test(sql) ? "cut" : "answer";
    assert.deepEqual(reasonsOf(await cut()), { [`${table} 202601`]: "partial, repaired" });
    assert.equal(await latest(drs, table), await latest(shards, table));
    assert.ok(isClean(await cut()));
    assert.equal(
      (await Promise.all(
        drs.map((site) => site.query("SELECT name FROM system.tables WHERE startsWith(name, '_chsync_')")),
      )).join(""),
      "",
    );
  });

  await t.step("rows of a key come in their order, and where their Distributed table puts them", async () => {
    // Both values of `a` belong on the first shard, which weighs 2: each by another one of its weights.
    const rules = {
      last: ["ReplacingMergeTree", "a"],
      tied: ["ReplacingMergeTree(v)", "a"],
      signed8: ["ReplacingMergeTree", "CAST(key - 128 AS Int8)"],
      signed32: ["ReplacingMergeTree(v)", "toInt32(key) - 100"],
      signed64: ["ReplacingMergeTree", "toInt64(key) - 100"],
      unsigned: ["ReplacingMergeTree", "toUInt16(key)"],
    } as const;
    const tables = Object.keys(rules).map((name) => `d.in_${name}`);
    for (const [at, [engine, key]] of Object.values(rules).entries()) {
      const table = tables[at]!;
      for (const site of [...shards, ...drs]) await create(site, table, engine);
      for (const site of drs) await create(site, `${table}_by_server`, engine);
      for (const over of [table, `${table}_by_server`]) {
        const distributed = `Distributed(${OWN_CLUSTER}, d, ${over.slice(2)}, ${key})`;
        await drs[0]!.query(`CREATE TABLE ${over}_all AS ${table} ENGINE = ${distributed}`);
      }
      const write = (site: Site, into: string, time: number, where: string) =>
        site.query(
          `INSERT INTO ${into} SELECT '2026-01-01', number, 0, (number + ${time}) % 2, 1, ${time} FROM numbers(250) ` +
            `WHERE ${where} SETTINGS optimize_on_insert = 0, distributed_foreground_insert = 1`,
        );
      for (const time of [0, 1, 2]) {
        for (const [at, shard] of shards.entries()) await write(shard, table, time, `number % 2 = ${at}`);
        await write(drs[0]!, `${table}_by_server_all`, time, "1");
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const repaired = Object.fromEntries(tables.map((table) => [`${table} 202601`, "missing, repaired"]));
    const of = (some: readonly string[]) => check(some, [[0, 1], [0, 1]], some === tables ? 1 : 0);
    assert.deepEqual(reasonsOf(await of(tables)), repaired);
    for (const table of tables) {
      assert.equal(await content(drs, table), await content(shards, table), table);
      for (const dr of drs) {
        assert.equal(await content([dr], table), await content([dr], `${table}_by_server`), table);
      }
    }
    assert.deepEqual(reasonsOf(await of([...tables])), {});
  });

  await t.step("a table of which every shard has a copy is not copied several times", async () => {
    const table = "d.copies";
    await sites.everywhere(
      `CREATE TABLE ${table} (key UInt32, s String) ENGINE = ReplacingMergeTree(key) ORDER BY key`,
    );
    for (const shard of shards) {
      await shard.query(`INSERT INTO ${table} SELECT number, 'same' FROM numbers(12)`);
    }
    for (const both of BOTH.filter(([there]) => there.length > 1)) {
      const [refused] = findingsOf(await check([table], both));
      assert.equal(refused?.cause, "keys_over_shards");
      assert.match(refused?.detail ?? "", /^12 keys stand /);
      assert.equal(await drs[0]!.query(`SELECT count() FROM ${table}`), "0\n");
    }
  });
});
