/** What comes between the last look at a partition and its repair, where the copy, the look or its answer takes its time. */
import assert from "node:assert/strict";
import { STEADY_CHECKS } from "../../../src/verdict/steady_role.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const isLook = (sql: string) => sql.includes("_chsync_staged") && sql.includes("own_parts");
const isRedigest = (sql: string) => /FROM `d`\.`t`/.test(sql) && sql.includes("cityHash64");

Deno.test("rows that a collector delivers while the last look is taken are not added once more", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await using points = startFaultPoints(() => dr.url);
  const settings = { local: { ...dr.writer, url: points.url } };
  const begin = async () => {
    await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", telemetryTable("d.t"));
    await load(primary, "d.t", "2026-01-01", 1000);
    await load(dr, "d.t", "2026-01-01", 1000, "number % 10 != 0");
  };
  /** Once, as soon as the partition is looked at: it is no longer what was compared. */
  const mergedOnce = () => {
    let merged = false;
    points.before = async ({ sql }) => {
      if (merged || !isLook(sql)) return;
      merged = true;
      await dr.query("OPTIMIZE TABLE d.t FINAL");
    };
    return () => merged;
  };
  const late = () => load(dr, "d.t", "2026-01-01", 1000, "number % 10 = 0");

  await t.step(
    "the partition was merged since it was compared, so its rows are read again: they come meanwhile",
    async () => {
      await begin();
      let came = false;
      const merged = mergedOnce();
      points.after = async ({ sql }) => {
        if (!merged() || came || !isRedigest(sql)) return;
        came = true;
        await late();
        await new Promise((resolve) => setTimeout(resolve, 6000)); // a large partition
      };
      await checkSites(sites, { settings });
      points.before = () => {};
      points.after = () => {};
      assert.ok(came);
      assert.equal(await dr.query("SELECT count() FROM d.t"), "1000\n");
    },
  );

  await t.step("the role changes while its rows are read again", async () => {
    await begin();
    let changed = false;
    const merged = mergedOnce();
    points.after = async ({ sql }) => {
      if (changed || !merged() || !isRedigest(sql)) return;
      changed = true;
      await new Promise((resolve) => setTimeout(resolve, 6000));
    };
    await checkSites(sites, { settings, active: () => changed ? "dr" : "primary" });
    points.before = () => {};
    points.after = () => {};
    assert.ok(changed);
    assert.equal(await dr.query("SELECT count() FROM d.t"), "900\n");
  });

  await t.step(
    "the answer to the last look comes late, as a line stood still, or the machine slept",
    async () => {
      await begin();
      let came = false;
      points.after = async ({ sql }) => {
        if (came || !isLook(sql)) return;
        came = true;
        await late();
        await new Promise((resolve) => setTimeout(resolve, 8000));
      };
      await checkSites(sites, { settings });
      points.after = () => {};
      assert.ok(came);
      assert.equal(await dr.query("SELECT count() FROM d.t"), "1000\n");
    },
  );
});

Deno.test("no row is replaced that came while the answer to the last look was late", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await using points = startFaultPoints(() => dr.url);
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.sums (ts DateTime('UTC'), id UInt64, v UInt32) ENGINE = SummingMergeTree(v) PARTITION BY toYYYYMM(ts) ORDER BY (toDate(ts), id)",
  );
  await primary.query("INSERT INTO d.sums SELECT '2026-01-01', number, 10 FROM numbers(100)");
  await dr.query("INSERT INTO d.sums SELECT '2026-01-01', number, 1 FROM numbers(50)");
  await new Promise((resolve) => setTimeout(resolve, 2100));
  let [kept, came] = [0, false];
  points.after = async ({ sql }) => {
    if (sql.includes("ATTACH PARTITION") && sql.includes("_chsync_kept")) kept++;
    if (kept && !came && sql.includes("hash_of_all_files AS _chsync_hash") && sql.includes("'sums'")) {
      came = true;
      await dr.query("INSERT INTO d.sums VALUES ('2026-01-01', 999, 1)");
      await new Promise((resolve) => setTimeout(resolve, 6000));
    }
  };
  await checkSites(sites, {
    settings: { local: { ...dr.writer, url: points.url }, replaceAggregates: true, settleSeconds: 1 },
    steady: { active: "primary", checks: STEADY_CHECKS },
  });
  points.after = () => {};
  assert.ok(came);
  assert.equal(await dr.query("SELECT count() FROM d.sums WHERE id = 999"), "1\n");
});

Deno.test("rows that come into a Buffer table here while they are copied are not added once more", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await using points = startFaultPoints(() => dr.url);
  await onBoth(
    sites,
    "CREATE DATABASE d",
    telemetryTable("d.t"),
    "CREATE TABLE d.buffer AS d.t ENGINE = Buffer(d, t, 1, 3600, 7200, 1000000, 1000000, 1000000000, 1000000000)",
  );
  await load(primary, "d.t", "2026-01-01", 1000);
  await load(dr, "d.t", "2026-01-01", 1000, "number % 10 != 0");
  let came = false;
  points.after = async ({ sql }) => {
    if (!came && sql.startsWith("INSERT INTO `d`.`_chsync_")) {
      came = true;
      await load(dr, "d.buffer", "2026-01-01", 1000, "number % 10 = 0");
    }
  };
  await checkSites(sites, { settings: { local: { ...dr.writer, url: points.url } } });
  points.after = () => {};
  await dr.query("OPTIMIZE TABLE d.buffer");
  assert.ok(came);
  assert.equal(await dr.query("SELECT count() FROM d.t"), "1000\n");
});
