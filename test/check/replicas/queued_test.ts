/** Rows in the queue of a Distributed table are at the site, and in no table yet. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { freePort } from "../../support/sites/free_port.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";

/** A cluster whose server is not there: what is inserted into a Distributed table over it stays in its queue. */
const config = {
  remote_servers: { gone: { shard: { replica: { host: "127.0.0.1", port: freePort() } } } },
};

async function queue(site: Site, rows: string): Promise<void> {
  await load(site, "shop.queue", DAY, 1000, rows);
}

Deno.test("rows in the queue of a Distributed table", async (t) => {
  await using sites = await startTwoSites({ primary: { config }, dr: { config } });
  const { primary, dr } = sites;
  for (const site of [primary, dr]) {
    await site.query("CREATE DATABASE shop");
    await site.query(telemetryTable("shop.t"));
    await site.query("CREATE TABLE shop.queue AS shop.t ENGINE = Distributed(gone, shop, t)");
    await load(site, "shop.t", DAY, 1000, "number < 700");
  }

  await t.step("an empty one is nothing to speak of", async () => {
    assert.ok(isClean(await checkSites(sites)));
  });

  await t.step("at the active site: they count as its own", async () => {
    await queue(primary, "number >= 700");
    const report = await checkSites(sites);
    assert.equal(isClean(report), false);
    const [found] = findingsOf(report);
    assert.equal(found?.cause, "rows_queued");
    assert.match(found?.detail ?? "", /queue of shop\.queue at the active site.*1 file waits/);
    await primary.query("TRUNCATE TABLE shop.queue");
    assert.ok(isClean(await checkSites(sites)));
  });

  await t.step("here: they will arrive, so they are not copied", async () => {
    await load(primary, "shop.t", DAY, 1000, "number >= 700");
    await queue(dr, "number >= 700");
    const report = await checkSites(sites);
    assert.deepEqual(reasonsOf(report), { "shop.t": "backfilling" });
    assert.equal((await dr.query("SELECT count() FROM shop.t")).trim(), "700");
    await dr.query("TRUNCATE TABLE shop.queue");
    assert.deepEqual(reasonsOf(await checkSites(sites)), { "shop.t 20260101": "partial, repaired" });
    assert.ok(isClean(await checkSites(sites)));
  });

  await t.step("for a table that is at other servers, by the name of the Distributed table", async () => {
    await primary.query(
      "CREATE TABLE shop.elsewhere AS shop.t ENGINE = Distributed(gone, shop, not_at_this_server)",
    );
    await load(primary, "shop.elsewhere", DAY, 10);
    assert.deepEqual(reasonsOf(await checkSites(sites)), { "shop.elsewhere": "lagging" });
    await primary.query("DROP TABLE shop.elsewhere");
  });

  await t.step("for a table that is excluded: nobody's business", async () => {
    await queue(primary, "number < 10");
    const report = await checkSites(sites, { settings: { excludePatterns: ["shop.queue"] } });
    assert.ok(isClean(report));
    await primary.query("TRUNCATE TABLE shop.queue");
  });
});
