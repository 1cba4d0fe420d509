/** Servers in different time zones: what depends on them is refused, everything else is repaired. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const EPOCH = 1_767_200_400;

Deno.test("servers in different time zones", async (t) => {
  await using sites = await startTwoSites({
    primary: { timezone: "Etc/UTC" },
    dr: { timezone: "Asia/Tokyo" },
  });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");

  await t.step("a key that depends on the server's zone is drift", async () => {
    const keys: Record<string, readonly [columns: string, key: string, time: string]> = {
      "a DateTime without a zone": ["ts DateTime, n UInt32", "toYYYYMMDD(ts)", "toDateTime({e})"],
      "a day that is computed": [
        "ts DateTime('UTC'), n UInt32, day Date MATERIALIZED toDate(ts)",
        "day",
        "{e}",
      ],
      "a day by default": ["ts DateTime('UTC'), n UInt32, day Date DEFAULT toDate(ts)", "day", "{e}"],
      "a time made of a number": [
        "ms Int64, n UInt32",
        "toYYYYMMDD(fromUnixTimestamp64Milli(ms))",
        "({e}) * 1000",
      ],
      "a part of a column": [
        "t Tuple(b DateTime, s String), n UInt32",
        "toDate(t.b)",
        "(toDateTime({e}), 's')",
      ],
    };
    for (const [index, [columns, key, time]] of Object.values(keys).entries()) {
      const first = columns.split(" ")[0];
      const rows = `SELECT ${
        time.replace("{e}", `${EPOCH} + number * 150`)
      } AS ${first}, number AS n FROM numbers(576)`;
      await onBoth(
        sites,
        `CREATE TABLE d.t${index} (${columns}) ENGINE = MergeTree PARTITION BY ${key} ORDER BY n`,
        `INSERT INTO d.t${index} (${first}, n) ${rows}`,
      );
      const before = await content(dr, `d.t${index}`);
      const report = await checkSites(sites, { only: [`d.t${index}`] });
      assert.deepEqual(reasonsOf(report), { [`d.t${index}`]: "drifted" }, Object.keys(keys)[index] ?? "");
      assert.match(
        findingsOf(report)[0]!.detail,
        /time zones differ \(Asia\/Tokyo here, Etc\/UTC at the active site\)/,
      );
      assert.equal(await content(dr, `d.t${index}`), before);
    }
  });

  await t.step("a key with a zone of its own, or without a time, is repaired", async () => {
    const keys = [
      "toYYYYMMDD(ts)",
      "toDate(t.b)",
      "toStartOfWeek(ts)",
      "day",
      "n % 4",
      "cityHash64(n) % 4",
      "tuple()",
    ];
    for (const [index, key] of keys.entries()) {
      const table = `d.u${index}`;
      await onBoth(
        sites,
        `CREATE TABLE ${table} (ts DateTime64(3, 'Europe/Berlin'), day Date, n UInt32, t Tuple(b DateTime('UTC'))) ENGINE = MergeTree ` +
          `PARTITION BY ${key} ORDER BY (n, ts)`,
      );
      const insert = `INSERT INTO ${table} SELECT toDateTime64(${EPOCH} + number * 150, 3, 'UTC'), ` +
        `toDate(number % 3), number, tuple(toDateTime(${EPOCH} + number * 150)) FROM numbers(576)`;
      await primary.query(insert);
      await dr.query(`${insert} WHERE number % 5`);
      await checkSites(sites, { only: [table] });
      assert.equal(await content(dr, table), await content(primary, table), key);
      assert.deepEqual(reasonsOf(await checkSites(sites, { only: [table] })), {}, key);
    }
  });

  await t.step("a part of a column that is no time is repaired, whatever stands beside it", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.part (t Tuple(at DateTime, n UInt8), n UInt32) ENGINE = MergeTree PARTITION BY t.n ORDER BY n",
    );
    const insert = `INSERT INTO d.part SELECT (toDateTime(${EPOCH}), number % 2), number FROM numbers(100)`;
    await primary.query(insert);
    await dr.query(`${insert} WHERE number % 5`);
    await new Promise((resolve) => setTimeout(resolve, 2100)); // it has no time: it must be at rest
    const check = async () =>
      reasonsOf(await checkSites(sites, { only: ["d.part"], settings: { settleSeconds: 1 } }));
    assert.deepEqual(await check(), { "d.part 0": "partial, repaired", "d.part 1": "partial, repaired" });
    assert.deepEqual(await check(), {});
    assert.equal(await dr.query("SELECT count() FROM d.part"), "100\n");
  });
});
