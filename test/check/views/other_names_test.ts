/** Views that fill a table, or read it, by another name, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const COLUMNS = "(ts DateTime('UTC'), id UInt64, v UInt64)";
const table = (name: string) =>
  `CREATE TABLE d.${name} ${COLUMNS} ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id`;

// Older engines know no Alias, and the front of one does not ask itself.
const ignore = Deno.env.has("CH_SYNC_SITE_ENGINES");

/** The table that is behind `d.name` comes before its source by name: it would be filled by itself first, and by the view after that. */
const CASES: Readonly<
  Record<string, { readonly last: string; readonly derived: readonly string[]; readonly view: string }>
> = {
  "a view reads the source": {
    last: table("z_last"),
    derived: ["d.a_copy", "d.z_last"],
    view: "SELECT ts, id, v + 1 AS v FROM d.source",
  },
  "a view reads the Alias, and what came by it": {
    last:
      "CREATE TABLE d.z_last (ts DateTime('UTC'), id UInt64, v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
    derived: ["d.a_copy", "d.z_last"],
    view: "SELECT toStartOfMinute(ts) AS ts, count() AS id, sum(v) AS v FROM d.name GROUP BY ts",
  },
};

Deno.test("what a view fills by an Alias of a table is not copied beside it", { ignore }, async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [what, { last, derived, view }] of Object.entries(CASES)) {
    await t.step(what, async () => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        ...["source", "a_copy"].map(table),
        last,
        "CREATE TABLE d.name ENGINE = Alias(d, a_copy)",
        "CREATE MATERIALIZED VIEW d.to_name TO d.name AS SELECT ts, id, v FROM d.source",
        `CREATE MATERIALIZED VIEW d.to_last TO d.z_last AS ${view}`,
      );
      const insert = (where: string) =>
        `INSERT INTO d.source SELECT toDateTime('2026-01-01', 'UTC') + number, number, number FROM numbers(500) WHERE ${where}`;
      await primary.query(insert("number < 200"));
      await primary.query(insert("number >= 200"));
      await dr.query(insert("number < 100"));
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const options = { settings: { settleSeconds: 0 } };
      const repaired = reasonsOf(await checkSites(sites, options));
      assert.equal(repaired["d.source 202601"], "partial, repaired");
      for (const name of derived) assert.equal(repaired[name], "derived", name);
      assert.ok(isClean(await checkSites(sites, options)));
      for (const name of ["source", "a_copy"]) {
        assert.equal(await content(dr, `d.${name}`), await content(primary, `d.${name}`), name);
      }
      const sums = "SELECT sum(id), sum(v) FROM d.z_last";
      assert.equal(await dr.query(sums), await primary.query(sums));
    });
  }
});

/** What stands for `d.z_dims` in the view, which joins it. */
const JOINED: Readonly<Record<string, string>> = {
  "a plain view": "CREATE VIEW d.joined AS SELECT k, name FROM d.z_dims",
  "a plain view of another one": "CREATE VIEW d.joined AS SELECT * FROM (SELECT * FROM d.between)",
  Alias: "CREATE TABLE d.joined ENGINE = Alias(d, z_dims)",
  Buffer: "CREATE TABLE d.joined AS d.z_dims ENGINE = Buffer(d, z_dims, 1, 1, 1, 1, 1, 1, 1)",
  "a Buffer of a Buffer":
    "CREATE TABLE d.joined AS d.z_dims ENGINE = Buffer(d, a_between, 1, 1, 1, 1, 1, 1, 1)",
};

Deno.test(
  "a table that a view joins by another name is repaired before rows pass the view",
  { ignore },
  async (t) => {
    await using sites = await startTwoSites();
    const { primary, dr } = sites;
    for (const [by, create] of Object.entries(JOINED)) {
      await t.step(by, async () => {
        await onBoth(
          sites,
          "DROP DATABASE IF EXISTS d SYNC",
          "CREATE DATABASE d",
          table("source"),
          "CREATE TABLE d.z_dims (k UInt64, name String) ENGINE = MergeTree ORDER BY k",
          "CREATE TABLE d.named (ts DateTime('UTC'), id UInt64, name String) ENGINE = MergeTree ORDER BY id",
          "CREATE VIEW d.between AS SELECT * FROM d.z_dims",
          "CREATE TABLE d.a_between AS d.z_dims ENGINE = Buffer(d, z_dims, 1, 1, 1, 1, 1, 1, 1)",
          create,
          "CREATE MATERIALIZED VIEW d.to_named TO d.named AS SELECT ts, id, name FROM d.source " +
            "LEFT JOIN d.joined ON joined.k = source.v % 10",
        );
        const insert = (dims: number, where: string) => [
          `INSERT INTO d.z_dims SELECT number, concat('n', toString(number)) FROM numbers(${dims})`,
          `INSERT INTO d.source SELECT toDateTime('2026-01-01', 'UTC') + number, number, number FROM numbers(500) WHERE ${where}`,
        ];
        for (const statement of insert(10, "1")) await primary.query(statement);
        for (const statement of insert(5, "number % 10 < 5")) await dr.query(statement);
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const repaired = reasonsOf(await checkSites(sites, { settings: { settleSeconds: 0 } }));
        assert.equal(repaired["d.source 202601"], "partial, repaired");
        assert.equal(await content(dr, "d.named"), await content(primary, "d.named"));
      });
    }
  },
);
