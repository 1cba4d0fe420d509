/** What can do no harm is repaired, and the rest of the same partition is refused. */
import assert from "node:assert/strict";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { exitCode, isClean } from "../../../src/verdict/clean.ts";

const START = "toDateTime('2026-01-01 08:00:00', 'UTC')";

Deno.test("a partition with twins in it", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const settings = { settleSeconds: 1 };
  const check = (table: string, options = {}) => checkSites(sites, { only: [table], settings, ...options });
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 2200));
  // Each site's collector fills in a name of its own.
  const create = (table: string, engine: string) =>
    onBoth(
      sites,
      `CREATE TABLE ${table} (ts DateTime('UTC'), id UInt32, v UInt32, site String) ` +
        `ENGINE = ${engine} PARTITION BY toDate(ts) ORDER BY (id, ts)`,
    );
  const write = (site: Site, table: string, where: string) =>
    site.query(
      `INSERT INTO ${table} SELECT ${START} + number * 10, number, number, '${
        site === dr ? "dr" : "primary"
      }' FROM numbers(1000) WHERE ${where}`,
    );
  const same = (site: Site, table: string) =>
    site.query(
      `INSERT INTO ${table} SELECT ${START} + number * 10, number, number, 'x' FROM numbers(200, 800)`,
    );

  for (const engine of ["ReplacingMergeTree", "ReplacingMergeTree(v)", "MergeTree"]) {
    await t.step(
      `${engine}: absent keys come, and those that differ are told with their column`,
      async () => {
        const table = `d.${engine.replace(/\W/g, "_")}`;
        await create(table, engine);
        for (const site of [primary, dr]) await same(site, table);
        await write(primary, table, "number < 100");
        await write(dr, table, "number < 60");
        await quiet();
        const plan = findingsOf(await check(table, { dryRun: true }));
        assert.deepEqual(plan.map(({ reason, missing }) => `${reason} ${missing}`), [
          "partial 40",
          "independent 60",
        ]);
        const report = await check(table);
        const [repaired, held] = findingsOf(report);
        assert.deepEqual([repaired?.reason, repaired?.repaired, repaired?.missing], ["partial", true, 40n]);
        assert.match(repaired!.detail, /^40 /);
        assert.deepEqual([held?.reason, held?.repaired, held?.missing], ["independent", false, 60n]);
        assert.match(held!.detail, /^60 .*: site \(60\)/);
        assert.ok(!isClean(report));
        assert.equal(exitCode(report), 3);
        const read =
          `SELECT count(), uniqExact(id), countIf(site = 'primary'), countIf(site = 'dr') FROM ${table} FINAL`;
        assert.equal(
          await dr.query(engine === "MergeTree" ? read.replace(" FINAL", "") : read),
          "900\t900\t40\t60\n",
        );
        const again = await check(table);
        assert.deepEqual(findingsOf(again).map(({ reason, missing }) => `${reason} ${missing}`), [
          engine === "MergeTree" ? "independent 60" : "independent 0",
        ]);
      },
    );
  }

  await t.step(
    "several rows of one key and time: the key is left alone where one of them may be a twin",
    async () => {
      const table = "d.shared";
      await create(table, "MergeTree");
      const row = (site: Site, id: number, v: number) =>
        site.query(
          `INSERT INTO ${table} VALUES (${START}, ${id}, ${v}, '${site === dr ? "dr" : "primary"}')`,
        );
      for (const v of [1, 2, 3]) await row(primary, 1, v);
      await row(dr, 1, 1);
      for (const id of [2, 3]) await row(primary, id, 1);
      await quiet();
      const found = findingsOf(await check(table));
      assert.deepEqual(found.map(({ reason, missing }) => `${reason} ${missing}`), [
        "partial 2",
        "independent 3",
      ]);
      assert.equal(
        await dr.query(`SELECT id, count() FROM ${table} GROUP BY id ORDER BY id`),
        "1\t1\n2\t1\n3\t1\n",
      );
    },
  );

  await t.step("--accept brings what is left alone, once it was seen", async () => {
    const table = "d.shared";
    await row3(primary, table);
    await quiet();
    await using memory = await temporaryDirectory();
    await check(table, { memory: memory.path });
    const found = findingsOf(await check(table, { accepted: [table], memory: memory.path }));
    assert.deepEqual(found.map(({ reason, repaired, missing }) => `${reason} ${repaired} ${missing}`), [
      "partial true 3",
    ]);
    assert.match(found[0]!.detail, /independent, which --accept allows/);
  });
});

const row3 = (site: Site, table: string) =>
  site.query(`INSERT INTO ${table} VALUES (${START}, 4, 1, 'primary')`);
