import assert from "node:assert/strict";
import { MAX_STATEMENTS } from "../../../src/clickhouse/http/connection.ts";
import { Slots } from "../../../src/clickhouse/http/slots.ts";
import { until } from "../../support/program/endings.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

Deno.test("Slots let so many in at a time, in order, also after one has failed", async () => {
  const slots = new Slots(2);
  let [inside, most] = [0, 0];
  const order: number[] = [];
  const results = await Promise.allSettled(Array.from({ length: 9 }, async (_, index) => {
    using _slot = await slots.take();
    order.push(index);
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 1));
    inside--;
    if (index % 2 === 0) throw new Error("failed");
  }));
  assert.equal(results.length, 9);
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("a server never sees more statements of a connection than its bound", async () => {
  await using one = await startOneSite();
  const connection = openConnection(one.site, { queryIdPrefix: "ch-sync-dr-bound" });
  const ours = "startsWith(query_id, 'ch-sync-dr-bound')";
  const running = async () =>
    Number(await one.site.query(`SELECT count() FROM system.processes WHERE ${ours}`));
  // Each for a minute, unless it is killed.
  const long = "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1";
  let left = MAX_STATEMENTS + 3;
  const all = Array.from({ length: left }, () => connection.rows(long).catch(() => left--));
  await until("as many statements as there may be", async () => await running() === MAX_STATEMENTS);
  let most = 0;
  for (let looks = 0; looks < 20; looks++) most = Math.max(most, await running());
  assert.equal(most, MAX_STATEMENTS);
  await until("the end of all statements", async () => {
    await one.site.query(`KILL QUERY WHERE ${ours} SYNC`);
    most = Math.max(most, await running());
    return left === 0;
  });
  await Promise.all(all);
  assert.equal(most, MAX_STATEMENTS);
  await connection.close();
});
