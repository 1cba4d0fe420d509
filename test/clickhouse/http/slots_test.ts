import assert from "node:assert/strict";
import { MAX_STATEMENTS } from "../../../src/clickhouse/http/connection.ts";
import { Slots } from "../../../src/clickhouse/http/slots.ts";
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
  let most = 0;
  let ended = false;
  const looking = (async () => {
    while (!ended) {
      const running = await one.site.query(
        "SELECT count() FROM system.processes WHERE startsWith(query_id, 'ch-sync-dr-bound')",
      );
      most = Math.max(most, Number(running));
    }
  })();
  await Promise.all(Array.from({ length: 5 * MAX_STATEMENTS }, () => connection.rows("SELECT sleep(0.1)")));
  ended = true;
  await looking;
  assert.equal(most, MAX_STATEMENTS);
  await connection.close();
});
