/** The credentials of the remote site in a named collection: no statement holds them. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("REMOTE_COLLECTION takes host and credentials out of every statement", async (t) => {
  // The log of queries in memory, unmasked as far as the server leaves it so.
  const config = { query_log: { database: "system", table: "query_log", flush_interval_milliseconds: 100 } };
  await using sites = await startTwoSites({ dr: { config } });
  const { primary, dr } = sites;
  const environment = environmentOf("dr", dr, primary);
  // The collection has a user of its own: HTTP to the remote site goes on as before.
  await using chSync = await installChSync({
    ...environment,
    REMOTE_COLLECTION: "other_site",
    // What the collection holds counts, not these.
    REMOTE_CH_HOST: "192.0.2.99",
    REMOTE_CH_PORT: "9",
  });
  const fixed = (key: string, value: string) => `${key} = '${value}' NOT OVERRIDABLE`;
  const collection = `CREATE NAMED COLLECTION other_site AS ${
    [
      fixed("host", primary.host),
      `port = ${primary.tcpPort} NOT OVERRIDABLE`,
      fixed("user", primary.endpoint.user),
      fixed("password", primary.endpoint.password),
      "database = 'default' OVERRIDABLE",
      "table = 'none' OVERRIDABLE",
    ].join(", ")
  }`;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE DATABASE `dotted.d'b`",
    telemetryTable("d.whole"),
    telemetryTable("d.partly"),
    telemetryTable("d.replacing", "ReplacingMergeTree(duration)"),
    telemetryTable("`dotted.d'b`.`t.\\\\'x`"),
  );
  const tables = ["d.whole", "d.partly", "d.replacing", "`dotted.d'b`.`t.\\\\'x`"];
  for (const table of tables) await load(primary, table, "2026-01-01", 1000);
  for (const table of ["d.partly", "d.replacing"]) {
    await load(dr, table, "2026-01-01", 1000, "number % 3 > 0");
  }

  await t.step("without the collection, the error says what is missing", async () => {
    const { code, stderr, stdout } = await chSync.run(["--once"]);
    assert.equal(code, 1);
    assert.match(stderr, /REMOTE_COLLECTION/);
    assert.ok(!(stderr + stdout).includes("canary"));
  });

  await t.step("the plan names it", async () => {
    await dr.query(collection);
    const { code, stdout, stderr } = await chSync.run(["--dry-run", "--sql"]);
    assert.equal(code, 3, stderr);
    assert.match(stdout, /remote\(`other_site`, database = 'd', table = 'whole'\)/);
    assert.doesNotMatch(stdout, /'sync'|192\.0\.2\.99/);
  });

  await t.step("rows come whole, in part and merged, whatever the names are", async () => {
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    for (const table of tables) {
      const final = table === "d.replacing" ? `${table} FINAL` : table;
      assert.equal(await content(dr, final), await content(primary, final), table);
    }
  });

  await t.step("no statement of ch-sync held a password", async () => {
    await dr.query("SYSTEM FLUSH LOGS");
    const [log] = await dr.rows<{ all: string; secret: string }>(
      "SELECT countIf(query LIKE '%remote(`other_site`%') AS all, " +
        "countIf(query LIKE '%[HIDDEN]%' OR query LIKE '%canary-primary%') AS secret " +
        "FROM system.query_log WHERE query_id LIKE 'ch-sync-%'",
    );
    assert.ok(Number(log?.all) > 0);
    assert.equal(Number(log?.secret), 0);
  });

  await t.step("its user cannot send the password elsewhere", async () => {
    await assert.rejects(
      dr.query("SELECT * FROM remote(other_site, host = '127.0.0.9', database = 'd', table = 'whole')"),
      /Override not allowed/,
    );
  });
});
