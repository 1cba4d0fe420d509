import assert from "node:assert/strict";
import { until } from "../../support/program/endings.ts";
import { grantedUsers } from "../../support/sites/granted_users.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

Deno.test("a user of grants.sql ends what it gave up, and can do nothing else to the server", async () => {
  await using one = await startOneSite({ users: grantedUsers({ databases: ["d"] }, "pw") });
  await one.site.query("CREATE DATABASE d");
  await one.site.query("CREATE TABLE d.t (n UInt8) ENGINE = MergeTree ORDER BY n");
  await one.site.query("CREATE TABLE d._chsync_empty AS d.t");
  for (const user of ["chsync_reader", "chsync_writer"]) {
    const stop = new AbortController();
    const endpoint = { url: one.site.url, user, password: `pw-${user}` };
    const connection = openConnection(one.site, { endpoint, signal: stop.signal });
    const settings = { max_block_size: "1", function_sleep_max_microseconds_per_block: "100000000" } as const;
    const slow = connection.rows("SELECT sleepEachRow(1) FROM numbers(60)", { long: true, settings });
    // What ch-sync asks about it may be listed a moment longer.
    const running = () =>
      one.site.query(
        "SELECT count() FROM system.processes WHERE user LIKE 'chsync%' AND startsWith(query, 'SELECT sleepEachRow')",
      );
    await until("the statement", async () => await running() === "1\n");
    stop.abort();
    await assert.rejects(slow, /shutting down/);
    assert.equal(await running(), "0\n", user);
    await connection.close();
    const next = openConnection(one.site, { endpoint });
    for (
      const statement of [
        "CREATE TABLE d.other (n UInt8) ENGINE = Memory",
        "DROP DATABASE d",
        "TRUNCATE TABLE d.t",
        // What a stolen password must not do to rows.
        "ALTER TABLE d.t DELETE WHERE 1",
        "DELETE FROM d.t WHERE 1",
        "ALTER TABLE d.t UPDATE n = 0 WHERE 1",
        "ALTER TABLE d.t DROP PARTITION ID 'all'",
        "ALTER TABLE d.t DETACH PARTITION ID 'all'",
        "ALTER TABLE d.t REPLACE PARTITION ID 'all' FROM d._chsync_empty",
        "ALTER TABLE d.t MOVE PARTITION ID 'all' TO TABLE d._chsync_empty",
        "RENAME TABLE d.t TO d._chsync_taken",
        "EXCHANGE TABLES d.t AND d._chsync_empty",
        "ALTER TABLE d.t ADD COLUMN other UInt8",
        ...user === "chsync_reader" ? ["INSERT INTO d.t SELECT 1"] : [],
        "KILL QUERY WHERE user = 'sync'",
        "SYSTEM SHUTDOWN",
        "CREATE USER someone",
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
        "SELECT * FROM file('/etc/passwd', 'CSV', 'a String')",
      ]
    ) {
      const done = next.command(statement);
      if (statement.startsWith("KILL")) await done; // it finds none that it may see
      else await assert.rejects(done, /ACCESS_DENIED|READONLY/, `${user}: ${statement}`);
    }
    await next.close();
  }
});
