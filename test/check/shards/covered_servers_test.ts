/** Servers that one shard has asked are not asked by another one; in doubt they are. */
import assert from "node:assert/strict";
import { isCovered } from "../../../src/check/shards/covered_servers.ts";
import type { OtherServer } from "../../../src/model/other_servers.ts";
import type { ClusterNode } from "../../../src/model/replica_pick.ts";

/** Clusters of one host a shard, as one of these sees them. */
const seenBy = (own: string, clusters: Readonly<Record<string, readonly string[]>>): ClusterNode[] =>
  Object.entries(clusters).flatMap(([cluster, hosts]) =>
    hosts.map((host, at) => ({ cluster, shard: at + 1, host, address: host, port: 9000, own: host === own }))
  );
const asked = (...hosts: readonly string[]) => ({
  unseen: null,
  servers: hosts.map((host): OtherServer => ({
    name: `${host}:9000`,
    clusters: ["site"],
    replica: false,
    holds: { tables: [], queues: new Map() },
  })),
});
const SITE = { site: ["a", "b", "c"] };

Deno.test("a shard whose cluster was asked by another one is covered", () => {
  assert.ok(isCovered(seenBy("b", SITE), asked("b", "c"), seenBy("a", SITE)));
});

Deno.test("one that knows more servers, that gave no answer, or does not know itself, is not", () => {
  const own = seenBy("a", SITE);
  assert.equal(isCovered(seenBy("b", { ...SITE, more: ["b", "d"] }), asked("b", "c"), own), false);
  assert.equal(isCovered(seenBy("b", SITE), asked("b"), own), false);
  const silent = asked("b", "c").servers.map((server) => ({ ...server, holds: null }));
  assert.equal(isCovered(seenBy("b", SITE), { servers: silent, unseen: null }, own), false);
  assert.equal(isCovered(seenBy("x", SITE), asked("b", "c"), own), false);
  assert.equal(isCovered([], asked("b", "c"), own), false);
});

Deno.test("clusters that it is not in are no reason to ask", () => {
  const elsewhere = { ...SITE, far: ["x", "y"] };
  assert.ok(isCovered(seenBy("b", elsewhere), asked("b", "c"), seenBy("a", SITE)));
});
