/** Whatever happened to a table with views: what is repaired becomes the union, and what is refused stays as it was. */
import assert from "node:assert/strict";
import { casesOf } from "../../../support/cases.ts";
import { fc } from "../../../support/seed.ts";
import { isClean } from "../../../../src/verdict/clean.ts";
import { checkSites } from "../../../support/sites/check_sites.ts";
import { onBoth } from "../../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../../support/temporary_directory.ts";
import { type Site, startTwoSites, type TwoSites } from "../../../support/sites/two_sites.ts";

/** Something that happens at one site or at both. `from` and `key` say to which rows. */
const operation = fc.record({
  kind: fc.constantFrom(
    "insert",
    "insert",
    "insert",
    "twin",
    "hide",
    "erase",
    "update",
    "drop part",
    "expired",
  ),
  where: fc.constantFrom("both", "primary", "primary", "dr"),
  day: fc.constantFrom("2026-01-01", "2026-01-02"),
  from: fc.integer({ min: 0, max: 40 }),
  count: fc.integer({ min: 1, max: 30 }),
  key: fc.integer({ min: 0, max: 3 }),
}, { noNullPrototype: true });
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const SYNC = "SETTINGS mutations_sync = 2";

function statement({ kind, day, from, count, key }: Operation, site: "primary" | "dr"): string {
  const rows = (value: string) =>
    `INSERT INTO h.t SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 60, number % 4, ${value} ` +
    `FROM numbers(${from}, ${count}) SETTINGS optimize_on_insert = 0`;
  const within = `k = ${key} AND toDate(ts) = '${day}'`;
  switch (kind) {
    case "insert":
      return rows("number");
    case "twin":
      return rows(site === "dr" ? "number + 1000" : "number");
    case "hide":
      return `DELETE FROM h.t WHERE ${within}`;
    case "erase":
      return `ALTER TABLE h.t DELETE WHERE ${within} ${SYNC}`;
    case "update":
      return `ALTER TABLE h.t UPDATE v = v + 5000 WHERE ${within} ${SYNC}`;
    case "drop part":
      return `ALTER TABLE h.t DROP PARTITION ID '${day.replaceAll("-", "")}'`;
    case "expired":
      return rows("number").replaceAll(day, day.replace("2026", "2010"));
  }
}

const SCHEMA = [
  "DROP DATABASE IF EXISTS h SYNC",
  "CREATE DATABASE h",
  "CREATE TABLE h.t (ts DateTime('UTC'), k UInt8, v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) " +
  "ORDER BY (k, ts) TTL ts + INTERVAL 10 YEAR",
  "CREATE TABLE h.hourly (hour DateTime('UTC'), k UInt8, c UInt64, s UInt64) ENGINE = SummingMergeTree ORDER BY (hour, k)",
  "CREATE MATERIALIZED VIEW h.to_hourly TO h.hourly AS SELECT toStartOfHour(ts) AS hour, k, count() AS c, sum(v) AS s " +
  "FROM h.t GROUP BY hour, k",
  "CREATE TABLE h.daily (day Date, c UInt64) ENGINE = SummingMergeTree ORDER BY day",
  "CREATE MATERIALIZED VIEW h.to_daily TO h.daily AS SELECT toDate(hour) AS day, sum(c) AS c FROM h.hourly GROUP BY day",
  "CREATE MATERIALIZED VIEW h.inner ENGINE = SummingMergeTree ORDER BY k AS SELECT k, count() AS c FROM h.t GROUP BY k",
];

/** How often each row of each partition is there, expired ones left out. */
async function rowsOf(site: Site): Promise<Map<string, Map<string, number>>> {
  const found = await site.rows<{ id: string; row: string; n: string }>(
    "SELECT _partition_id AS id, toString((ts, k, v)) AS row, toString(count()) AS n FROM h.t " +
      "WHERE ts > '2020-01-01 00:00:00' GROUP BY id, row",
  );
  const partitions = new Map<string, Map<string, number>>();
  for (const { id, row, n } of found) {
    partitions.set(id, (partitions.get(id) ?? new Map()).set(row, Number(n)));
  }
  return partitions;
}

/** Its sorting key and time: all but the value. */
function eventOf(row: string): string {
  return row.slice(0, row.lastIndexOf(","));
}

function eventsOnlyIn(some: Map<string, number>, others: Map<string, number>): Set<string> {
  return new Set([...some].filter(([row, n]) => n > (others.get(row) ?? 0)).map(([row]) => eventOf(row)));
}

/** What the views of a site add up to, and what the base table would give: only their change can be the same. */
async function sums(site: Site): Promise<{ views: bigint[]; base: bigint[] }> {
  const numbers = async (sql: string) => (await site.query(sql)).trim().split("\t").map(BigInt);
  return {
    views: await numbers(
      "SELECT (SELECT sum(c) FROM h.hourly), (SELECT sum(s) FROM h.hourly), " +
        "(SELECT sum(c * (toHour(hour) * 7 + k)) FROM h.hourly), (SELECT sum(c) FROM h.daily), (SELECT sum(c * k) FROM h.inner)",
    ),
    base: await numbers(
      "SELECT count(), sum(v), sum(toHour(ts) * 7 + k), count(), sum(k) FROM h.t WHERE ts > '2020-01-01 00:00:00'",
    ),
  };
}

const minus = (a: bigint[], b: bigint[]) => a.map((value, at) => value - b[at]!);

/** After these a target may hold what its source no longer does: it is not fed that once more. */
const TAKES_ROWS: ReadonlySet<Operation["kind"]> = new Set([
  "hide",
  "erase",
  "update",
  "drop part",
  "expired",
]);

/** @param kept nothing has taken rows from the table so far, so that its views hold what it holds */
async function checkRound(sites: TwoSites, memory: string, deep: boolean, kept: boolean): Promise<void> {
  const { primary, dr } = sites;
  const [there, before, summed] = [await rowsOf(primary), await rowsOf(dr), await sums(dr)];
  const report = await checkSites(sites, { memory, deep });
  const [after, summedAfter] = [await rowsOf(dr), await sums(dr)];
  const base = report.tables.find(({ table }) => table === "h.t")!;
  assert.deepEqual(base.findings.filter(({ reason }) => reason === "failed"), []);
  for (const id of new Set([...there.keys(), ...before.keys()])) {
    const found = base.findings.find(({ partitionId }) => partitionId === id || partitionId === null);
    const rowsBefore = before.get(id) ?? new Map<string, number>();
    const union = new Map(rowsBefore);
    // A check that counts only finds out later that other rows make up the same number.
    if (found?.repaired || (!found && deep)) {
      // Beside twins, what can be none of them is repaired.
      const twins = base.findings.some((one) => one.partitionId === id && one.reason === "independent")
        ? eventsOnlyIn(rowsBefore, there.get(id) ?? new Map())
        : new Set();
      for (const [row, n] of there.get(id) ?? []) {
        if (!twins.has(eventOf(row))) union.set(row, Math.max(n, rowsBefore.get(row) ?? 0));
      }
    }
    assert.deepEqual(
      new Map([...after.get(id) ?? []].sort()),
      new Map([...union].sort()),
      `${id}: ${found?.reason} ${found?.detail}`,
    );
  }
  const [fed, came] = [minus(summedAfter.views, summed.views), minus(summedAfter.base, summed.base)];
  if (kept) assert.deepEqual(fed, came);
  for (const [at, sum] of fed.entries()) {
    assert.ok(sum >= 0n && sum <= came[at]!, `views got ${fed} of ${came}`);
  }
  assert.deepEqual(await rowsOf(primary), there);
  // A clean check leaves nothing missing, whatever else it says.
  if (!isClean(report) || !deep) return;
  for (const [id, rows] of there) {
    for (const [row, n] of rows) {
      assert.ok((after.get(id)?.get(row) ?? 0) >= n, `${row} is missing, and clean`);
    }
  }
}

Deno.test("generated histories with views, deletes, mutations, TTL and twins", async () => {
  await using sites = await startTwoSites();
  const round = fc.array(operation, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 3 }),
      fc.nat({ max: 3 }),
      async (rounds, shallow) => {
        await onBoth(sites, ...SCHEMA);
        await using directory = await temporaryDirectory();
        let kept = true;
        for (const [round, operations] of rounds.entries()) {
          for (const one of operations) {
            for (const site of one.where === "both" ? ["primary", "dr"] as const : [one.where] as const) {
              await sites[site].query(statement(one, site));
            }
            kept &&= !TAKES_ROWS.has(one.kind);
          }
          await checkRound(sites, directory.path, shallow !== round, kept);
        }
      },
    ),
    { numRuns: casesOf("guardHistories") },
  );
});
