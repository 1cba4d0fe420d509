/** Rows that are missing all over a partition, of sites with several shards: the digests tell which they are. */
import assert from "node:assert/strict";
import type { Settings } from "../../../src/model/settings.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { type ShardedSites, startShardedSites } from "../../support/sites/sharded_sites.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";

/** Of the partition of a day, by table: how often it was judged, and how many hashes the cells told the first time. */
type Told = Map<string, { times: number; hashes: number | null }>;

const COLUMNS =
  "(ts DateTime('UTC'), id UInt64, word String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY id";
const ROWS = 24_000;

const DAY = "2026-01-01";

/** SQL: rows of a day. @param where of `number` */
const rows = (where: string, day = DAY) =>
  `SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 3, number, concat('w', toString(number)) FROM numbers(${ROWS}) ` +
  `WHERE ${where}`;
const ALL = "1";
const RANDOM = "cityHash64(number) % 20 = 0";

async function fill(
  sites: ShardedSites,
  table: string,
  there: string,
  here: string,
  day = DAY,
): Promise<void> {
  await sites.everywhere(`CREATE TABLE IF NOT EXISTS d.${table} ${COLUMNS}`);
  for (const [at, shard] of sites.shards.entries()) {
    await shard.query(
      `INSERT INTO d.${table} ${rows(`number % ${sites.shards.length} = ${at} AND (${there})`, day)}`,
    );
  }
  for (const [at, dr] of sites.drs.entries()) {
    await dr.query(
      `INSERT INTO d.${table} ${rows(`intDiv(number, 7) % ${sites.drs.length} = ${at} AND (${here})`, day)}`,
    );
  }
}

async function check(
  sites: TwoSites,
  settings: Partial<Settings> = {},
): Promise<{ readonly report: CheckReport; readonly told: Told }> {
  const told: Told = new Map();
  const report = await checkSites(sites, {
    settings,
    observer: {
      judged({ table, compared }) {
        const { times = 0, hashes = compared?.facts.missingHashes?.length ?? null } = told.get(table) ?? {};
        told.set(table, { times: times + 1, hashes });
      },
    },
  });
  return { report, told };
}

/** What both sites hold: each row with how often. */
async function held(
  sites: readonly { query(sql: string): Promise<string> }[],
  table: string,
): Promise<string> {
  const each = await Promise.all(sites.map(({ query }) => query(`SELECT * FROM d.${table}`)));
  return each.join("").trim().split("\n").sort().join("\n");
}

async function same(sites: ShardedSites, table: string): Promise<void> {
  assert.equal(await held(sites.drs, table), await held(sites.shards, table), table);
}

for (const weights of [[1], [1, 1]]) {
  Deno.test(`rows missing all over are copied by their hashes, to ${weights.length} of 2 shards, each as often as it should be`, async () => {
    await using sites = await startShardedSites(2, () => ({}), weights);
    await sites.everywhere("CREATE DATABASE d");
    const { shards: [first] } = sites;
    await fill(sites, "missing", ALL, `NOT ${RANDOM}`);
    // An outage: hardly a bucket tells of it, so nothing is cut into cells.
    const before = "number < 10000 OR number >= 11200";
    await fill(sites, "outage", ALL, before);
    // The first partition tells how the others are asked: right or wrong, they get what they lack.
    await fill(sites, "then_outage", ALL, `NOT ${RANDOM}`);
    await fill(sites, "then_outage", ALL, before, "2026-01-02");
    await fill(sites, "outage_then", ALL, before);
    await fill(sites, "outage_then", ALL, `NOT ${RANDOM}`, "2026-01-02");
    // A missing row that is there twice, and one of which one of two copies is missing.
    await fill(sites, "twice", ALL, `NOT ${RANDOM}`);
    await first!.query(`INSERT INTO d.twice ${rows(`${RANDOM} LIMIT 1`)}`);
    await fill(sites, "once_of_two", ALL, `NOT ${RANDOM}`);
    await first!.query(`INSERT INTO d.once_of_two ${rows(`NOT ${RANDOM} LIMIT 1`)}`);
    await fill(sites, "surplus", "number != 77", `number = 77 OR NOT ${RANDOM}`);
    const { report, told } = await check(sites.first, sites.settingsOfBoth());
    assert.deepEqual(findingsOf(report).filter(({ reason }) => reason !== "partial"), []);
    const missing = Number(await first!.query(`SELECT count() FROM numbers(${ROWS}) WHERE ${RANDOM}`));
    assert.ok(missing > 1000);
    assert.deepEqual(Object.fromEntries(told), {
      "d.missing": { times: 1, hashes: missing },
      "d.outage": { times: 1, hashes: null },
      "d.then_outage": { times: 2, hashes: missing },
      "d.outage_then": { times: 2, hashes: null },
      // Two of a row never stand alone in a cell.
      "d.twice": { times: 1, hashes: null },
      // By its hash both copies come: that is disproved, and looked into row by row.
      "d.once_of_two": { times: 2, hashes: missing + 1 },
      "d.surplus": { times: 2, hashes: null },
    });
    for (const table of ["missing", "outage", "then_outage", "outage_then", "twice", "once_of_two"]) {
      await same(sites, table);
    }
    assert.equal((await held(sites.drs, "surplus")).match(/^.*\tw77$/gm)?.length, 1);
    const again = await check(sites.first, sites.settingsOfBoth());
    assert.deepEqual(findingsOf(again.report).map(({ table, reason }) => `${table} ${reason}`), [
      "d.surplus surplus",
    ]);
  });
}

Deno.test("a profile that bounds groups, or the length of statements, costs time and no row", async () => {
  const profiles = [
    { max_rows_to_group_by: 2000 },
    { constraints: { max_query_size: { const: "" } } },
  ];
  for (const profile of profiles) {
    await using sites = await startShardedSites(2, () => ({}), [1], { sync: { profile } });
    await sites.everywhere("CREATE DATABASE d");
    await fill(sites, "t", ALL, `NOT ${RANDOM}`);
    const { report, told } = await check(sites.first, sites.settingsOfBoth());
    assert.deepEqual(findingsOf(report).map(({ reason }) => reason), ["partial"]);
    assert.deepEqual(told.get("d.t")?.times, "max_rows_to_group_by" in profile ? 1 : 2);
    await same(sites, "t");
  }
});

Deno.test("between single servers, rows missing all over a large partition are copied by their hashes, with the rights of grants.sql", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await onBoth(sites, "CREATE DATABASE d", `CREATE TABLE d.large ${COLUMNS}`);
  const many = (where: string) =>
    `INSERT INTO d.large SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + intDiv(number, 20), number, 'w' ` +
    `FROM numbers(1300000) WHERE ${where}`;
  await sites.primary.query(many("1"));
  // So many that their statement is longer than servers take by themselves.
  await sites.dr.query(many("number % 60"));
  const { report, told } = await check(sites);
  assert.deepEqual(findingsOf(report).map(({ reason }) => reason), ["partial"]);
  assert.deepEqual(told.get("d.large"), { times: 1, hashes: Math.ceil(1_300_000 / 60) });
  assert.equal(await sites.dr.query("SELECT count(), uniqExact(id) FROM d.large"), "1300000\t1300000\n");
});
