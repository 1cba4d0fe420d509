/** What is recognised, refused or put off, and said, on two real sites. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../../support/data/telemetry.ts";
import { startTwoSites } from "../../../support/sites/two_sites.ts";

Deno.test("a check refuses what it cannot repair exactly", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string, settings = {}) => checkSites(sites, { only: [table], settings });

  await t.step("independent: the same events with other content", async () => {
    await onBoth(sites, telemetryTable("d.twins"));
    await load(primary, "d.twins", "2026-01-01", 1000);
    await dr.query("INSERT INTO d.twins SELECT * REPLACE (duration + 1 AS duration) FROM d.twins");
    await load(dr, "d.twins", "2026-01-01", 1000);
    await dr.query("ALTER TABLE d.twins UPDATE duration = duration + 1 WHERE 1 SETTINGS mutations_sync = 2");
    const before = await content(dr, "d.twins");
    const report = await check("d.twins");
    assert.deepEqual(reasonsOf(report), { "d.twins 20260101": "independent" });
    assert.match(findingsOf(report)[0]!.detail, /^1,000 of 1,000 /);
    assert.match(findingsOf(report)[0]!.detail, /in how many of 100 pairs: duration \(100\)\. /);
    assert.equal(await content(dr, "d.twins"), before);
    assert.deepEqual(reasonsOf(await check("d.twins", { maxConflictPercent: 100 })), {
      "d.twins 20260101": "partial, repaired",
    });
  });

  await t.step(
    "independent: ids that each site makes up in a key tell no twin from another event",
    async () => {
      await onBoth(
        sites,
        "CREATE TABLE d.ids (ts DateTime('UTC'), v UInt32, id UUID DEFAULT generateUUIDv4()) ENGINE = MergeTree " +
          "PARTITION BY toYYYYMMDD(ts) ORDER BY (ts, id)",
        "INSERT INTO d.ids (ts, v) SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number FROM numbers(50)",
      );
      await primary.query(
        "INSERT INTO d.ids (ts, v) SELECT toDateTime('2026-01-01 01:00:00', 'UTC') + number, 1 FROM numbers(20)",
      );
      const [found, ...others] = findingsOf(await check("d.ids"));
      assert.deepEqual([found!.cause, others], ["twins", []]);
      assert.match(found!.detail, /^70 rows .*50 of them may be here.* id \(generateUUIDv4\(\)\)/);
      assert.doesNotMatch(found!.detail, /the same sorting key/);
      assert.equal(await dr.query("SELECT count() FROM d.ids"), "50\n");
    },
  );

  await t.step("a lot of surplus is no conflict", async () => {
    await onBoth(sites, telemetryTable("d.outages"));
    await load(primary, "d.outages", "2026-01-01", 2000, "toHour(ts) < 12");
    await load(dr, "d.outages", "2026-01-01", 2000, "toHour(ts) >= 11");
    assert.deepEqual(reasonsOf(await check("d.outages")), { "d.outages 20260101": "partial, repaired" });
    assert.equal(await dr.query("SELECT count(), uniqExact(tuple(*)) FROM d.outages"), "2000\t2000\n");
  });

  await t.step("deleted: rows that a lightweight delete hides here do not come back", async () => {
    await onBoth(sites, telemetryTable("d.deleted"));
    await load(primary, "d.deleted", "2026-01-01", 100);
    await load(dr, "d.deleted", "2026-01-01", 100);
    await dr.query("DELETE FROM d.deleted WHERE service = 'service-1'");
    assert.deepEqual(reasonsOf(await check("d.deleted")), { "d.deleted 20260101": "deleted" });
    assert.equal(await dr.query("SELECT count() FROM d.deleted WHERE service = 'service-1'"), "0\n");
  });

  await t.step("--accept repairs once what was refused, and says so", async () => {
    await onBoth(sites, telemetryTable("d.accepted"));
    for (const day of ["2026-01-01", "2026-01-02"]) {
      await load(primary, "d.accepted", day, 100);
      await load(dr, "d.accepted", day, 100);
    }
    await dr.query("DELETE FROM d.accepted WHERE service = 'service-1'");
    const of = (accepted: string[], dryRun = false) =>
      checkSites(sites, { only: ["d.accepted"], accepted, dryRun });
    assert.deepEqual(reasonsOf(await of(["d.accepted"], true)), {
      "d.accepted 20260101": "partial",
      "d.accepted 20260102": "partial",
    });
    const report = await of(["d.accepted:20260101"]);
    assert.deepEqual(reasonsOf(report), {
      "d.accepted 20260101": "partial, repaired",
      "d.accepted 20260102": "deleted",
    });
    assert.match(findingsOf(report)[0]!.detail, /; deleted, which --accept allows$/);
    const day = "toDate(ts) = '2026-01-01'";
    assert.equal(await content(dr, "d.accepted", day), await content(primary, "d.accepted", day));
    assert.deepEqual(reasonsOf(await of([])), { "d.accepted 20260102": "deleted" });
  });

  await t.step("mutating: an unfinished mutation is waited for", async () => {
    await onBoth(sites, telemetryTable("d.mutating"));
    await load(primary, "d.mutating", "2026-01-01", 100);
    await load(dr, "d.mutating", "2026-01-01", 50);
    await dr.query("SYSTEM STOP MERGES d.mutating");
    await dr.query("ALTER TABLE d.mutating UPDATE duration = 1 WHERE 1 SETTINGS mutations_sync = 0");
    assert.deepEqual(reasonsOf(await check("d.mutating")), { "d.mutating": "mutating" });
    await dr.query("KILL MUTATION WHERE table = 'mutating'");
  });

  await t.step("drifted: other columns, keys or defaults, with the statement that fixes them", async () => {
    await onBoth(sites, telemetryTable("d.drifted"));
    await primary.query("ALTER TABLE d.drifted ADD COLUMN `new ``one` String DEFAULT 'x'");
    await primary.query("ALTER TABLE d.drifted MODIFY COLUMN duration UInt64");
    await load(dr, "d.drifted", "2026-01-01", 10);
    const [found] = findingsOf(await check("d.drifted"));
    assert.equal(found!.reason, "drifted");
    assert.match(found!.detail, /column new `one is missing here; |column duration is UInt32 here/);
    for (const statement of found!.sql) await dr.query(statement);
    assert.deepEqual(reasonsOf(await check("d.drifted")), { "d.drifted 20260101": "surplus" });
  });

  await t.step("columns in another order are no difference", async () => {
    await onBoth(sites, telemetryTable("d.ordered"));
    await dr.query("ALTER TABLE d.ordered MODIFY COLUMN duration UInt32 FIRST");
    await load(primary, "d.ordered", "2026-01-01", 100);
    assert.deepEqual(reasonsOf(await check("d.ordered")), { "d.ordered 20260101": "missing, repaired" });
    assert.equal(
      await dr.query("SELECT sum(duration) FROM d.ordered"),
      await primary.query("SELECT sum(duration) FROM d.ordered"),
    );
  });

  await t.step("aggregated: an engine that adds rows up is copied when absent, else refused", async () => {
    await onBoth(sites, telemetryTable("d.summing", "SummingMergeTree"));
    await load(primary, "d.summing", "2026-01-01", 100);
    await load(primary, "d.summing", "2026-01-02", 100);
    await load(dr, "d.summing", "2026-01-01", 60);
    const before = await content(dr, "d.summing");
    assert.deepEqual(reasonsOf(await check("d.summing")), {
      "d.summing 20260101": "aggregated",
      "d.summing 20260102": "missing, repaired",
    });
    const later = "ts >= '2026-01-02'";
    assert.equal(await content(dr, "d.summing", later), await content(primary, "d.summing", later));
    assert.equal(await content(dr, "d.summing", "ts < '2026-01-02'"), before);
  });

  await t.step("expiring: rows past their TTL are neither compared nor copied", async () => {
    await onBoth(sites, `${telemetryTable("d.expiring")} TTL toDateTime(ts) + INTERVAL 5 DAY`);
    await sites.primary.query("SYSTEM STOP MERGES d.expiring");
    await primary.query(
      "INSERT INTO d.expiring SELECT toStartOfDay(now('UTC')) - INTERVAL number DAY, 's', 1, number, map() FROM numbers(1, 9) " +
        "SETTINGS optimize_on_insert = 0",
    );
    const first = reasonsOf(await check("d.expiring"));
    assert.ok(
      Object.values(first).every((reason) => ["missing, repaired", "expiring"].includes(reason)),
      JSON.stringify(first),
    );
    assert.ok(
      Object.values(first).includes("missing, repaired") && Object.values(first).includes("expiring"),
    );
    await dr.query("OPTIMIZE TABLE d.expiring FINAL");
    assert.ok(!Object.values(reasonsOf(await check("d.expiring"))).includes("missing, repaired"));
  });
});

Deno.test("rows settle by one literal watermark", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const settings = { settleSeconds: 3600 };
  const check = (table: string, more = {}) =>
    checkSites(sites, { only: [table], settings: { ...settings, ...more } });
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 2500));

  await t.step("young rows are left alone and old ones are copied", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.young (ts DateTime, v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
    );
    await primary.query("INSERT INTO d.young SELECT now() - number * 600 - 300, number FROM numbers(12)");
    assert.ok(
      Object.values(reasonsOf(await check("d.young"))).every((reason) => reason === "missing, repaired"),
    );
    assert.equal(await dr.query("SELECT min(v), max(v) FROM d.young"), "6\t11\n");
    assert.ok(Object.values(reasonsOf(await check("d.young"))).every((reason) => reason === "hot"));
  });

  await t.step("years before 1970 and NULL times are old", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.ancient (day Date32, ts Nullable(DateTime64(3, 'UTC')), v UInt32) ENGINE = MergeTree " +
        "PARTITION BY toYear(day) ORDER BY v",
      "CREATE TABLE d.nulls (ts Nullable(DateTime64(3, 'UTC')), v UInt32) ENGINE = MergeTree " +
        "PARTITION BY toYYYYMM(ts) ORDER BY v SETTINGS allow_nullable_key = 1",
    );
    await primary.query(
      "INSERT INTO d.ancient VALUES ('1912-03-04', NULL, 1), ('1969-12-31', NULL, 2), ('2200-01-01', NULL, 3)",
    );
    await primary.query("INSERT INTO d.nulls VALUES (NULL, 1), ('1950-01-01 00:00:00', 2)");
    assert.deepEqual(reasonsOf(await check("d.ancient")), {
      "d.ancient 1912": "missing, repaired",
      "d.ancient 1969": "missing, repaired",
      "d.ancient 2200": "backfilling",
    });
    assert.equal(await dr.query("SELECT groupArray(v) FROM (SELECT v FROM d.ancient ORDER BY v)"), "[1,2]\n");
    await check("d.nulls");
    assert.equal(await dr.query("SELECT groupArray(v) FROM (SELECT v FROM d.nulls ORDER BY v)"), "[1,2]\n");
  });

  await t.step("rows of the far future settle once neither side has changed for a while", async () => {
    await quiet();
    assert.equal(
      reasonsOf(await check("d.ancient", { settleSeconds: 1 }))["d.ancient 2200"],
      "missing, repaired",
    );
    assert.equal(await dr.query("SELECT count() FROM d.ancient"), "3\n");
  });

  await t.step("a table without a time settles once neither side has changed for a while", async () => {
    await onBoth(sites, "CREATE TABLE d.timeless (k UInt32, v String) ENGINE = MergeTree ORDER BY k");
    await primary.query("INSERT INTO d.timeless SELECT number, 'x' FROM numbers(3000)");
    await dr.query("INSERT INTO d.timeless SELECT number, 'x' FROM numbers(2000)");
    assert.deepEqual(reasonsOf(await check("d.timeless")), { "d.timeless all": "backfilling" });
    await quiet();
    assert.deepEqual(reasonsOf(await check("d.timeless", { settleSeconds: 1 })), {
      "d.timeless all": "partial, repaired",
    });
    assert.equal(await content(dr, "d.timeless"), await content(primary, "d.timeless"));
  });
});

Deno.test("rows that ch-sync's user does not see are noticed before anything is believed", async () => {
  const rowPolicies = { "d.policy": "service != 'service-1'" };
  for (const hiding of ["primary", "dr"] as const) {
    await using sites = await startTwoSites({ [hiding]: { sync: { rowPolicies } } });
    await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.policy"), telemetryTable("d.open"));
    await load(sites.primary, "d.policy", "2026-01-01", 100);
    await load(sites.dr, "d.policy", "2026-01-01", 100);
    await load(sites.primary, "d.open", "2026-01-01", 100);
    const report = await checkSites(sites);
    assert.deepEqual(reasonsOf(report), {
      "d.policy 20260101": "filtered",
      "d.open 20260101": "missing, repaired",
    }, `hidden at the ${hiding} site`);
    assert.match(findingsOf(report).find(({ reason }) => reason === "filtered")!.detail, /row policy/);
  }
});

Deno.test("a check does not trust clocks that differ by more than five minutes", async () => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  const skewed = (seconds: number) =>
    checkSites(sites, {
      wrap: (ports) => {
        const facts = ports.there.facts.bind(ports.there);
        ports.there.facts = async (settle) => {
          const told = await facts(settle);
          return { ...told, now: told.now - seconds };
        };
        return ports;
      },
    });
  assert.equal((await skewed(60)).outcome, "completed");
  const report = await skewed(3600);
  assert.equal(report.outcome, "failed");
  assert.match(report.error ?? "", /clocks .* differ by 3[56]\d\d seconds/);
});
