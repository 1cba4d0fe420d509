/** Guards that know how a partition was at the last check, on two real sites. */
import assert from "node:assert/strict";
import { exitCode, isClean } from "../../../../src/verdict/clean.ts";
import type { CheckPorts } from "../../../../src/check/ports/check_ports.ts";
import type { CheckSitesOptions } from "../../../support/sites/check_sites.ts";
import { checkSites, findingsOf, reasonsOf } from "../../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../../support/temporary_directory.ts";
import { startTwoSites } from "../../../support/sites/two_sites.ts";

/** Longer than the settle window of the checks that wait for it. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 2200));

Deno.test("what the last check saw is remembered", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  await using directory = await temporaryDirectory();
  const memory = directory.path;
  const check = (table: string, options: CheckSitesOptions = {}) =>
    checkSites(sites, { only: [table], memory, ...options });

  await t.step("backfilling: old rows that keep arriving here are waited for", async () => {
    await onBoth(sites, telemetryTable("d.late"));
    await load(primary, "d.late", "2026-01-01", 300);
    await load(dr, "d.late", "2026-01-01", 300, "number < 100");
    assert.deepEqual(reasonsOf(await check("d.late", { dryRun: true })), { "d.late 20260101": "partial" });
    const paused = {
      wrap: (ports: Parameters<NonNullable<CheckSitesOptions["wrap"]>>[0]) => ({
        ...ports,
        repairsWait: () => Promise.resolve("repairs are paused"),
      }),
    };
    assert.deepEqual(reasonsOf(await check("d.late", paused)), { "d.late 20260101": "partial" });
    // A collector empties its queue.
    await load(dr, "d.late", "2026-01-01", 300, "number >= 100 AND number < 150");
    // Longer than several checks take on the busiest machine.
    const settings = { settleSeconds: 3600 };
    const report = await check("d.late", { settings });
    assert.deepEqual(reasonsOf(report), { "d.late 20260101": "backfilling" });
    assert.match(findingsOf(report)[0]!.detail, /^150 rows are absent here, and 50 rows older than/);
    assert.equal(exitCode(report), 3);
    assert.deepEqual(reasonsOf(await check("d.late", { settings, dryRun: true })), {
      "d.late 20260101": "backfilling",
    });
    assert.match(findingsOf(await check("d.late", { settings }))[0]!.detail, /arrived here \d+ \w+ ago/);
    await load(dr, "d.late", "2026-01-01", 300, "number >= 150 AND number < 200");
    assert.match(findingsOf(await check("d.late", { settings }))[0]!.detail, /50 rows older than/);
    await quiet();
    assert.deepEqual(reasonsOf(await check("d.late", { settings: { settleSeconds: 1 } })), {
      "d.late 20260101": "partial, repaired",
    });
    assert.equal(await content(dr, "d.late"), await content(primary, "d.late"));
  });

  await t.step("rows that ch-sync added did not arrive from elsewhere", async () => {
    await onBoth(sites, telemetryTable("d.added"));
    for (const seventh of [1, 2, 3]) {
      await load(primary, "d.added", "2026-01-01", 1000, `number % 7 = ${seventh}`);
      const reason = seventh === 1 ? "missing, repaired" : "partial, repaired";
      assert.deepEqual(reasonsOf(await check("d.added")), { "d.added 20260101": reason });
    }
  });

  await t.step("rows that were young at the last check did not arrive late", async () => {
    await onBoth(sites, telemetryTable("d.fresh"));
    const now = (await primary.query("SELECT toUnixTimestamp64Milli(now64(3))")).trim();
    const recent = (rows: string) =>
      `INSERT INTO d.fresh SELECT fromUnixTimestamp64Milli(${now}) - number, 's', 1, number, map() FROM numbers(${rows})`;
    await primary.query(recent("100, 4"));
    await primary.query(recent("1, 5"));
    await check("d.fresh", { settings: { settleSeconds: 60 } });
    await dr.query(recent("1, 4"));
    await quiet();
    const reasons = Object.values(reasonsOf(await check("d.fresh", { settings: { settleSeconds: 1 } })));
    assert.deepEqual(reasons, ["partial, repaired"]);
  });

  await t.step("shrunk: the active site lost more than half of what it held", async () => {
    await onBoth(sites, telemetryTable("d.shrunk"));
    for (const day of ["2026-01-01", "2026-01-02", "2026-01-03"]) {
      await load(primary, "d.shrunk", day, 100);
      await load(dr, "d.shrunk", day, 100);
    }
    assert.ok(isClean(await check("d.shrunk")));
    const lossy = "SETTINGS mutations_sync = 2";
    await primary.query("ALTER TABLE d.shrunk DROP PARTITION ID '20260101'");
    await primary.query(
      `ALTER TABLE d.shrunk DELETE WHERE ts >= '2026-01-02' AND ts < '2026-01-03' AND cityHash64(ts) % 3 ${lossy}`,
    );
    await primary.query(
      `ALTER TABLE d.shrunk DELETE WHERE ts >= '2026-01-03' AND cityHash64(ts) % 3 = 0 ${lossy}`,
    );
    for (let again = 0; again < 2; again++) {
      const report = await check("d.shrunk");
      assert.deepEqual(reasonsOf(report), {
        "d.shrunk 20260101": "shrunk",
        "d.shrunk 20260102": "shrunk",
        "d.shrunk 20260103": "surplus",
      });
      assert.equal(exitCode(report), 3);
      assert.match(
        findingsOf(report)[1]!.detail,
        /the active site holds [\d,]+ rows, and held 100 at an earlier/,
      );
    }
    assert.deepEqual(reasonsOf(await check("d.shrunk", { accepted: ["d.shrunk:20260102"] })), {
      "d.shrunk 20260101": "shrunk",
      "d.shrunk 20260102": "surplus",
      "d.shrunk 20260103": "surplus",
    });
    assert.equal(reasonsOf(await check("d.shrunk"))["d.shrunk 20260102"], "surplus");
    // Dropped at both sites: nothing is lost that anybody has.
    await dr.query("ALTER TABLE d.shrunk DROP PARTITION ID '20260101'");
    assert.equal(reasonsOf(await check("d.shrunk"))["d.shrunk 20260101"], undefined);
  });

  await t.step("shrunk: a table that the active site does not have any more", async () => {
    const all = (options: CheckSitesOptions = {}) => checkSites(sites, { memory, ...options });
    await all();
    await primary.query("DROP TABLE d.shrunk SYNC");
    for (let again = 0; again < 2; again++) {
      assert.equal(reasonsOf(await all())["d.shrunk"], "shrunk");
    }
    assert.equal(reasonsOf(await all({ accepted: ["d.shrunk"] }))["d.shrunk"], undefined);
    assert.equal(reasonsOf(await all())["d.shrunk"], undefined);
    await primary.query("DROP TABLE IF EXISTS d.late SYNC");
    await dr.query("DROP TABLE IF EXISTS d.late SYNC");
    assert.equal(reasonsOf(await all())["d.late"], undefined);
  });

  await t.step("what the TTL takes at the active site first is no loss", async () => {
    await onBoth(sites, `${telemetryTable("d.aging")} TTL toDateTime(ts) + INTERVAL 5 DAY`);
    const old =
      "INSERT INTO d.aging SELECT now() - INTERVAL 5 DAY + INTERVAL 4 SECOND + number % 2, 's', 1, number, map() " +
      "FROM numbers(100)";
    await onBoth(sites, "SYSTEM STOP MERGES d.aging");
    await primary.query(old);
    await check("d.aging");
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await primary.query("SYSTEM START MERGES d.aging");
    await primary.query("OPTIMIZE TABLE d.aging FINAL");
    assert.equal(await primary.query("SELECT count() FROM d.aging"), "0\n");
    const reasons = Object.values(reasonsOf(await check("d.aging")));
    assert.ok(reasons.every((reason) => reason === "surplus" || reason === "expiring"), String(reasons));
  });

  await t.step("recurring: rows that vanish again and again are not added for ever", async () => {
    await onBoth(sites, telemetryTable("d.vanishing"));
    await load(primary, "d.vanishing", "2026-01-01", 100);
    await load(dr, "d.vanishing", "2026-01-01", 100, "number < 80");
    // Whole parts go, by no mutation and with rows left behind: as after a disk that loses them.
    const vanish = async () => {
      const parts = await dr.rows<{ name: string }>(
        "SELECT name FROM system.parts WHERE active AND table = 'vanishing' AND rows = 20",
      );
      for (const { name } of parts) await dr.query(`ALTER TABLE d.vanishing DROP PART '${name}'`);
    };
    for (let repairs = 0; repairs < 3; repairs++) {
      assert.deepEqual(reasonsOf(await check("d.vanishing")), {
        "d.vanishing 20260101": "partial, repaired",
      });
      await vanish();
    }
    // The first time as after a ch-sync that hashed rows in another way.
    const rehashed: CheckSitesOptions["wrap"] = ({ memory, ...ports }) => ({
      ...ports,
      memory: {
        stretches: () => [],
        keep() {},
        remember: (name, partitions) => memory.remember(name, partitions),
        table(name) {
          const table = memory.table(name);
          return table && { ...table, proofKey: "another one" };
        },
        async partitions(...of) {
          const all = [...await memory.partitions(...of)];
          return new Map(all.map(([id, { repair, ...one }]) => {
            return [id, { ...one, repair: repair && { ...repair, city: repair.city + 1n } }];
          }));
        },
      },
    });
    for (const wrap of [rehashed, (ports: CheckPorts) => ports]) {
      const report = await check("d.vanishing", { wrap });
      assert.deepEqual(reasonsOf(report), { "d.vanishing 20260101": "recurring" });
      assert.match(findingsOf(report)[0]!.detail, /the same 20 rows at 3 checks/);
    }
    const accepted = ["d.vanishing"];
    assert.deepEqual(reasonsOf(await check("d.vanishing", { accepted })), {
      "d.vanishing 20260101": "partial, repaired",
    });
    await vanish();
    assert.deepEqual(reasonsOf(await check("d.vanishing")), { "d.vanishing 20260101": "partial, repaired" });
  });

  await t.step("rows that somebody emptied or mutated away come back each time", async () => {
    await onBoth(sites, telemetryTable("d.emptied"));
    await load(primary, "d.emptied", "2026-01-01", 100);
    for (let times = 0; times < 5; times++) {
      assert.deepEqual(reasonsOf(await check("d.emptied")), { "d.emptied 20260101": "missing, repaired" });
      await dr.query("TRUNCATE TABLE d.emptied");
    }
    await check("d.emptied");
    for (let times = 0; times < 5; times++) {
      await dr.query("ALTER TABLE d.emptied DELETE WHERE service = 'service-1' SETTINGS mutations_sync = 2");
      assert.deepEqual(reasonsOf(await check("d.emptied")), { "d.emptied 20260101": "partial, repaired" });
    }
  });
});
