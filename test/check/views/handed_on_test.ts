/** Views that fill a table through a Buffer table, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const TABLE =
  "(ts DateTime('UTC'), id UInt64, v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id";

/** How the source gets its rows, of numbers from 0 to 499. */
const SOURCES: Readonly<Record<string, { readonly before: readonly string[]; readonly insert: string }>> = {
  "a table that is written to": { before: [], insert: "INSERT INTO d.source SELECT ts, id, id + 1" },
  "a table that a view fills": {
    before: [
      "CREATE TABLE d.raw (ts DateTime('UTC'), id UInt64) ENGINE = Null",
      "CREATE MATERIALIZED VIEW d.to_source TO d.source AS SELECT ts, id, id + 1 AS v FROM d.raw",
    ],
    insert: "INSERT INTO d.raw SELECT ts, id",
  },
};

Deno.test("rows that a table alone lost are not made once more in what its views fill through a Buffer", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [by, { before, insert }] of Object.entries(SOURCES)) {
    await t.step(by, async () => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        `CREATE TABLE d.source ${TABLE}`,
        `CREATE TABLE d.z_copy ${TABLE}`,
        "CREATE TABLE d.between AS d.source ENGINE = Buffer(d, z_copy, 1, 1, 1, 1, 1, 1, 1)",
        ...before,
        "CREATE MATERIALIZED VIEW d.to_copy TO d.between AS SELECT ts, id, v FROM d.source",
      );
      const rows = (where: string) =>
        `${insert} FROM (SELECT toDateTime('2026-01-01', 'UTC') + number AS ts, number AS id FROM numbers(500)) WHERE ${where}`;
      const check = async () => {
        await onBoth(sites, "OPTIMIZE TABLE d.between");
        await new Promise((resolve) => setTimeout(resolve, 1100));
        return await checkSites(sites, { settings: { settleSeconds: 0 } });
      };
      const equal = async () => {
        await onBoth(sites, "OPTIMIZE TABLE d.between");
        for (const name of ["source", "z_copy"]) {
          assert.equal(await content(dr, `d.${name}`), await content(primary, `d.${name}`), name);
        }
      };
      await onBoth(sites, rows("id < 400"));
      await onBoth(sites, "OPTIMIZE TABLE d.between");
      await dr.query("ALTER TABLE d.source DELETE WHERE id % 10 = 3 SETTINGS mutations_sync = 2");
      assert.equal(reasonsOf(await check())["d.source 202601"], "partial, repaired");
      await equal();
      // Of what neither table has here, all is made.
      await primary.query(rows("id >= 400"));
      assert.equal(reasonsOf(await check())["d.source 202601"], "partial, repaired");
      assert.ok(isClean(await check()));
      await equal();
    });
  }

  const begin = (buffer: string, select: string) =>
    onBoth(
      sites,
      "DROP DATABASE IF EXISTS d SYNC",
      "CREATE DATABASE d",
      `CREATE TABLE d.source ${TABLE}`,
      `CREATE TABLE d.z_copy ${TABLE}`,
      `CREATE TABLE d.between AS d.source ENGINE = Buffer(d, z_copy, ${buffer})`,
      `CREATE MATERIALIZED VIEW d.to_copy TO d.between AS ${select}`,
      "INSERT INTO d.source SELECT toDateTime('2026-01-01', 'UTC') + number, number, number FROM numbers(500)",
      "OPTIMIZE TABLE d.between",
    );
  const repair = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const found = reasonsOf(await checkSites(sites, { settings: { settleSeconds: 0 } }));
    await onBoth(sites, "OPTIMIZE TABLE d.between");
    return found["d.source 202601"];
  };

  await t.step("what waits in the active site's Buffer is made here", async () => {
    await begin("1, 3600, 7200, 1000000, 1000000, 1000000000, 1000000000", "SELECT ts, id, v FROM d.source");
    await primary.query("INSERT INTO d.source VALUES ('2026-01-02', 1000, 1)");
    assert.equal(await repair(), "partial, repaired");
    assert.equal(await content(dr, "d.z_copy"), await content(primary, "d.z_copy"));
  });

  await t.step("what cannot be asked is made here", async () => {
    await begin(
      "1, 1, 1, 1, 1, 1, 1",
      "SELECT * FROM d.source WHERE id NOT IN (SELECT id FROM d.source WHERE id < 0)",
    );
    await primary.query("INSERT INTO d.source VALUES ('2026-01-02', 1000, 1)");
    assert.equal(await repair(), "partial, repaired");
    assert.equal(await content(dr, "d.z_copy"), await content(primary, "d.z_copy"));
  });
});
