/** Databases of several shards, as those of one site. */
import assert from "node:assert/strict";
import { addDatabases } from "../../../src/check/shards/add_databases.ts";

Deno.test("the engine that hinders most is that of the site, in whatever order the shards come", () => {
  const engines = ["Atomic", "Ordinary", "Replicated"];
  for (const [at, most] of engines.entries()) {
    const some = engines.slice(0, at + 1);
    for (const order of [some, some.toReversed()]) {
      const { databases, unequalDatabases } = addDatabases(order.map((one) => new Map([["d", one]])), "here");
      assert.equal(databases.get("d"), most);
      assert.equal(unequalDatabases.has("d"), at > 0);
    }
  }
});

Deno.test("a database that is not on every shard is told of, with where it is", () => {
  const { databases, unequalDatabases } = addDatabases([new Map(), new Map([["d", "Atomic"]])], "active");
  assert.deepEqual([...databases], [["d", "Atomic"]]);
  assert.equal(
    unequalDatabases.get("d"),
    "database d of the active site is not on shard 1, of engine Atomic on shard 2",
  );
});
