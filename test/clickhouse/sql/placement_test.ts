/** Where a row belongs among the shards of this site, told by its cluster and the key of a Distributed table. */
import assert from "node:assert/strict";
import {
  inOneOrder,
  isSteady,
  picksShards,
  placing,
  weighed,
} from "../../../src/clickhouse/sql/placement.ts";

const at = (host: string) => ({ host, port: 9000, secure: false });
const ADDRESSES = [at("a"), at("b"), at("c")];

/** What each of three servers sees of a cluster whose shards weigh 2, 1 and 3, if it is the one of that number. */
function seenBy(own: readonly number[], cluster = "dr") {
  return own.map((mine) =>
    [2, 1, 3].map((weight, at) => ({ cluster, shard: at + 1, weight, own: at + 1 === mine }))
  );
}

Deno.test("addresses stand in the order of the cluster's shards, each as often as it weighs", () => {
  const hosts = (own: readonly number[]) =>
    weighed("dr", seenBy(own), ADDRESSES)?.map(({ host }) => host).join("");
  assert.equal(hosts([1, 2, 3]), "aabccc");
  assert.equal(hosts([3, 1, 2]), "bbcaaa");
});

Deno.test("a cluster of other shards than those of this site, or of more, places nothing", () => {
  assert.equal(weighed("other", seenBy([1, 2, 3]), ADDRESSES), null);
  assert.equal(weighed("dr", seenBy([1, 2]), ADDRESSES.slice(0, 2)), null);
  assert.equal(weighed("dr", seenBy([1, 1, 2]), ADDRESSES), null);
  assert.equal(weighed("dr", [[], [], []], ADDRESSES), null);
  const twice = seenBy([1, 2, 3]).map((nodes) => nodes.map((node) => ({ ...node, own: true })));
  assert.equal(weighed("dr", twice, ADDRESSES), null);
  const weightless = seenBy([1, 2, 3]).map((nodes) => nodes.map((node) => ({ ...node, weight: 0 })));
  assert.equal(weighed("dr", weightless, ADDRESSES), null);
});

Deno.test("a key must be a whole number that is the same each time", () => {
  const unsteady = new Set(["rand", "now", "dictget"]);
  assert.ok(isSteady("intHash64(cityHash64(a, b)) + id", unsteady));
  for (const key of ["rand()", "id + NOW()", "dictGet('d', 'x', id)"]) {
    assert.ok(!isSteady(key, unsteady), key);
  }
  for (const type of ["UInt64", "Int8", "UInt32"]) assert.ok(picksShards(type), type);
  for (const type of ["", "String", "Date", "Nullable(UInt64)", "Float64", "UInt256"]) {
    assert.ok(!picksShards(type), type);
  }
});

Deno.test("where rows come in their order, a shard is named once, whatever it weighs", () => {
  const [a, b, c] = ADDRESSES as [
    typeof ADDRESSES[number],
    typeof ADDRESSES[number],
    typeof ADDRESSES[number],
  ];
  const once = { addresses: [a, b, c], key: "id" };
  assert.deepEqual(inOneOrder(once, "Int32"), once);
  const weighs = { addresses: [a, a, b, c, c], key: "id" };
  assert.deepEqual(inOneOrder(weighs, "UInt8"), {
    addresses: [a, b, c],
    key: "[0, 0, 1, 2, 2][(id) % 5 + 1]",
  });
  assert.match(inOneOrder(weighs, "Int16").key, /\[reinterpretAsUInt16\(id\) % 5 \+ 1\]$/);
});

Deno.test("the call that places rows quotes what it is given", () => {
  const own = {
    address: at("a"),
    more: [at("b")],
    credentials: { user: "u'", password: "p\\" },
    collection: null,
  };
  const placement = { addresses: [at("a"), at("a"), { ...at("::1"), port: 1 }], key: "a || 'x'" };
  assert.equal(
    placing(own, placement, { database: "d`", name: "_chsync_dr_1" }),
    "FUNCTION remote('a:9000,a:9000,[::1]:1', `d\\``, `_chsync_dr_1`, 'u\\'', 'p\\\\', (a || 'x'))",
  );
});
