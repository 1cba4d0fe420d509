/** What the cluster of the other site says of its shards is held against what the settings name. */
import assert from "node:assert/strict";
import { findOneShard, unnamedHere, unnamedShards } from "../../../src/check/shards/unnamed_shards.ts";
import { isCutAlike, spreadOver } from "../../../src/check/shards/used_clusters.ts";
import type { ClusterNode } from "../../../src/model/replica_pick.ts";

const node = (cluster: string, shard: number, host: string): ClusterNode => ({
  cluster,
  shard,
  host,
  address: `address of ${host}`,
  port: 9000,
  own: false,
});
const replica = (host: string) => ({
  url: `http://${host}:8123`,
  native: { host, port: 9000, secure: false },
});
const named = (...shards: readonly (readonly string[])[]) => ({
  shards: shards.map((shard) => shard.map(replica)),
  excludePatterns: ["system.*"],
});
const SITE = [node("site", 1, "a1"), node("site", 1, "a2"), node("site", 2, "b1"), node("site", 3, "c1")];

Deno.test("a shard that the cluster has and the settings lack is told of by name", () => {
  assert.deepEqual(unnamedShards([SITE], named(["a1", "a2"], ["b1"], ["c1"])), []);
  const [found, ...more] = unnamedShards([SITE], named(["a1"], ["b1"]));
  assert.deepEqual([found?.table, found?.cause, more], ["cluster.site", "over_shards", []]);
  assert.match(found?.detail ?? "", /\(c1:9000\)/);
  assert.deepEqual(unnamedShards([SITE], named(["address of a1"], ["b1"], ["c1"])), []);
});

Deno.test("servers that the cluster calls otherwise than the settings do know themselves there", () => {
  const secure = named(["pri-a"], ["pri-b"]);
  const asSeenBy = (own: string) => SITE.map((one) => ({ ...one, own: one.host === own }));
  const [found, ...more] = unnamedShards([asSeenBy("a2"), asSeenBy("b1")], secure);
  assert.deepEqual([found?.table, more], ["cluster.site", []]);
  assert.match(found?.detail ?? "", /\(c1:9000\)/);
  const all = [asSeenBy("a2"), asSeenBy("b1"), asSeenBy("c1")];
  assert.deepEqual(unnamedShards(all, named(["pri-a"], ["pri-b"], ["pri-c"])), []);
  const alone = ["pri-a", "pri-b"].map((host) => ({
    ...node("default", 1, "localhost"),
    address: host,
    own: true,
  }));
  assert.deepEqual(unnamedShards([alone], secure), []);
});

Deno.test("clusters that are others, or are left out, say nothing", () => {
  assert.deepEqual(
    unnamedShards([[node("other", 1, "x"), node("other", 2, "y")]], named(["a1"], ["b1"])),
    [],
  );
  const excluded = { ...named(["a1"], ["b1"]), excludePatterns: ["cluster.site"] };
  assert.deepEqual(unnamedShards([SITE], excluded), []);
  const one = (pattern: string) =>
    findOneShard([SITE], { ...named(["a1"], ["a2"]), excludePatterns: [pattern] }, "active");
  assert.equal(one("cluster.s*"), null);
  // What excuses a cluster that may not be read excuses none that can.
  assert.match(one("cluster.*") ?? "", /count twice/);
});

Deno.test("who may not look cannot tell that all shards are named", () => {
  const may = named(["a1"], ["b1"], ["c1"]);
  const seen = [SITE, { denied: "Not enough privileges" }, SITE];
  const [found, ...more] = unnamedShards(seen, may);
  assert.deepEqual([found?.table, found?.cause, more], ["cluster.*", "over_shards", []]);
  assert.match(
    found?.detail ?? "",
    /shard 2 of the active site.*Grant SELECT ON system.clusters to REMOTE_CH_USER/,
  );
  assert.match(unnamedHere(seen, may) ?? "", /shard 2 of this site.*LOCAL_CH_USER/);
  const taken = { ...may, excludePatterns: ["cluster.*"] };
  assert.deepEqual([unnamedShards(seen, taken), unnamedHere(seen, taken)], [[], null]);
  assert.deepEqual([unnamedShards([], may), unnamedHere([], may)], [[], null]); // a site of one server
});

Deno.test("replicas of one shard are no two shards", () => {
  assert.equal(findOneShard([SITE], named(["a1", "a2"], ["b1"]), "active"), null);
  assert.match(
    findOneShard([SITE], named(["a1"], ["a2"]), "active") ?? "",
    /shards 1 and 2 .* shard 1 of cluster site/,
  );
  assert.match(findOneShard([SITE], named(["b1"], ["a1"], ["c1", "a2"]), "active") ?? "", /shards 2 and 3/);
});

Deno.test("replicas of one shard are none whatever the settings call them", () => {
  const secure = named(["pri-a"], ["pri-b"]);
  const asSeenBy = (own: string, site = SITE) => site.map((one) => ({ ...one, own: one.host === own }));
  assert.match(
    findOneShard([asSeenBy("a1"), asSeenBy("a2")], secure, "active") ?? "",
    /shards 1 and 2 .* shard 1 of cluster site/,
  );
  assert.equal(findOneShard([asSeenBy("a1"), asSeenBy("b1")], secure, "active"), null);
  assert.equal(findOneShard([asSeenBy("a1"), []], secure, "active"), null); // who may not look says nothing
  const alone = [node("default", 1, "localhost")];
  assert.equal(
    findOneShard([asSeenBy("localhost", alone), asSeenBy("localhost", alone)], secure, "active"),
    null,
  );
  const another = [node("site", 1, "x1"), node("site", 1, "x2")];
  assert.equal(findOneShard([asSeenBy("a1"), asSeenBy("x1", another)], secure, "active"), null);
});

Deno.test("a server that does not know itself in a cluster is known by what the settings call it", () => {
  const spread = (isNamed: (one: ClusterNode) => boolean, nodes = SITE) =>
    spreadOver("site", new Set(["d.t"]), nodes, isNamed);
  assert.equal(spread(({ host }) => host === "a1").others, "b1:9000, c1:9000");
  assert.equal(spread(() => false).others, ""); // another site's
  const asItself = SITE.map((one) => ({ ...one, own: one.host === "c1" }));
  assert.equal(spread(() => true, asItself).others, "a1:9000, a2:9000, b1:9000");
});

Deno.test("sites are cut alike if they spread the same tables over as many shards", () => {
  const over = (shards: number | null, ...tables: string[]) => ({
    cluster: "c",
    tables: new Set(tables),
    shards,
    others: "",
  });
  assert.ok(isCutAlike(over(2, "d.a", "d.b"), [over(2, "d.a")], false));
  assert.ok(isCutAlike(over(2, "d.a"), [over(1, "d.a"), over(2, "d.a")], false));
  for (const there of [[], [over(3, "d.a")], [over(2, "d.c")], [over(2, "d.a"), over(1, "d.b")]]) {
    assert.equal(isCutAlike(over(2, "d.a", "d.b"), there, true), false);
  }
  const unseen = [over(null, "d.a")];
  assert.deepEqual([true, false].map((is) => isCutAlike(over(2, "d.a"), unseen, is)), [true, false]);
});
