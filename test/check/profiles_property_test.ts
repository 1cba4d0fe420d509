/** Profiles that nobody would write, at either site: rows are repaired exactly, or the check says that they are not. */
import assert from "node:assert/strict";
import { casesOf } from "../support/cases.ts";
import { fc, SEED as seed } from "../support/seed.ts";
import { EXACT } from "../../src/clickhouse/http/exact_settings.ts";
import { EXACT_INSERT } from "../../src/clickhouse/http/statement_settings.ts";
import { exitCode, isClean } from "../../src/verdict/clean.ts";
import { hostileValue } from "../support/data/hostile_values.ts";
import { judged } from "../support/data/judged_settings.ts";
import { content, onBoth } from "../support/data/telemetry.ts";
import { checkSites, findingsOf } from "../support/sites/check_sites.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";

interface Setting {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Values of these make a server slow, or a user wait; nothing that is answered depends on them. */
const SLOW =
  /sleep|timeout|backoff|bandwidth|speed|interval|_ms$|nice_value|priority|pool|keeper|threads|block_size|buffer/;

const DAY = "toDateTime('2026-01-01 00:00:00', 'UTC')";
const TABLES = [
  "CREATE TABLE d.rows (ts DateTime('UTC'), a UInt32, s LowCardinality(String), n Nullable(Int32), m Map(String, String), " +
  "x Array(Float64), e Decimal(18, 4), t Tuple(p String, q Nullable(UInt8))) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (a, ts)",
  "CREATE TABLE d.fed (ts DateTime('UTC'), a UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY a",
  "CREATE TABLE d.sums (h DateTime('UTC'), c UInt64) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(h) ORDER BY h",
  "CREATE MATERIALIZED VIEW d.view TO d.sums AS SELECT toStartOfHour(ts) AS h, count() AS c FROM d.fed GROUP BY h",
  "CREATE TABLE d.last (ts DateTime('UTC'), k UInt32, v UInt32) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(ts) ORDER BY k",
  "SYSTEM STOP MERGES d.last",
];
const ROWS =
  "number % 5, concat('s', toString(number % 3)), if(number % 4 = 0, NULL, number), map('a', toString(number), 'b', ''), " +
  "[number / 3, nan], number / 7, (toString(number), if(number % 2, NULL, 1))";
const insert = (where: string) => [
  `INSERT INTO d.rows SELECT ${DAY} + number % 90, ${ROWS} FROM numbers(100) WHERE ${where}`,
  `INSERT INTO d.fed SELECT ${DAY} + number * 60, number % 3 FROM numbers(100) WHERE ${where}`,
];
const last = (v: number) =>
  `INSERT INTO d.last SELECT ${DAY}, number, ${v} FROM numbers(50) WHERE number % 3 <= ${v}`;

/** What a site holds, whatever merges did. */
async function held(site: Site): Promise<string[]> {
  return [
    await content(site, "d.rows"),
    await content(site, "d.fed"),
    await site.query("SELECT h, sum(c) FROM d.sums GROUP BY h ORDER BY h"),
    await site.query("SELECT k, v FROM d.last FINAL ORDER BY k"),
  ];
}

Deno.test("generated profiles change nothing, or are told", async (t) => {
  const settings: Setting[] = [];
  {
    // What one site does not know, it cannot be sent on by it to the other one either.
    await using sites = await startTwoSites();
    const known = (site: Site) =>
      site.rows<Setting>(
        "SELECT name, type, toString(value) AS value FROM system.settings WHERE alias_for = '' AND NOT is_obsolete",
      );
    const here = new Set((await known(sites.dr)).map(({ name }) => name));
    settings.push(...(await known(sites.primary)).filter(({ name }) => here.has(name)));
  }
  const usable = settings.filter((setting) => hostileValue(setting) !== null && !SLOW.test(setting.name));
  const pinned = usable.filter(({ name }) => name in EXACT || name in EXACT_INSERT);
  const left = usable.filter(({ name }) => !pinned.some((one) => one.name === name) && judged(name) !== null);
  const of = (some: readonly Setting[], most: number) =>
    fc.subarray([...some], { minLength: 1, maxLength: most }).chain((chosen) =>
      fc.array(fc.boolean(), { minLength: chosen.length, maxLength: chosen.length }).map((large) =>
        Object.fromEntries(chosen.map((setting, at) => [setting.name, hostileValue(setting, large[at])!]))
      )
    );
  const kinds = [
    ...fc.sample(of(pinned, pinned.length), { seed, numRuns: casesOf("pinnedSettings") }).map((profile) => ({
      profile,
      exact: true,
    })),
    ...fc.sample(of(left, 12), { seed, numRuns: casesOf("otherSettings") }).map((profile) => ({
      profile,
      exact: false,
    })),
  ];
  const users = Object.fromEntries(
    kinds.map(({ profile }, at) => [`user${at}`, { password: "pw", profile }]),
  );
  await using sites = await startTwoSites({ users });
  const { primary, dr } = sites;
  for (const [at, { profile, exact }] of kinds.entries()) {
    const where = at % 3;
    const said = `seed ${seed}, ${["both", "the active site", "the passive site"][where]} ${
      JSON.stringify(profile)
    }`;
    await t.step(`${at}: ${Object.keys(profile).length} settings`, async () => {
      await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", ...TABLES);
      for (const statement of [...insert("1"), last(0), last(1), last(2)]) await primary.query(statement);
      for (const statement of insert("number % 7 > 0")) await dr.query(statement);
      const before = await held(dr);
      const as = (site: Site): Site => {
        const endpoint = { url: site.url, user: `user${at}`, password: "pw" };
        return { ...site, writer: endpoint, reader: endpoint };
      };
      const mine = {
        ...sites,
        primary: where === 2 ? primary : as(primary),
        dr: where === 1 ? dr : as(dr),
      };
      await checkSites(mine);
      const report = await checkSites(mine);
      const [there, here] = [await held(primary), await held(dr)];
      if (exact || isClean(report)) assert.deepEqual(here, there, said);
      if (exact) {
        assert.ok(
          isClean(report),
          `${said}: ${report.error} ${findingsOf(report).map(({ detail }) => detail).join()}`,
        );
      } else assert.equal(isClean(report), exitCode(report) === 0);
      for (const [table, content] of here.entries()) {
        assert.ok(
          content === there[table] || content === before[table],
          `${said}: table ${table} is neither whole nor as it was`,
        );
      }
    });
  }
});
