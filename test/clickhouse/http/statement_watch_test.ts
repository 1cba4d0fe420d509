/** Long statements on a real server: one that works is waited for, one that stands still or has lost its answer is not. */
import assert from "node:assert/strict";
import { SiteError } from "../../../src/clickhouse/http/errors.ts";
import { PATIENCE } from "../../../src/clickhouse/http/statement_watch.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { until } from "../../support/program/endings.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

const patience = { ...PATIENCE, quick: 1000, look: 50, silent: 1000, stalled: 2000, killed: 15_000 };
const failure = async (sent: Promise<unknown>): Promise<SiteError> => {
  try {
    await sent;
  } catch (error) {
    assert.ok(error instanceof SiteError, String(error));
    return error;
  }
  throw new Error("it did not fail");
};

Deno.test("statements are waited for as long as they live, and no longer", async (t) => {
  await using one = await startOneSite();
  const { site } = one;
  await using points = startFaultPoints(() => site.url);
  const endpoint = { ...site.endpoint, url: points.url };
  const connection = openConnection(site, { endpoint, patience, queryIdPrefix: "ch-sync-dr-watch" });
  const running = () =>
    site.query("SELECT query_id FROM system.processes WHERE query_id LIKE 'ch-sync-dr-watch%'");
  await site.query("CREATE DATABASE d");
  await site.query("CREATE TABLE d.t (n UInt64) ENGINE = MergeTree ORDER BY n");
  const clean = () => {
    points.before = points.after = () => "answer";
  };

  /** The server gets the INSERT of this name, and once it runs, its connection breaks. */
  const sever = (name: string) => {
    points.before = async ({ sql }) => {
      if (!sql.startsWith("INSERT")) return "answer";
      const id = connection.queryId(name);
      const url = `${site.url}/?query_id=${id}`;
      const headers = { authorization: `Basic ${btoa(`sync:${site.endpoint.password}`)}` };
      void fetch(url, { method: "POST", body: sql, headers }).then((response) => response.text())
        .catch(() => {});
      await until("the INSERT", async () => (await running()).includes(id));
      return "cut";
    };
  };

  await t.step("one that makes progress takes longer than every bound", async () => {
    const begun = performance.now();
    const slow =
      "SELECT sum(sleepEachRow(0.2)) AS s FROM numbers(12) SETTINGS max_block_size = 1, max_threads = 1";
    assert.deepEqual(await connection.rows(slow, { long: true }), [{ s: "0" }]);
    assert.ok(performance.now() - begun > 2300);
  });

  await t.step("one that stands still is killed", async () => {
    const still = "SELECT sleep(20) SETTINGS function_sleep_max_microseconds_per_block = 20000000";
    const error = await failure(connection.rows(still, { long: true }));
    assert.match(error.message, /Timeout: the statement made no progress for/);
    assert.equal(error.fate, "ended");
    assert.equal(await running(), "");
  });

  await t.step("a short one has its deadline, whatever the network does", async () => {
    points.before = () => "vanish";
    const error = await failure(connection.rows("SELECT 1"));
    assert.match(
      error.message,
      /Timeout: .*too long.*may still be running/,
    );
    assert.equal(error.fate, "unknown");
    clean();
  });

  await t.step("one whose answer vanishes is not waited for when it has ended", async () => {
    points.after = ({ sql }) => sql.startsWith("INSERT") ? "vanish" : "answer";
    const error = await failure(connection.command("INSERT INTO d.t SELECT 1", { long: true }));
    assert.match(error.message, /ended in the server.*answer never came/);
    assert.equal(error.fate, "ended");
    clean();
  });

  await t.step("one whose connection breaks is killed", async () => {
    sever("kill");
    const endless = "INSERT INTO d.t SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_block_size = 1";
    const error = await failure(connection.command(endless, { long: true, name: "kill" }));
    assert.equal(error.fate, "ended");
    assert.equal(await running(), "");
    clean();
  });

  await t.step("one that must not be torn is waited for when its connection breaks", async () => {
    await site.query("TRUNCATE TABLE d.t");
    sever("whole");
    const slow = "INSERT INTO d.t SELECT sleepEachRow(0.1) FROM numbers(15) SETTINGS max_block_size = 1";
    const error = await failure(connection.command(slow, { long: true, unstoppable: true, name: "whole" }));
    assert.equal(error.fate, "ended");
    assert.equal(await site.query("SELECT count() FROM d.t"), "15\n");
    clean();
  });

  await t.step(
    "after a statement without an answer the next one first asks whether there is anybody",
    async () => {
      const deaf = openConnection(site, { patience, endpoint: { ...endpoint, url: "http://127.0.0.1:9" } });
      assert.equal((await failure(deaf.rows("SELECT 1"))).fate, "unknown");
      assert.equal((await failure(deaf.rows("SELECT 1"))).fate, null);
      await deaf.close();
    },
  );
  await connection.close();
});
