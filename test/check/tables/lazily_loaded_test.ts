/** Tables that a server had not loaded when it was started: it shows neither their engine nor, even once loaded, a part of them. */
import assert from "node:assert/strict";
import { onBoth } from "../../support/data/telemetry.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const table = (name: string) =>
  `CREATE TABLE ${name} (ts DateTime('UTC'), id UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id`;

Deno.test("a table of which a server shows no part is not taken for an empty one", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await primary.query("CREATE DATABASE lazy ENGINE = Atomic SETTINGS lazy_load_tables = 1");
  await dr.query("CREATE DATABASE lazy");
  await onBoth(
    sites,
    "CREATE DATABASE plain",
    ...["lazy.t", "lazy.empty", "plain.other"].map(table),
    "INSERT INTO plain.other SELECT '2026-01-01', number FROM numbers(100)",
  );
  await primary.query(table("lazy.new"));
  for (const name of ["t", "new"]) {
    await primary.query(`INSERT INTO lazy.${name} SELECT '2026-01-01', number FROM numbers(100)`);
  }
  await primary.server.stop();
  await primary.restart();
  const check = async (expected: Record<string, string>) => {
    const report = await checkSites(sites);
    assert.deepEqual(reasonsOf(report), expected);
    assert.deepEqual([isClean(report), report.leftOut], [false, []]);
    assert.match(findingsOf(report)[0]!.detail, /the active site shows no part .*lazy_load_tables/);
  };

  await t.step(
    "not loaded yet",
    () => check({ "lazy.t": "failed", "lazy.empty": "failed", "lazy.new": "new" }),
  );

  await t.step("loaded since", async () => {
    for (const name of ["t", "empty", "new"]) await primary.query(`SELECT count() FROM lazy.${name}`);
    await check({ "lazy.t": "failed", "lazy.new": "new" });
  });

  await t.step("attached anew, as it is told to be", async () => {
    for (const name of ["t", "empty", "new"]) {
      await primary.query(`DETACH TABLE lazy.${name} SYNC`);
      await primary.query(`ATTACH TABLE lazy.${name}`);
    }
    await dr.query(table("lazy.new"));
    assert.deepEqual(reasonsOf(await checkSites(sites)), {
      "lazy.t 202601": "missing, repaired",
      "lazy.new 202601": "missing, repaired",
    });
  });
});
