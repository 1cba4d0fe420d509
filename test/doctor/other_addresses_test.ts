/** Between them, the picks of the doctor have every server that reads the others read every address. */
import assert from "node:assert/strict";
import { alone, otherPicks } from "../../src/doctor/other_addresses.ts";
import { ONE_ADDRESS_EACH, type SiteReplicas } from "../../src/model/replica_pick.ts";
import type { ReplicaAddress, Settings } from "../../src/model/settings.ts";
import { pickedSite } from "../support/data/picked_site.ts";
import { settingsOf } from "../support/sites/settings.ts";

const address = (name: string): ReplicaAddress => ({
  url: `http://${name}:8123`,
  native: { host: name, port: 9000, secure: false },
});
const shard = (names: string) => names.split("|").map(address);

/** The first of `names` is read, and those in brackets do not answer. */
function site(names: string): SiteReplicas {
  const urls = names.split("|").filter((name) => !name.startsWith("("));
  const servers = urls.map((name) => ({
    url: address(name).url,
    version: "26.7",
    now: 0,
    run: name,
    identity: name,
    byTurns: false,
  }));
  return pickedSite(servers[0]?.url ?? "", { servers });
}

const hostOf = (url: string) => new URL(url).hostname;
/** `reader, shards of its site > shards of the other`. */
const said = (picks: readonly Settings[]) =>
  picks.map(({ local, localShards, remote, shards, remoteNative }) => {
    assert.equal(hostOf(remote.url), remoteNative.host);
    const own = localShards.length > 0 ? localShards.map(([one]) => hostOf(one!.url)) : [hostOf(local.url)];
    const there = shards.length > 0 ? shards.map(([one]) => one!.native.host) : [remoteNative.host];
    return `${own.join(",")} > ${there.join(",")}`;
  });

Deno.test("sites of one address have no other one", () => {
  const settings = settingsOf({});
  assert.deepEqual(otherPicks(settings, ONE_ADDRESS_EACH), []);
  for (const side of ["local", "remote"] as const) {
    assert.deepEqual(alone(settings, ONE_ADDRESS_EACH, side), []);
  }
});

Deno.test("each replica that answers here reads each that answers there, but the two that are read now", () => {
  const settings = settingsOf({
    replicas: { local: shard("a|b").map(({ url }) => url), remote: shard("x|y|z") },
  });
  const picked = { ...ONE_ADDRESS_EACH, local: site("b|a"), remote: site("y|x|(z)") };
  assert.deepEqual(said(otherPicks(settings, picked)), ["b > x", "a > y", "a > x"]);
  assert.deepEqual(alone(settings, picked, "local").map(({ local }) => hostOf(local.url)), ["b", "a"]);
  assert.deepEqual(alone(settings, picked, "remote").map(({ remote }) => hostOf(remote.url)), ["y", "x"]);
  const none = { ...picked, remote: site("(x)|(y)|(z)") };
  assert.deepEqual(otherPicks(settings, none), []);
});

Deno.test("over shards, each replica of the first shard reads each address of the others", () => {
  const settings = settingsOf({
    localShards: [shard("a|b"), shard("c|d")],
    shards: [shard("u|v|w"), shard("x")],
  });
  const picked = {
    ...ONE_ADDRESS_EACH,
    localShards: [site("a|b"), site("c|d")],
    shards: [site("u|v|w"), site("x")],
  };
  assert.deepEqual(said(otherPicks(settings, picked)), [
    "a,d > v,x",
    "a,c > w,x",
    "b,c > u,x",
    "b,d > v,x",
    "b,c > w,x",
  ]);
  assert.deepEqual(alone(settings, picked, "remote").length, 4);
});
