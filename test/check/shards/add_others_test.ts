/** Distributed tables of several shards, as those of one site. */
import assert from "node:assert/strict";
import { knownQueues } from "../../../src/check/replicas/queued.ts";
import { addOthers } from "../../../src/check/shards/add_others.ts";
import type { OtherTable } from "../../../src/model/table.ts";

const id = (name: string) => ({ database: "d", name });
const NONE = "00000000-0000-0000-0000-000000000000";

/** On one shard. */
function spread(
  cluster: string | null,
  target: string,
  engine = "Distributed",
): ReadonlyMap<string, OtherTable> {
  const table = {
    id: id("all"),
    uuid: NONE,
    engine,
    feeds: [],
    writesTo: [id(target)],
    cluster,
    keepsFor: null,
  };
  return new Map([["d.all", table]]);
}

/** What is known of the queues of such a site, in either order of its shards. */
function known(...shards: readonly ReadonlyMap<string, OtherTable>[]) {
  return [shards, shards.toReversed()].map((shards) => {
    const catalog = {
      tables: new Map(),
      views: new Map(),
      others: addOthers(shards),
      readAs: new Map(),
      ambiguous: new Set<string>(),
      databases: new Map(),
    };
    const { clusters, distributed } = knownQueues(catalog, new Set(), ["system.*"]);
    return { clusters: clusters && [...clusters], targets: distributed.map(({ target }) => target) };
  });
}

Deno.test("a Distributed table that is alike on all shards spreads over its cluster", () => {
  const alike = { clusters: ["a"], targets: ["d.t"] };
  assert.deepEqual(known(spread("a", "t"), spread("a", "t")), [alike, alike]);
});

Deno.test("one that is not may spread over any cluster: a silent server of any keeps READY away", () => {
  const any = { clusters: null, targets: ["d.t"] };
  assert.deepEqual(known(spread("a", "t"), spread("b", "t")), [any, any]);
  assert.deepEqual(known(spread("a", "t"), spread(null, "t")), [any, any]);
  assert.deepEqual(known(spread("a", "t"), spread(null, "t", "Buffer")), [any, any]);
});

Deno.test("one that fills other tables on other shards is for none that is known", () => {
  const either = { clusters: ["a"], targets: [null] };
  assert.deepEqual(known(spread("a", "t"), spread("a", "u")), [either, either]);
});
