/** Tables that views connect, over several shards: each is compared and repaired by itself where every row makes rows of its own. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc, SEED } from "../../support/seed.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkShards, type Shards } from "../../support/sites/check_shards.ts";
import { findingsOf } from "../../support/sites/check_sites.ts";
import { OWN_CLUSTER, startShardedSites } from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const CASES = casesOf("connectedTables");

const BOTH: readonly Shards[] = [[[0, 1], [0]], [[0, 1], [0, 1]]];

/** A row, on which shard it is at either site, and where it got lost since: of the table, of what views made of it, or of both. */
const rows = fc.array(
  fc.record({
    day: fc.nat(1),
    there: fc.nat(1),
    here: fc.nat(1),
    lost: fc.constantFrom(
      "nothing",
      "nothing",
      "all here",
      "source here",
      "target here",
      "source there",
      "target there",
    ),
    again: fc.constantFrom(1, 1, 1, 2),
  }),
  { minLength: 1, maxLength: 40 },
);
type PlacedRow = typeof rows extends fc.Arbitrary<readonly (infer R)[]> ? R & { readonly id: number } : never;

async function insert(site: Site, table: string, some: readonly PlacedRow[]): Promise<void> {
  const values = some.flatMap(({ day, id, again }) =>
    Array.from({ length: again }, () => `('2026-01-0${day + 1} 00:00:00', ${id}, 'row ${id}')`)
  );
  if (values.length > 0) await site.query(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
}

/** How often each row is on these servers together. */
async function times(sites: readonly Site[], table: string): Promise<Map<string, number>> {
  const found = await Promise.all(
    sites.map((site) => site.query(`SELECT toString(tuple(*)) FROM ${table} FORMAT TSVRaw`)),
  );
  const counted = new Map<string, number>();
  for (const row of found.flatMap((text) => text.split("\n").filter(Boolean))) {
    counted.set(row, (counted.get(row) ?? 0) + 1);
  }
  return counted;
}

/** Each row as often as the site has it that has it more often. */
function union(here: ReadonlyMap<string, number>, there: ReadonlyMap<string, number>): [string, number][] {
  return [...new Set([...here.keys(), ...there.keys()])].sort()
    .map((row) => [row, Math.max(here.get(row) ?? 0, there.get(row) ?? 0)]);
}

Deno.test("tables that views connect, over several shards of either site", async (t) => {
  await using sites = await startShardedSites(2, () => ({}), [1, 1], {
    leastPrivilege: { databases: ["d"], with: ["LOCAL_CH_URL"] },
  });
  const { shards, drs } = sites;
  await sites.everywhere("CREATE DATABASE d");
  const check = (tables: readonly string[], both: Shards) =>
    checkShards(sites, tables, both, { maxConflictPercent: 100 });
  const columns =
    "(ts DateTime, id UInt64, v String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (id, ts)";
  const create = async (site: Site, name: string) => {
    await site.query(`CREATE TABLE d.${name} ${columns}`);
    await site.query(`CREATE TABLE d.${name}_even ${columns}`);
    await site.query(`CREATE TABLE d.${name}_last ${columns}`);
    await site.query(
      `CREATE MATERIALIZED VIEW d.${name}_v1 TO d.${name}_even AS SELECT ts, id, upper(v) AS v FROM d.${name} WHERE id % 2 = 0`,
    );
    await site.query(
      `CREATE MATERIALIZED VIEW d.${name}_v2 TO d.${name}_last AS SELECT ts, id + 1 AS id, v FROM d.${name}_even`,
    );
  };

  await t.step(
    "whatever was lost of whichever table, each row is there as often in the end, and no view is fed twice",
    async () => {
      const cases = await Promise.all(
        fc.sample(rows, { seed: SEED, numRuns: CASES }).map(async (found, index) => {
          const name = `t${index}`;
          const both = BOTH[index % BOTH.length]!;
          const placed = found.map((row, id): PlacedRow => ({ ...row, id }));
          const [there, here] = [both[0].map((at) => shards[at]!), both[1].map((at) => drs[at]!)];
          for (const site of [...there, ...here]) await create(site, name);
          for (const [at, site] of there.entries()) {
            await insert(site, `d.${name}`, placed.filter((row) => row.there % there.length === at));
          }
          for (const [at, site] of here.entries()) {
            const own = placed.filter((row) => row.here % here.length === at && row.lost !== "all here");
            await insert(site, `d.${name}`, own);
          }
          for (const [lost, some] of Map.groupBy(placed, ({ lost }) => lost)) {
            const [what, where] = lost.split(" ");
            if (what !== "source" && what !== "target") continue;
            const table = what === "source" ? `d.${name}` : `d.${name}_even`;
            const ids = some.map(({ id }) => id).join(", ");
            for (const site of where === "here" ? here : there) {
              await site.query(
                `ALTER TABLE ${table} DELETE WHERE id IN (${ids}) SETTINGS mutations_sync = 2`,
              );
            }
          }
          return { name, both, there, here, say: `seed ${SEED}: ${JSON.stringify(found)}` };
        }),
      );
      for (const both of BOTH) {
        const some = cases.filter((one) => one.both === both);
        const tables = some.flatMap(({ name }) => [`d.${name}`, `d.${name}_even`, `d.${name}_last`]);
        const expected = new Map<string, [string, number][]>();
        for (const { name, there, here } of some) {
          for (const table of [`d.${name}`, `d.${name}_even`, `d.${name}_last`]) {
            expected.set(table, union(await times(here, table), await times(there, table)));
          }
        }
        const report = await check(tables, both);
        assert.equal(report.error, null);
        // Few rows of a day, of which most are there twice, look like copies: that day is left alone.
        const copies = new Set(
          findingsOf(report).filter(({ detail }) => /Copies would count twice/.test(detail)).map((
            { table },
          ) => table),
        );
        const again = await check(tables, both);
        for (const { name, here, say } of some) {
          for (const table of [`d.${name}`, `d.${name}_even`, `d.${name}_last`]) {
            const open = findingsOf(again).filter((found) => found.table === table);
            // What is made of its rows waits for them.
            if (copies.has(table)) break;
            assert.deepEqual(
              open.filter(({ reason }) => reason !== "surplus").map(({ detail }) => detail),
              [],
              say,
            );
            assert.deepEqual(
              [...await times(here, table)].sort(([a], [b]) => a < b ? -1 : 1),
              expected.get(table),
              `${table}, ${say}`,
            );
          }
        }
      }
    },
  );

  await t.step(
    "rows of which views will make rows yet are in a queue: what views make of them waits",
    async () => {
      const [one, other] = drs as [Site, Site];
      for (const site of [...shards, ...drs]) await create(site, "q");
      const row = "VALUES ('2026-01-01 00:00:00', 2, 'b')";
      await shards[0]!.query(`INSERT INTO d.q ${row}`);
      // Of two shards of the same weight, 1 is the second.
      await one.query(`CREATE TABLE d.q_all AS d.q ENGINE = Distributed(${OWN_CLUSTER}, d, q, 1)`);
      await one.query("SYSTEM STOP DISTRIBUTED SENDS d.q_all");
      await one.query(`INSERT INTO d.q_all SETTINGS distributed_foreground_insert = 0 ${row}`);
      const tables = ["d.q", "d.q_even", "d.q_last"];
      const waiting = findingsOf(await check(tables, BOTH[1]!));
      assert.equal(waiting.find(({ table }) => table === "d.q")?.reason, "backfilling");
      assert.ok(waiting.every(({ repaired }) => !repaired));
      assert.match(waiting.find(({ table }) => table === "d.q_even")?.detail ?? "", /once d\.q, /);
      await one.query("SYSTEM START DISTRIBUTED SENDS d.q_all");
      await one.query("SYSTEM FLUSH DISTRIBUTED d.q_all");
      await check(tables, BOTH[1]!);
      for (const table of tables) {
        assert.equal(await one.query(`SELECT count() FROM ${table}`), "0\n", table);
        assert.equal(await other.query(`SELECT count() FROM ${table}`), "1\n", table);
      }
      await one.query("DROP TABLE d.q_all SYNC");
    },
  );

  await t.step(
    "what only hands rows on at the active site is no view, unless one fills it",
    async () => {
      const hands = (name: string) =>
        `ENGINE = Buffer(d, ${name}, 1, 10, 100, 10000, 1000000, 10000000, 100000000)`;
      for (const name of ["handed", "filled", "raw"]) {
        await sites.everywhere(`CREATE TABLE d.${name} ${columns}`);
        await shards[0]!.query(`INSERT INTO d.${name} VALUES ('2026-01-01 00:00:00', 1, 'a')`);
      }
      for (const shard of shards) {
        for (const name of ["handed", "filled"]) {
          await shard.query(`CREATE TABLE d.${name}_all AS d.${name} ${hands(name)}`);
        }
        await shard.query("CREATE MATERIALIZED VIEW d.raw_v TO d.filled_all AS SELECT ts, id, v FROM d.raw");
      }
      for (const both of BOTH) {
        const found = findingsOf(await check(["d.handed", "d.filled", "d.raw"], both));
        assert.deepEqual(
          found.filter(({ table }) => table === "d.handed").map(({ reason, repaired }) => [reason, repaired]),
          both === BOTH[0] ? [["missing", true]] : [],
        );
        assert.equal(found.find(({ table }) => table === "d.filled")?.cause, "over_shards");
      }
      await sites.everywhere("DROP TABLE IF EXISTS d.raw_v SYNC");
      for (const name of ["handed", "filled"]) {
        await sites.everywhere(`DROP TABLE IF EXISTS d.${name}_all SYNC`);
      }
      for (const name of ["handed", "filled", "raw"]) await sites.everywhere(`DROP TABLE d.${name} SYNC`);
    },
  );

  await t.step(
    "what cannot be repaired so is refused by name, with all that views connect it with",
    async () => {
      const cases: readonly (readonly [string, (name: string) => Promise<unknown>, RegExp])[] = [
        ["sums", async (name) => {
          await sites.everywhere(`CREATE TABLE d.${name} ${columns}`);
          await sites.everywhere(
            `CREATE TABLE d.${name}_to (day Date, n UInt64) ENGINE = SummingMergeTree ORDER BY day`,
          );
          await sites.everywhere(
            `CREATE MATERIALIZED VIEW d.${name}_v TO d.${name}_to AS SELECT toDate(ts) AS day, count() AS n FROM d.${name} GROUP BY day`,
          );
        }, /merges rows/],
        ["grouped", async (name) => {
          await sites.everywhere(`CREATE TABLE d.${name} ${columns}`);
          await sites.everywhere(
            `CREATE TABLE d.${name}_to (ts DateTime, n UInt64) ENGINE = MergeTree ORDER BY ts`,
          );
          await sites.everywhere(
            `CREATE MATERIALIZED VIEW d.${name}_v TO d.${name}_to AS SELECT ts, count() AS n FROM d.${name} GROUP BY ts`,
          );
        }, /put rows of d.grouped_to together/],
        ["rounded", async (name) => {
          await sites.everywhere(`CREATE TABLE d.${name} ${columns}`);
          await sites.everywhere(
            `CREATE TABLE d.${name}_to (hour DateTime, id UInt64) ENGINE = MergeTree ORDER BY id`,
          );
          await sites.everywhere(
            `CREATE MATERIALIZED VIEW d.${name}_v TO d.${name}_to AS SELECT toStartOfHour(ts) AS hour, id FROM d.${name}`,
          );
        }, /the time of rows of d.rounded_to is not that/],
        ["lacking", async (name) => {
          for (const site of [...shards, ...drs]) await create(site, name);
          await shards[1]!.query(`DROP VIEW d.${name}_v1`);
        }, /the view d.lacking_v1 on shard 2 of the active site is not like that on others/],
        ["kept", async (name) => {
          await sites.everywhere(`CREATE TABLE d.${name} ${columns}`);
          await sites.everywhere(
            `CREATE MATERIALIZED VIEW d.${name}_v ENGINE = MergeTree ORDER BY id AS SELECT ts, id FROM d.${name}`,
          );
        }, /inner table/],
      ];
      for (const [name, make] of cases) {
        await make(name);
        await shards[0]!.query(
          `INSERT INTO d.${name} VALUES ('2026-01-01 00:00:00', 1, 'a'), ('2026-01-01 00:00:00', 2, 'b')`,
        );
      }
      // A target that the check leaves out would never get its rows.
      for (const site of [...shards, ...drs]) await create(site, "part");
      await shards[0]!.query("INSERT INTO d.part VALUES ('2026-01-01 00:00:00', 2, 'b')");
      for (const both of BOTH) {
        const report = await check(["d.*", "!d.t*", "!d.q*", "!d.part_even"], both);
        assert.ok(!isClean(report));
        for (
          const [name, , says] of [...cases, [
            "part",
            null,
            /d.part_even, which a view reads or fills, is not compared/,
          ]] as const
        ) {
          const [found] = findingsOf(report).filter(({ table }) => table === `d.${name}`);
          assert.equal(found?.cause, "over_shards", name);
          assert.match(found?.detail ?? "", says);
          for (const site of drs) {
            assert.equal(
              await site.query(`SELECT count() FROM d.${name}`),
              "0\n",
              name,
            );
          }
        }
      }
    },
  );
});
