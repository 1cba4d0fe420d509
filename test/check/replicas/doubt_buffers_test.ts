/** Rows that wait in Buffer tables for longer than rows take to settle, on two real sites. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("rows in a Buffer table are neither taken for missing nor for none", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const raw = "(ts DateTime('UTC'), id UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id";
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE d.raw ${raw}`,
    "CREATE TABLE d.buffer AS d.raw ENGINE = Buffer(d, raw, 1, 3600, 7200, 1000000, 1000000, 1000000000, 1000000000)",
    "CREATE TABLE d.short AS d.raw ENGINE = Buffer(d, raw, 1, 10, 100, 1000000, 1000000, 1000000000, 1000000000)",
    "INSERT INTO d.raw SELECT '2026-01-01', number FROM numbers(100)",
  );
  const check = async () => {
    const report = await checkSites(sites);
    return {
      clean: isClean(report),
      reasons: reasonsOf(report),
      details: findingsOf(report).map((one) => one.detail),
    };
  };
  assert.ok((await check()).clean);

  await t.step("at the active site", async () => {
    await primary.query("INSERT INTO d.buffer VALUES ('2026-01-01', 1000)");
    const { reasons, details } = await check();
    assert.deepEqual(reasons, { "d.raw": "lagging" });
    assert.match(details[0]!, /d\.buffer of the active site.*7,200 seconds.*OPTIMIZE TABLE d\.buffer/);
    const elsewhere = await checkSites(sites, { settings: { settleSeconds: 7201 } });
    assert.ok(isClean(elsewhere), "rows that settle later than they are passed on are compared in time");
  });

  await t.step("here", async () => {
    await primary.query("OPTIMIZE TABLE d.buffer");
    await dr.query("INSERT INTO d.buffer VALUES ('2026-01-01', 1000)");
    assert.deepEqual((await check()).reasons, { "d.raw": "backfilling" });
    await dr.query("OPTIMIZE TABLE d.buffer");
    assert.ok((await check()).clean);
    assert.equal(await content(dr, "d.raw"), await content(primary, "d.raw"));
  });

  await t.step("here, since the check began", async () => {
    const row = "VALUES ('2026-01-01', 1500)";
    await primary.query(`INSERT INTO d.raw ${row}`);
    const wrap = (ports: CheckPorts): CheckPorts => {
      const digests = ports.here.digests.bind(ports.here);
      ports.here.digests = async (request) => {
        const found = await digests(request);
        await dr.query(`INSERT INTO d.buffer ${row}`);
        return found;
      };
      return ports;
    };
    assert.deepEqual(reasonsOf(await checkSites(sites, { wrap })), { "d.raw 202601": "backfilling" });
    await dr.query("OPTIMIZE TABLE d.buffer");
    // As often as it was digested.
    await dr.query("OPTIMIZE TABLE d.raw FINAL DEDUPLICATE");
    assert.ok((await check()).clean);
    assert.equal(await content(dr, "d.raw"), await content(primary, "d.raw"));
  });

  await t.step("not in one that passes them on sooner, nor in one that is excluded", async () => {
    await onBoth(
      sites,
      "INSERT INTO d.short VALUES ('2026-01-01', 2000)",
      "INSERT INTO d.buffer VALUES ('2026-01-01', 3000)",
    );
    assert.ok(isClean(await checkSites(sites, { settings: { excludePatterns: ["system.*", "d.buffer"] } })));
    await onBoth(sites, "OPTIMIZE TABLE d.buffer");
    assert.ok((await check()).clean);
  });
});
