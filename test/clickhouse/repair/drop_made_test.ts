/** Tables too large to be dropped, at a server to which no statement can say that it may drop them all the same. */
import assert from "node:assert/strict";
import { dropMade } from "../../../src/clickhouse/repair/drop_made.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

/** As before 23.12, which ignores neither setting but does not know them: they never reach the server. */
const withoutSizes: typeof fetch = (input, init) => {
  const url = new URL(String(input));
  for (const name of ["max_table_size_to_drop", "max_partition_size_to_drop"]) url.searchParams.delete(name);
  return fetch(url, init);
};

Deno.test("a table that is too large to be dropped goes part by part; one with too large a part stays, and it is said", async () => {
  const limits = { max_table_size_to_drop: 30_000, max_partition_size_to_drop: 30_000 };
  await using one = await startOneSite({ sync: { profile: limits } });
  const connection = openConnection(one.site, { fetch: withoutSizes });
  const table = { database: "d", name: "_chsync_dr_0123abcd01234567_1" };
  await connection.command("CREATE DATABASE d");
  const fill = async (inserts: number, rows: number) => {
    await connection.command(`CREATE TABLE d.${table.name} (a UInt64) ENGINE = MergeTree ORDER BY a`);
    await connection.command(`SYSTEM STOP MERGES d.${table.name}`);
    for (let at = 0; at < inserts; at++) {
      await connection.command(`INSERT INTO d.${table.name} SELECT rand64(number) FROM numbers(${rows})`);
    }
  };
  const left = () => connection.rows("SELECT name FROM system.tables WHERE database = 'd'");

  await fill(4, 2000);
  await assert.rejects(() => connection.command(`DROP TABLE d.${table.name} SYNC`), { code: 359 });
  await dropMade(connection, table);
  assert.deepEqual(await left(), []);

  await fill(1, 8000);
  await assert.rejects(() => dropMade(connection, table), { code: 359 });
  assert.deepEqual(await left(), [{ name: table.name }]);
  await connection.close();
});
