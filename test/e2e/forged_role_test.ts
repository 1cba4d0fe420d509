/** A forged answer of DNS where ch-sync may replace partitions: the site that is truly active keeps its rows. */
import assert from "node:assert/strict";
import { STEADY_CHECKS } from "../../src/verdict/steady_role.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { content, onBoth } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("who answers DNS once replaces nothing; roles that stay do, over restarts, and it is kept", async (t) => {
  await using sites = await startTwoSites({
    leastPrivilege: { databases: ["d"], with: ["REPAIR_AGGREGATES"] },
  });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.sums (ts DateTime('UTC'), id UInt64, v UInt32) ENGINE = SummingMergeTree(v) " +
      "PARTITION BY toYYYYMM(ts) ORDER BY (toDate(ts), id)",
  );
  const insert = (rows: number, v: number) =>
    `INSERT INTO d.sums SELECT '2026-01-01', number, ${v} FROM numbers(${rows})`;
  await primary.query(insert(100, 10));
  await dr.query(insert(50, 1));
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const whole = await content(primary, "d.sums");
  const poor = await content(dr, "d.sums");
  await using dns = await startDnsServer({ kind: "addresses", ips: ["192.0.2.1"] });
  const more = {
    ACTIVE_SITE: "auto",
    DNS_SERVER: dns.address,
    REPAIR_AGGREGATES: "replace",
    SETTLE_SECONDS: "1",
    CHECK_INTERVAL: "30",
  };
  await using atPrimary = await installChSync({ ...environmentOf("primary", primary, dr), ...more });
  await using atDr = await installChSync({ ...environmentOf("dr", dr, primary), ...more });

  await t.step("forged at the first check, and again after checks that were right", async () => {
    for (let round = 0; round < 2; round++) {
      dns.answer = { kind: "addresses", ips: ["192.0.2.2"] };
      const { code, stdout } = await atPrimary.run(["--once"]);
      assert.equal(code, 3, stdout);
      assert.match(
        stdout,
        /aggregated: .*\bdr\b.*\d+ checks in a row/,
      );
      assert.equal(await content(primary, "d.sums"), whole);
      dns.answer = { kind: "addresses", ips: ["192.0.2.1"] };
      assert.equal((await atPrimary.run(["--once"])).code, 0);
    }
  });

  await t.step("roles that stay: replaced, and told where what was here is kept", async () => {
    for (let check = 0; check < STEADY_CHECKS; check++) {
      assert.equal((await atDr.run(["--once"])).code, 3);
      assert.equal(await content(dr, "d.sums"), poor);
    }
    const plan = await atDr.run(["--dry-run", "--sql"]);
    assert.match(plan.stdout, /REPLACE PARTITION ID '202601'/);
    const { stdout, stderr } = await atDr.run(["--once"]);
    assert.match(stdout, /aggregated, repaired: .*d\._chsync_kept_dr_sums_202601_/);
    assert.equal(await content(dr, "d.sums"), whole);
    const record = JSON.parse(await Deno.readTextFile(`${atDr.directory}/data/ch-sync-repairs.jsonl`));
    assert.equal(await content(dr, record.kept), poor);
    for (const text of [stdout, stderr]) assert.ok(text.includes(record.restore), text);
    await dr.query(record.restore);
    assert.equal(await content(dr, "d.sums"), poor);
  });

  await t.step("an answer that flips begins the count again", async () => {
    dns.answer = { kind: "addresses", ips: ["192.0.2.2"] };
    assert.equal((await atDr.run(["--once"])).code, 0);
    dns.answer = { kind: "addresses", ips: ["192.0.2.1"] };
    assert.equal((await atDr.run(["--once"])).code, 3);
    assert.equal(await content(dr, "d.sums"), poor);
  });
});
