/** Columns that were added later, with a default that reads differently each time. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const rows = (day: string, n = 10) =>
  `INSERT INTO d.t (ts, v) SELECT toDateTime('2026-01-${day} 00:00:00', 'UTC') + number, number FROM numbers(${n})`;

Deno.test("a column without stored values that reads differently each time is refused, until it has some", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const create =
    "CREATE TABLE d.t (ts DateTime('UTC'), v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts";
  await onBoth(sites, "CREATE DATABASE d", create, rows("01"));
  await primary.query(rows("02"));
  await onBoth(sites, "ALTER TABLE d.t ADD COLUMN `e e` UUID DEFAULT generateUUIDv4()");
  await primary.query(rows("03"));
  const report = await checkSites(sites);
  assert.deepEqual(reasonsOf(report), {
    "d.t 20260101": "unstable",
    "d.t 20260102": "unstable",
    "d.t 20260103": "missing, repaired",
  });
  const [both, there] = findingsOf(report);
  assert.match(both!.detail, /1 parts? here and 1 at the active site .* e e \(DEFAULT generateUUIDv4\(\)\)/);
  assert.deepEqual(both!.sql, ["ALTER TABLE `d`.`t` MATERIALIZE COLUMN `e e`"]);
  assert.match(
    there!.detail,
    /0 parts here and 1 at the active site .* MATERIALIZE COLUMN … at the active site/,
  );
  assert.equal(await dr.query("SELECT count() FROM d.t"), "20\n");

  await primary.query("ALTER TABLE d.t MATERIALIZE COLUMN `e e` SETTINGS mutations_sync = 1");
  assert.deepEqual(reasonsOf(await checkSites(sites)), {
    "d.t 20260101": "unstable",
    "d.t 20260102": "missing, repaired",
  });
  await dr.query("ALTER TABLE d.t DROP PARTITION 20260101");
  assert.deepEqual(reasonsOf(await checkSites(sites)), { "d.t 20260101": "missing, repaired" });
  assert.deepEqual(reasonsOf(await checkSites(sites)), {});
});

Deno.test("which defaults read differently each time is known from their functions and the columns they read", async () => {
  await using sites = await startTwoSites();
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE FUNCTION lucky AS (x) -> x + 7",
    ...[
      "constant String DEFAULT 'now()'",
      "sum UInt64 DEFAULT v + 1",
      "text String DEFAULT concat(toString(v), upper('x'))",
      "cut Date DEFAULT toDate(seen)",
      "`now(` UInt32 DEFAULT v * 2",
      "own UInt64 DEFAULT lucky(v)",
      "at DateTime DEFAULT NOW()",
      "host String DEFAULT hostName()",
      "deep String DEFAULT lower(toString(tuple(v, rand())))",
      "through UInt64 DEFAULT whim + 1",
    ].flatMap((column) => {
      const name = `d.${/^`?(\w+)/.exec(column)![1]}`;
      return [
        `CREATE TABLE ${name} (ts DateTime('UTC'), v UInt32, seen DateTime DEFAULT now(), whim UInt64 ALIAS rand()) ` +
        `ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts`,
        `INSERT INTO ${name} (ts, v, seen) SELECT '2026-01-01 00:00:00', number, 5 FROM numbers(5)`,
        `ALTER TABLE ${name} ADD COLUMN ${column}`,
      ];
    }),
  );
  const unstable = ["at", "deep", "host", "through"];
  assert.deepEqual(
    reasonsOf(await checkSites(sites)),
    Object.fromEntries(unstable.map((name) => [`d.${name} 20260101`, "unstable"])),
  );
});

Deno.test("only tables with such a default are asked for their parts, also where every part has values", async () => {
  await using sites = await startTwoSites();
  const columns = "ts DateTime('UTC'), v UInt32, e UUID DEFAULT generateUUIDv4()";
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE d.t (${columns}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts`,
  );
  const fill = (site: Site, n: number) => site.query(rows("01", n));
  await fill(sites.primary, 10);
  let asked = 0;
  const check = () =>
    checkSites(sites, {
      wrap: (ports) => {
        const ask = ports.here.partsLacking.bind(ports.here);
        ports.here.partsLacking = (...args) => (asked++, ask(...args));
        return ports;
      },
    });
  assert.deepEqual(reasonsOf(await check()), { "d.t 20260101": "missing, repaired" });
  await onBoth(sites, "ALTER TABLE d.t MODIFY COLUMN e REMOVE DEFAULT");
  assert.deepEqual(reasonsOf(await check()), {});
  assert.equal(asked, 1);
});
