/** What brings rows into a table goes one after the other on each server. */
import assert from "node:assert/strict";
import type { Connection } from "../../../src/clickhouse/http/connection.ts";
import { inTurn } from "../../../src/clickhouse/repair/in_turn.ts";

Deno.test("one after the other for a table, whatever became of those before; other tables and servers do not wait", async () => {
  const [one, other] = [{}, {}] as [Connection, Connection];
  const order: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const work = (connection: Connection, name: string, said: string) => {
    ends.set(said, Promise.withResolvers());
    return inTurn(connection, { database: "d", name }, async () => {
      order.push(said);
      await ends.get(said)!.promise;
      return said;
    });
  };
  const first = work(one, "t", "first");
  const second = work(one, "t", "second");
  const beside = [work(one, "u", "other table"), work(other, "t", "other server")];
  const begun = async (some: number) => {
    while (order.length < some) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await begun(3);
  assert.deepEqual(order, ["first", "other table", "other server"]);
  ends.get("first")!.reject(new Error("failed"));
  await assert.rejects(first, /failed/);
  await begun(4);
  assert.equal(order.at(-1), "second");
  for (const end of ends.values()) end.resolve();
  assert.deepEqual(await Promise.all([second, ...beside]), ["second", "other table", "other server"]);
});
