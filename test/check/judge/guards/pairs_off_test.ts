/** Events that each site wrote with values of its own in a key are not copied, and lost rows that look alike are. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../../support/sites/check_sites.ts";
import { content, onBoth } from "../../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../../support/sites/two_sites.ts";

const START = "toDateTime64('2026-01-01 08:00:00', 3, 'UTC')";

Deno.test("rows pair off once the columns that a site makes up are left out", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string, options = {}) => checkSites(sites, { only: [table], ...options });
  /** Refused with these columns named, and nothing is changed. */
  const assertTwins = async (table: string, ...columns: readonly string[]) => {
    const before = await content(dr, table);
    const report = await check(table);
    assert.ok(findingsOf(report).length > 0);
    for (const { reason, cause, detail } of findingsOf(report)) {
      assert.deepEqual([reason, cause], ["independent", "twins"], detail);
      for (const column of columns) assert.match(detail, new RegExp(`\\b${column}\\b`));
    }
    assert.equal(await content(dr, table), before);
  };

  await t.step("ids that each site's writer makes up, as logs have them", async () => {
    const logs =
      "CREATE TABLE d.logs (bucket UInt64, ts DateTime64(3, 'UTC'), id String, trace String, severity " +
      "LowCardinality(String), body String, attributes Map(String, String)) ENGINE = MergeTree PARTITION BY toDate(ts) " +
      "ORDER BY (bucket, severity, ts, id)";
    await onBoth(sites, logs);
    const write = (site: Site, salt: string, where: string) =>
      site.query(
        `INSERT INTO d.logs SELECT intDiv(number, 100), ${START} + number * 2, hex(sipHash64('${salt}', number)), ` +
          `hex(sipHash64(number)), if(number % 9 = 0, 'ERROR', 'INFO'), concat('event ', toString(number)), ` +
          `map('pod', toString(number % 5)) FROM numbers(3000) WHERE ${where}`,
      );
    await write(primary, "a", "1");
    await write(dr, "b", "number % 15 >= 2");
    await assertTwins("d.logs", "id");
    assert.equal(await dr.query("SELECT count() FROM d.logs"), "2600\n");
  });

  await t.step("where an outage lies beside them, too", async () => {
    await primary.query(
      `INSERT INTO d.logs SELECT number, ${START} + 20000 + number / 10, hex(number), hex(number), 'WARN', hex(number), map() ` +
        "FROM numbers(100000)",
    );
    await assertTwins("d.logs", "id");
  });

  await t.step("an id and an offset, in a table without a time", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.queue (topic String, id UUID, offset UInt64, user UInt32, payload String) ENGINE = MergeTree " +
        "ORDER BY (topic, id, offset)",
    );
    for (const [site, salt, from] of [[primary, "a", 0], [dr, "b", 7000]] as const) {
      await site.query(
        `INSERT INTO d.queue SELECT 'orders', reinterpretAsUUID(sipHash128('${salt}', number)), ${from} + number, number % 50, ` +
          "concat('payload ', toString(number)) FROM numbers(2000)",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const report = await check("d.queue", { settings: { settleSeconds: 1 } });
    const [found] = findingsOf(report);
    assert.equal(found?.reason, "independent");
    assert.match(found.detail, /\bid\b/);
    assert.match(found.detail, /\boffset\b/);
    assert.equal(await dr.query("SELECT count() FROM d.queue"), "2000\n");
  });

  await t.step("the stamps of ingestion are the only time that there is", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.stamps (ingested DateTime64(3, 'UTC'), host String, message String, level String) ENGINE = MergeTree " +
        "PARTITION BY toDate(ingested) ORDER BY (host, ingested)",
    );
    for (const [site, lag] of [[primary, 120], [dr, 1900]] as const) {
      await site.query(
        `INSERT INTO d.stamps SELECT ${START} + number + ${lag} / 1000 + number % 7 / 10, concat('h', toString(number % 4)), ` +
          "concat('message ', toString(number)), 'INFO' FROM numbers(5000)",
      );
    }
    await assertTwins("d.stamps", "ingested");
  });

  const gauges = (table: string) =>
    `CREATE TABLE ${table} (ts DateTime('UTC'), host String, metric LowCardinality(String), value Float64, labels ` +
    "Map(String, String)) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY (metric, host, ts)";
  const scrape = (site: Site, table: string, where: string) =>
    site.query(
      `INSERT INTO ${table} SELECT ${START} + intDiv(number, 20) * 15, concat('h', toString(number % 20)), 'up', 1, map() ` +
        `FROM numbers(20000) WHERE ${where}`,
    );
  /** Afterwards every row is here once. */
  const assertUnited = async (table: string, rows: number) => {
    const report = await check(table);
    assert.deepEqual(Object.values(reasonsOf(report)), ["partial, repaired"]);
    assert.equal(await dr.query(`SELECT count(), uniqExact(tuple(*)) FROM ${table}`), `${rows}\t${rows}\n`);
  };

  await t.step(
    "rows that are the same but for time or host, of which each site lost some, are no twins",
    async () => {
      await onBoth(sites, gauges("d.lossy"));
      await scrape(primary, "d.lossy", "cityHash64(number) % 10 != 0");
      await scrape(dr, "d.lossy", "cityHash64(number, 1) % 10 != 0");
      const lost = "countIf(cityHash64(number) % 10 = 0 AND cityHash64(number, 1) % 10 = 0)";
      const rows = 20000 - Number(await dr.query(`SELECT ${lost} FROM numbers(20000)`));
      await assertUnited("d.lossy", rows);
    },
  );

  await t.step("one site has the morning, the other one the afternoon", async () => {
    await onBoth(sites, gauges("d.halves"));
    await scrape(primary, "d.halves", "number < 9000");
    await scrape(dr, "d.halves", "number >= 8000");
    await assertUnited("d.halves", 20000);
  });
});
