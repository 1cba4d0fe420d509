/** A drill says which servers it works with, and what it leaves out. */
import assert from "node:assert/strict";
import { drilledServers } from "../../src/drill/drilled_servers.ts";
import { ONE_ADDRESS_EACH } from "../../src/model/replica_pick.ts";
import { pickedSite } from "../support/data/picked_site.ts";

const settings = {
  local: { url: "http://here", user: "u", password: "canary" },
  remote: { url: "http://there", user: "u", password: "canary" },
};

const site = (url: string, ...others: readonly string[]) =>
  pickedSite(url, { others: others.map((other) => ({ url: other, passedOver: null })) });

const said = (replicas: Partial<typeof ONE_ADDRESS_EACH>) =>
  drilledServers({ ...ONE_ADDRESS_EACH, ...replicas }, settings)?.detail.split(". Not drilled: ");

Deno.test("drilledServers() says nothing where each site has one address", () => {
  assert.equal(drilledServers(ONE_ADDRESS_EACH, settings), null);
});

Deno.test("drilledServers() names each shard with its replica, and the replicas that are left out", () => {
  const [drilled = "", left = ""] = said({
    localShards: [site("http://d1a", "http://d1b"), site("http://d2b", "http://d2a")],
    shards: [site("http://p1"), site("http://p2"), site("http://p3")],
  }) ?? [];
  assert.match(drilled, /shard 1 of this site \(http:\/\/d1a\), shard 2 of this site \(http:\/\/d2b\);/);
  assert.match(drilled, /shard 3 of the other site \(http:\/\/p3\)$/);
  assert.match(left, /http:\/\/d1b, http:\/\/d2a;/);
  assert.match(left, /Distributed/);
});

Deno.test("drilledServers() tells of the replicas of sites of one shard", () => {
  const [drilled = "", left = ""] = said({ remote: site("http://there", "http://other") }) ?? [];
  assert.match(drilled, /this site \(http:\/\/here\); the other site \(http:\/\/there\)$/);
  assert.match(left, /http:\/\/other/);
  assert.doesNotMatch(left, /Distributed/, "rows are put on one server");
  assert.equal(said({ shards: [site("http://p1"), site("http://p2")] })?.length, 1, "nothing is left out");
});
