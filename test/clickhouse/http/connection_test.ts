import assert from "node:assert/strict";
import { SiteError } from "../../../src/clickhouse/http/errors.ts";
import { until } from "../../support/program/endings.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

/** Statements whose `query_id` begins like this, in the server. */
async function running(site: Site, prefix: string): Promise<number> {
  return Number(
    await site.query(`SELECT count() FROM system.processes WHERE startsWith(query_id, '${prefix}')`),
  );
}

const ENDLESS = "SELECT sum(sleepEachRow(0.1)) FROM numbers(100000) SETTINGS max_block_size = 1, " +
  "function_sleep_max_microseconds_per_block = 0";

Deno.test("an abort ends the statement in the server too", async (t) => {
  await using one = await startOneSite();
  const { site } = one;

  for (const kind of ["rows", "command"] as const) {
    await t.step(`sent by ${kind}()`, async () => {
      const queryIdPrefix = `ch-sync-dr-${kind}`;
      const stop = new AbortController();
      const connection = openConnection(site, { queryIdPrefix, signal: stop.signal });
      const sent = assert.rejects(
        connection[kind](ENDLESS, { long: true }),
        (error) => error instanceof SiteError && /ch-sync is shutting down/.test(error.message),
      );
      await until("the statement", async () => await running(site, queryIdPrefix) === 1);
      stop.abort();
      await sent;
      assert.equal(await running(site, queryIdPrefix), 0);
      await assert.rejects(connection.rows("SELECT 1"), /ch-sync is shutting down/);
      // What cleans up goes on.
      assert.deepEqual(await connection.rows("SELECT 1 AS a", { unstoppable: true }), [{ a: 1 }]);
      await connection.close();
    });
  }

  await t.step("but not one that must not be torn", async () => {
    const queryIdPrefix = "ch-sync-dr-whole";
    const stop = new AbortController();
    const connection = openConnection(site, { queryIdPrefix, signal: stop.signal });
    await site.query("CREATE DATABASE d");
    await site.query("CREATE TABLE d.t (a UInt8) ENGINE = MergeTree ORDER BY a");
    const sent = connection.command(
      "INSERT INTO d.t SELECT sleepEachRow(0.1) FROM numbers(10) SETTINGS max_block_size = 1",
      { unstoppable: true },
    );
    await until("the statement", async () => await running(site, queryIdPrefix) === 1);
    stop.abort();
    await sent;
    assert.equal(await site.query("SELECT count() FROM d.t"), "10\n");
    await connection.close();
  });
});

Deno.test("one() takes an answer of any other number of rows than one for an error", async () => {
  await using one = await startOneSite();
  const connection = openConnection(one.site);
  assert.deepEqual(await connection.one("SELECT 1 AS a"), { a: 1 });
  for (const [rows, sql] of [[0, "SELECT 1 WHERE 0"], [2, "SELECT 1 FROM numbers(2)"]] as const) {
    await assert.rejects(connection.one(sql), (error) =>
      error instanceof SiteError && error.code === null &&
      error.message.includes(`answered with ${rows}; check the limits in the profile of user sync`));
  }
  await connection.close();
});

Deno.test("numbers of 64 bits and what a profile limits arrive as they are", async () => {
  await using one = await startOneSite({
    config: {
      profiles: {
        default: {
          limit: 5,
          max_result_rows: 1000,
          result_overflow_mode: "break",
          enable_global_with_statement: 0,
        },
      },
    },
  });
  const connection = openConnection(one.site);
  assert.deepEqual(
    await connection.rows("SELECT toUInt64(18446744073709551615) AS a, toInt64(-9223372036854775808) AS b"),
    [
      { a: "18446744073709551615", b: "-9223372036854775808" },
    ],
  );
  assert.equal((await connection.rows("SELECT number FROM numbers(8)")).length, 8);
  const named = "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT x FROM b";
  assert.deepEqual(await connection.rows(named), [{ x: 1 }]);
  await assert.rejects(
    connection.rows("SELECT number FROM numbers(100000)"),
    /TOO_MANY_ROWS|max_result_rows/i,
  );
  await connection.close();
});

Deno.test("a setting that a server does not know is left out, and all others still go with every statement", async () => {
  const limited = { profiles: { default: { limit: 5, join_use_nulls: 1 } } };
  await using one = await startOneSite({ config: limited });
  const connection = openConnection(one.site);
  const settings = { no_server_knows_it: "1", max_threads: 3 };
  const asked =
    "SELECT getSetting('max_threads') AS threads, getSetting('join_use_nulls') AS nulls FROM numbers(7)";
  for (const inText of [{}, { no_server_knows_it: "1", max_threads: 3 }]) {
    const rows = await connection.rows<{ threads: number }>(asked, { settings, inText });
    assert.deepEqual([rows.length, rows[0]], [7, { threads: 3, nulls: false }]);
  }
  await connection.command("CREATE TABLE t (n UInt8) ENGINE = Memory", { settings });
  await connection.command("INSERT INTO t SELECT 1", { settings });
  assert.equal(await one.site.query("SELECT count() FROM t"), "1\n");
  await connection.close();
});

Deno.test("every statement has a query_id of its own that names the site", async () => {
  await using one = await startOneSite();
  const connection = openConnection(one.site, { queryIdPrefix: "ch-sync-dr-check7" });
  const ids = [];
  for (let statement = 0; statement < 2; statement++) {
    ids.push((await connection.one<{ id: string }>("SELECT queryID() AS id")).id);
  }
  ids.push(await connection.command("SELECT 1"));
  assert.deepEqual(ids, [1, 2, 3].map((number) => `ch-sync-dr-check7-local-${number}`));
  await connection.close();
});

Deno.test("passwords beyond ASCII, with quotes and backslashes, work over HTTP and in remote()", async () => {
  const password = "pässwörd-пароль-🦆'\\:@/ \"%41";
  await using sites = await startTwoSites({ users: { other: { password } } });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 500);
  const endpoint = { ...sites.primary.endpoint, user: "other", password };
  const connection = openConnection(sites.primary, { endpoint });
  assert.deepEqual(await connection.one("SELECT currentUser() AS user"), { user: "other" });
  await connection.close();

  const report = await checkSites({ ...sites, primary: { ...sites.primary, endpoint } });
  assert.deepEqual(reasonsOf(report), { "d.t 20260101": "missing, repaired" });
  assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
});
