/** Views that fill a table by another name of it, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const COLUMNS = "(ts DateTime('UTC'), id UInt64, v UInt64)";
const table = (name: string) =>
  `CREATE TABLE d.${name} ${COLUMNS} ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id`;

/** What stands before `d.a_copy`, by the engine or the function that makes it. */
const NAMES: Readonly<Record<string, (site: Site) => string>> = {
  Alias: () => "CREATE TABLE d.name ENGINE = Alias(d, a_copy)",
  "remote()": ({ host, tcpPort, endpoint: { user, password } }) =>
    `CREATE TABLE d.name ${COLUMNS} AS remote('${host}:${tcpPort}', 'd', 'a_copy', '${user}', '${password}')`,
};

// Older engines know no Alias, and the front of one does not ask itself.
const ignore = Deno.env.has("CH_SYNC_SITE_ENGINES");

Deno.test("what a view fills by another name of a table is not copied beside it", { ignore }, async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [by, create] of Object.entries(NAMES)) {
    await t.step(by, async () => {
      // The copy comes before its source by name: it would be filled by itself first, and by the view after that.
      await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d");
      await onBoth(sites, ...["source", "a_copy", "other"].map(table));
      for (const site of [primary, dr]) await site.query(create(site));
      await onBoth(
        sites,
        "CREATE MATERIALIZED VIEW d.to_name TO d.name AS SELECT ts, id, v FROM d.source",
        "CREATE MATERIALIZED VIEW d.to_other TO d.other AS SELECT ts, id, v + 1 AS v FROM d.source",
      );
      const insert = (where: string) =>
        `INSERT INTO d.source SELECT toDateTime('2026-01-01', 'UTC') + number, number, number FROM numbers(500) WHERE ${where}`;
      await primary.query(insert("1"));
      await dr.query(insert("number % 10 != 3"));
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const options = { settings: { settleSeconds: 0 } };
      const repaired = reasonsOf(await checkSites(sites, options));
      assert.equal(repaired["d.source 202601"], "partial, repaired");
      assert.equal(repaired["d.a_copy"], "derived");
      assert.ok(isClean(await checkSites(sites, options)));
      for (const name of ["source", "a_copy", "other"]) {
        assert.equal(await content(dr, `d.${name}`), await content(primary, `d.${name}`), name);
      }
    });
  }
});
