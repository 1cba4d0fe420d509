/**
 * Tables whose engine merges rows by key, and those that views connect, on two shards of two replicas: what one server would have in
 * the end, at each replica, whichever of them lags or dies.
 */
import assert from "node:assert/strict";
import { PATIENCE } from "../../../src/clickhouse/http/statement_watch.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { casesOf } from "../../support/cases.ts";
import { fc, SEED } from "../../support/seed.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { MERGING_ENGINES, MERGING_ROW, mergingValues } from "../../support/data/merging_rows.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { type ReplicatedSite, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const CASES = casesOf("mergedReplicas");

/** At which sites the table is replicated; at the other one it is on one server a shard. */
const REPLICATED = ["both", "primary", "dr"] as const;
type Replicated = typeof REPLICATED[number];

const row = fc.record(MERGING_ROW);
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

const times = fc.constantFrom(1, 1, 1, 0, 2);
const histories = fc.record({
  engine: fc.constantFrom(...MERGING_ENGINES),
  /** Whether a Distributed table here says where rows belong. */
  ruled: fc.boolean(),
  batches: fc.array(
    fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 4 }),
      here: times,
      there: times,
      /** The replica of each shard that takes it. */
      by: fc.nat(1),
      merge: fc.constantFrom("nowhere", "here", "there"),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})
  // Of five parts, the server plans a merge even while merges are stopped, and waits for it ever after.
  .filter(({ batches }) =>
    (["here", "there"] as const).every((site) => batches.reduce((sum, batch) => sum + batch[site], 0) <= 4)
  );

type Shards = readonly (readonly Site[])[];

/** Tables that views connect: no row of theirs is merged with another. */
const LINKED = /_(source|target)$/;

/** Adds the staged parts of a shard to its table. */
const ATTACH = /^ALTER TABLE .* (ATTACH PARTITION|MOVE PARTITION) ID/s;

/** Of a check in which a server dies. Milliseconds. */
const patience = { ...PATIENCE, look: 200, silent: 15_000 };

/** Milliseconds within which checks make the site whole, on a busy machine. */
const WITHIN_MS = 120_000;

/** The engine as a replica has it. */
function onReplicas(engine: string): string {
  const [, name, args] = /^(\w+)(?:\((.*)\))?$/.exec(engine)!;
  return `Replicated${name}('/tables/{shard}/{database}/{table}', '{replica}'${args ? `, ${args}` : ""})`;
}

async function insert(site: Site, table: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const settings = "optimize_on_insert = 0, insert_deduplicate = 0, deduplicate_insert = 'disable'";
  await site.query(`INSERT INTO ${table} SETTINGS ${settings} VALUES ${mergingValues(rows)}`);
}

/** At every replica before it goes on. */
async function synced(shards: Shards, table: string): Promise<void> {
  const replicas = shards.filter((shard) => shard.length > 1).flat();
  await Promise.all(replicas.map((site) => site.query(`SYSTEM SYNC REPLICA ${table}`)));
}

async function merge(shards: Shards, table: string): Promise<void> {
  await synced(shards, table);
  for (const site of shards.flat()) await site.query(`SYSTEM START MERGES ${table}`);
  for (const [site] of shards) await site!.query(`OPTIMIZE TABLE ${table} FINAL`);
  await synced(shards, table);
  for (const site of shards.flat()) await site.query(`SYSTEM STOP MERGES ${table}`);
}

/** All rows as they are stored, and what they read as once they are merged. */
async function content(sites: readonly Site[], table: string): Promise<string> {
  const read = async (from: string) => {
    const found = await Promise.all(sites.map((site) => site.query(`SELECT * FROM ${from}`)));
    return found.flatMap((text) => text.split("\n").filter(Boolean)).sort().join("\n");
  };
  return `${await read(table)}\n\n${await read(`${table} FINAL`)}`;
}

/** One replica of each shard, as often as the site has replicas. */
function byReplica(shards: Shards): Site[][] {
  return shards[0]!.map((_, at) => shards.map((shard) => shard[at]!));
}

Deno.test("engines that merge rows, and views, on shards of two replicas", async (t) => {
  await using sites = await startReplicatedSites({ shards: 2 });
  const { primary, dr } = sites;
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE d");
  const shardsOf = (site: ReplicatedSite, replicated: boolean): Shards =>
    replicated ? site.shards : site.shards.map(([first]) => [first!]);
  const of = (replicated: Replicated): readonly [Shards, Shards] => [
    shardsOf(primary, replicated !== "dr"),
    shardsOf(dr, replicated !== "primary"),
  ];
  const named = (there: Shards, here: Shards, urlOf = ({ url }: Site) => url): Partial<Settings> => {
    const addresses = (shards: Shards, urlOf = ({ url }: Site) => url) =>
      shards.map((shard) =>
        shard.map((site) => ({
          url: urlOf(site),
          native: { host: site.host, port: site.tcpPort, secure: false },
        }))
      );
    const some = { settleSeconds: 1, excludePatterns: ["system.*", "cluster.*"] };
    if (there.length === 1) return some;
    return { ...some, shards: addresses(there), localShards: addresses(here, urlOf) };
  };
  const check = (only: readonly string[], settings: Partial<Settings>, patience = PATIENCE) =>
    checkSites(sites.first, { only, settings, patience });
  const create = async (shards: Shards, table: string, engine: string) => {
    // One after the other: replicas that are made at the same time wait for each other.
    for (const site of shards.flat()) {
      await site.query(
        `CREATE TABLE ${table} (day Date, key UInt16, v UInt8, a UInt8, sign Int8, deleted UInt8) ` +
          `ENGINE = ${
            shards[0]!.length > 1 ? onReplicas(engine) : engine
          } PARTITION BY toYYYYMM(day) ORDER BY (day, key)`,
      );
      await site.query(`SYSTEM STOP MERGES ${table}`);
    }
  };
  /** Once rows of all tables are at rest. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 2200));

  await t.step("whatever happened, each replica ends as one server would", async () => {
    const some = fc.sample(histories, { seed: SEED, numRuns: CASES }).entries();
    const cases = await Array.fromAsync(some, async ([index, history]) => {
      const { engine, ruled, batches } = history;
      const replicated = REPLICATED[index % REPLICATED.length]!;
      const [there, here] = of(replicated);
      const [spread, alone] = [`d.spread${index}`, `d.alone${index}`];
      const one: readonly [Shards, Shards] = [[[primary.replicas[0]!]], [[dr.replicas[0]!]]];
      const both = [[there, one[0]], [here, one[1]]] as const;
      await Promise.all(both.map(async ([shards, single]) => {
        await create(shards, spread, engine);
        await create(single, alone, engine);
      }));
      if (ruled) {
        await dr.replicas[0]!.query(
          `CREATE TABLE ${spread}_all AS ${spread} ENGINE = Distributed(site, d, spread${index}, key)`,
        );
      }
      for (const { rows, by, merge: merged, ...batch } of batches) {
        await Promise.all(both.map(async ([shards, single], side) => {
          for (let time = 0; time < (side === 0 ? batch.there : batch.here); time++) {
            await insert(single[0]![0]!, alone, rows);
            for (const [at, shard] of shards.entries()) {
              // Else by another rule at each site.
              const own = rows.filter(({ key }) => (side === 0 || !ruled ? key >> 1 : key) % 2 === at);
              await insert(shard[by % shard.length]!, spread, own);
            }
            // Blocks are numbered as they come.
            await synced(shards, spread);
          }
          if (merged !== (side === 0 ? "there" : "here")) return;
          await merge(single, alone);
          await merge(shards, spread);
        }));
      }
      const [held, before] = [
        await content(byReplica(there)[0]!, spread),
        await content(byReplica(here)[0]!, spread),
      ];
      const say = `seed ${SEED}, ${replicated} replicated: ${JSON.stringify(history)}`;
      return { replicated, there, here, spread, alone, ruled, held, before, say };
    });
    await settle();
    const single = await check(cases.map(({ alone }) => alone), named([[]], [[]]));
    const reported = (report: typeof single, table: string) =>
      findingsOf(report).filter((one) => one.table === table)
        .map(({ cause, missing, surplus, repaired }) => ({ cause, missing, surplus, repaired }));
    for (const replicated of REPLICATED) {
      const some = cases.filter((one) => one.replicated === replicated);
      const tables = some.map(({ spread }) => spread);
      // A check of no named tables would be one of all.
      if (tables.length === 0) continue;
      const settings = named(...of(replicated));
      const report = await check(tables, settings);
      assert.equal(report.error, null);
      const after = new Map<string, string>();
      for (const { there, here, spread, alone, ruled, held, before, say } of some) {
        await synced(here, spread);
        const [now, ...others] = await Promise.all(byReplica(here).map((sites) => content(sites, spread)));
        after.set(spread, now!);
        for (const other of others) assert.equal(other, now, say);
        assert.equal(await content(byReplica(there)[0]!, spread), held, say);
        const [found, expected] = [reported(report, spread), reported(single, alone)];
        if (!ruled && found[0]?.cause === "failed") {
          // Rows lie elsewhere here than by the hash of their key.
          assert.match(
            findingsOf(report).find(({ table }) => table === spread)!.detail,
            /would stand on more than/,
            say,
          );
          assert.equal(now, before, say);
          continue;
        }
        assert.deepEqual(found, expected, say);
        assert.equal(now, held.trim() === "" ? before : await content([dr.replicas[0]!], alone), say);
      }
      const again = await check(tables, { ...settings, settleSeconds: 0 });
      assert.ok(!findingsOf(again).some(({ repaired }) => repaired), JSON.stringify(reasonsOf(again)));
      for (const { here, spread, say } of some) {
        await synced(here, spread);
        for (const sites of byReplica(here)) {
          assert.equal(await content(sites, spread), after.get(spread), say);
        }
      }
    }
  });

  /** 400 keys by their last bit at the active site; here those of `where`, and by which rule rows are spread, if any tells. */
  const fill = async (
    table: string,
    engine: string,
    [there, here]: readonly [Shards, Shards],
    where: string | null,
  ) => {
    await Promise.all([there, here].map((shards) => create(shards, table, engine)));
    const write = (shards: Shards, values: string, where: string) =>
      Promise.all(shards.map((shard, at) =>
        shard.at(-1)!.query(
          `INSERT INTO ${table} SELECT '2026-01-01', number, ${values} FROM numbers(400) WHERE number % 2 = ${at} AND ${where} ` +
            "SETTINGS optimize_on_insert = 0",
        )
      ));
    await write(there, "0, 0, 1, 0", "1");
    await synced(there, table);
    if (where !== null) {
      await dr.replicas[0]!.query(
        `CREATE TABLE ${table}_all AS ${table} ENGINE = Distributed(site, d, ${table.slice(2)}, key)`,
      );
      await write(here, "0, 0, 1, 0", where);
      await synced(here, table);
    }
    /** Other rows of some keys, at the last replicas of the active site. */
    return async () => {
      if (engine.startsWith("Collapsing")) await write(there, "0, 0, -1, 0", "number % 7 = 0");
      await write(there, "1, 1, 1, 0", "number % 7 = 0");
    };
  };
  const assertAlike = async ([there, here]: readonly [Shards, Shards], table: string, rows = 400) => {
    await Promise.all([there, here].map((shards) => synced(shards, table)));
    const from = LINKED.test(table) ? table : `${table} FINAL`;
    const all = await Promise.all(
      [...byReplica(there), ...byReplica(here)].map(async (sites) => {
        const found = await Promise.all(sites.map((site) => site.query(`SELECT * FROM ${from}`)));
        return found.flatMap((text) => text.split("\n").filter(Boolean)).sort();
      }),
    );
    assert.equal(all[0]!.length, rows);
    for (const found of all) assert.deepEqual(found, all[0], table);
  };
  const keyed = { replaced: "ReplacingMergeTree(v)", collapsed: "CollapsingMergeTree(sign)" };

  await t.step("a replica of one shard lags at each site: the others are read and repaired", async () => {
    const both = of("both");
    const [there, here] = both;
    const behind = [there[0]![0]!, here[1]![0]!];
    const tables = Object.keys(keyed).map((name) => `d.lag_${name}`);
    for (const [at, engine] of Object.values(keyed).entries()) {
      const later = await fill(tables[at]!, engine, both, "number % 5 > 0");
      for (const site of behind) await site.query(`SYSTEM STOP FETCHES ${tables[at]}`);
      await later();
      await synced(there.map((shard) => shard.filter((site) => !behind.includes(site))), tables[at]!);
      // What the replica that lags here lacks is at its site.
      await here[1]![1]!.query(
        `INSERT INTO ${
          tables[at]
        } SELECT '2026-01-01', number, 0, 0, 1, 0 FROM numbers(400) WHERE number % 10 = 5`,
      );
    }
    await settle();
    const report = await check(tables, named(...both));
    assert.equal(report.error, null);
    const picked = report.replicas.shards.map(({ url }) => url);
    assert.deepEqual(picked, [there[0]![1]!.url, there[1]![0]!.url]);
    for (const table of tables) {
      assert.deepEqual(reasonsOf(report)[`${table} 202601`], "partial, repaired");
      for (const site of behind) await site.query(`SYSTEM START FETCHES ${table}`);
      await assertAlike(both, table);
    }
    assert.ok(isClean(await check(tables, { ...named(...both), settleSeconds: 0 })));
  });

  const linked = async (name: string, [there, here]: readonly [Shards, Shards]) => {
    const [source, target] = [`d.${name}_source`, `d.${name}_target`];
    await Promise.all([there, here].map(async (shards) => {
      const engine = shards[0]!.length > 1 ? onReplicas("MergeTree") : "MergeTree";
      for (const site of shards.flat()) {
        for (const table of [source, target]) {
          await site.query(
            `CREATE TABLE ${table} (ts DateTime, id UInt64, v String) ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY id`,
          );
        }
        await site.query(
          `CREATE MATERIALIZED VIEW d.${name}_view TO ${target} AS SELECT ts, id + 1000 AS id, upper(v) AS v FROM ${source} ` +
            "WHERE id % 3 > 0",
        );
      }
    }));
    const write = (shards: Shards, where: string) =>
      Promise.all(shards.map((shard, at) =>
        shard.at(-1)!.query(
          `INSERT INTO ${source} SELECT '2026-01-01', number, 'row ' || number FROM numbers(300) WHERE number % 2 = ${at} AND ${where}`,
        )
      ));
    const lose = async (shards: Shards, table: string, where: string) => {
      await synced(shards, table);
      for (const [first] of shards) {
        await first!.query(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 2`);
      }
    };
    return { source, target, tables: [source, target], write, lose };
  };

  await t.step("tables that views connect: each by itself, no view is fed, at every replica", async () => {
    for (const replicated of ["both", REPLICATED[1 + Math.abs(SEED) % 2]!] as const) {
      const both = of(replicated);
      const [there, here] = both;
      const { source, target, tables, write, lose } = await linked(`views_${replicated}`, both);
      await write(here, "number >= 150");
      await lose(here, source, "id % 10 = 3");
      await lose(here, target, "id % 10 = 4");
      const behind = replicated === "both" ? there[1]![0]! : null;
      await behind?.query(`SYSTEM STOP FETCHES ${target}`);
      await write(there, "1");
      for (const table of tables) {
        await synced(there.map((shard) => shard.filter((site) => site !== behind)), table);
      }
      await settle();
      const report = await check(tables, named(...both));
      assert.deepEqual(
        reasonsOf(report),
        Object.fromEntries(tables.map((table) => [`${table} 20260101`, "partial, repaired"])),
      );
      await behind?.query(`SYSTEM START FETCHES ${target}`);
      const again = await check(tables, named(...both));
      assert.deepEqual(reasonsOf(again), {});
      for (const [table, rows] of [[source, 300], [target, 200]] as const) {
        await assertAlike(both, table, rows);
      }
    }
  });

  await t.step(
    "a replica dies between staging and attach: another one is made whole, and it too in the end",
    async () => {
      const both = of("both");
      const [there, here] = both;
      // Nobody knows what waits for `ruled` at a replica that is gone; of `unruled`, all is absent here.
      const [ruled, unruled] = ["d.die_ruled", "d.die_unruled"];
      await (await fill(ruled, keyed.replaced, both, "number % 5 > 0"))();
      await (await fill(unruled, keyed.collapsed, both, null))();
      const { source, target, tables: views, write, lose } = await linked("die", both);
      await write(here, "number >= 150");
      await lose(here, source, "id % 10 = 3");
      await lose(here, target, "id % 10 = 4");
      await write(there, "1");
      for (const table of views) await synced(there, table);
      const tables = [ruled, unruled, ...views];
      const [fatal] = fc.sample(fc.constantFrom(...tables), { seed: SEED, numRuns: 1 }) as [string];
      await settle();
      const dies = here[1]![0]!;
      await using point = startFaultPoints(() => dies.url);
      let dead = false;
      point.before = async ({ sql }) => {
        if (!dead && !(ATTACH.test(sql) && sql.includes(fatal.slice(2)))) return "answer";
        if (!dead) await dies.server.kill();
        dead = true;
        return "cut";
      };
      const through = named(there, here, (site) => site === dies ? point.url : site.url);
      const died = await check(tables, through, patience);
      assert.ok(dead);
      assert.match(died.error ?? "", new RegExp(`${point.url}.* stopped answering in mid-check`));
      const meanwhile = await check(tables, named(...both));
      assert.equal(meanwhile.error, null);
      await dies.restart();
      const deadline = performance.now() + WITHIN_MS;
      for (;;) {
        const report = await check(tables, named(...both));
        const open = findingsOf(report);
        if (isClean(report) && !open.some(({ repaired }) => repaired)) break;
        assert.ok(performance.now() < deadline, JSON.stringify(open.map(({ detail }) => detail)));
        // Claims of the server that was gone end with its session.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      for (const table of tables) {
        await assertAlike(both, table, table === source ? 300 : table === target ? 200 : 400);
      }
      for (const site of dr.replicas) {
        assert.equal(
          await site.query("SELECT name FROM system.tables WHERE startsWith(name, '_chsync_')"),
          "",
        );
      }
    },
  );
});
