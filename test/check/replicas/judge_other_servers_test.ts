/** What servers that are not read hold: rows in queues, for whichever table, and tables and databases of their own. */
import assert from "node:assert/strict";
import {
  databasesElsewhere,
  elsewhere,
  queuedFurther,
  unanswered,
} from "../../../src/check/replicas/judge_other_servers.ts";
import { doubtsOfOthers } from "../../../src/check/replicas/one_shard.ts";
import { knownQueues, targetOf } from "../../../src/check/replicas/queued.ts";
import { addOtherServers } from "../../../src/check/shards/add_shards.ts";
import type { OtherServers, Unseen } from "../../../src/model/other_servers.ts";
import type { SiteReplicas } from "../../../src/model/replica_pick.ts";
import type { DistributedQueue } from "../../../src/model/replication.ts";
import type { Catalog, TableId, TablePair } from "../../../src/model/table.ts";
import { pickedSite } from "../../support/data/picked_site.ts";

const WAITING: DistributedQueue = { target: null, files: 500, broken: 0, failedAt: null, why: "" };

const id = { database: "shop", name: "t" };
const PAIR = { name: "shop.t", here: { id }, there: { id } } as TablePair;
const COMPARED = new Set(["shop.t"]);

/** `all` is for the table that is compared, `past` for an excluded one. */
const KNOWN = {
  distributed: [{ name: "shop.all", target: "shop.t" }],
  clusters: new Set(["site"]),
  uncounted: new Set(["shop.past"]),
  uncompared: new Set(["shop.old"]),
  excludePatterns: ["logs.*"],
};
const DISCOVERY = { queues: { here: KNOWN, there: KNOWN }, compared: COMPARED };
const QUEUES = ["shop.all", "shop.past", "logs.all", "shop.d"];

const SITE = pickedSite("http://a", { seen: COMPARED });

const SIDES = [["remote", "rows_queued"], ["local", "queued_here"]] as const;

function doubts(site: (typeof SIDES)[number][0], said: Partial<SiteReplicas>) {
  const picked = { local: null, remote: null, shards: [], localShards: [], [site]: { ...SITE, ...said } };
  const none = { tables: new Map(), others: [] };
  const { tables, others } = doubtsOfOthers(none, [PAIR], DISCOVERY, picked);
  return [...tables.values(), ...others].map(({ table, cause }) => [table, cause]);
}

Deno.test("a queue of which the server that is read knows nothing counts, an excluded one does not", () => {
  const queues = QUEUES.map((queue) => ({ url: "http://b", queue, waiting: WAITING }));
  for (const [site, cause] of SIDES) {
    assert.deepEqual(doubts(site, { queues }), [["shop.t", cause], ["shop.d", cause]]);
  }
  const holds = { tables: [], queues: new Map(QUEUES.map((queue) => [queue, WAITING])) };
  const servers = [{ name: "b:9000", clusters: ["site"], replica: true, holds }];
  const further = queuedFurther({ servers, unseen: null }, "active", [PAIR], KNOWN, COMPARED);
  assert.deepEqual([...further.tables.keys()], ["shop.t"]);
  assert.deepEqual(further.others.map(({ table, cause }) => [table, cause]), [["shop.d", "rows_queued"]]);
});

Deno.test("a replica that cannot be looked at may have rows in every queue that counts, at both sites", () => {
  for (const [site, cause] of SIDES) {
    assert.deepEqual(doubts(site, { unseen: [{ url: "http://b", why: "it is gone" }] }), [["shop.t", cause]]);
  }
});

Deno.test("Distributed tables that do not count are those of the catalog which are left out", () => {
  const others = new Map(
    [["shop.all", "t"], ["shop.past", "old"]].map(([queue, name]) => {
      const writesTo: TableId[] = [{ database: "shop", name: name! }];
      return [queue!, {
        engine: "Distributed" as string,
        cluster: (name === "t" ? "site" : "past") as string | null,
        writesTo,
      }] as const;
    }),
  );
  others.set("shop.log", { engine: "Log", cluster: null, writesTo: [] });
  const tables = new Map(["shop.t", "shop.old"].map((name) => [name, {}]));
  const catalog = { others, tables } as unknown as Catalog;
  assert.deepEqual(knownQueues(catalog, COMPARED, KNOWN.excludePatterns), KNOWN);
  const targets = QUEUES.map((queue) => targetOf(queue, null, KNOWN));
  assert.deepEqual(targets, ["shop.t", undefined, undefined, null]);
});

Deno.test("a queue is for the table that its own server names", () => {
  const told = (queue: string, target: string) => targetOf(queue, target, KNOWN);
  assert.equal(told("shop.d", "shop.t"), "shop.t");
  assert.equal(told("shop.past", "shop.t"), "shop.t");
  assert.equal(told("shop.all", "shop.elsewhere"), "shop.elsewhere");
  for (const target of ["shop.old", "logs.t"]) assert.equal(told("shop.d", target), undefined);
  assert.equal(told("logs.all", "shop.t"), undefined);
  const waiting = { ...WAITING, target: "shop.t" };
  const queues = [{ url: "http://b", queue: "shop.d", waiting }];
  for (const [site, cause] of SIDES) assert.deepEqual(doubts(site, { queues }), [["shop.t", cause]]);
});

/** What a site says whose queues count, and one without any: findings of its tables, and warnings. */
function toldOf(others: OtherServers, excludePatterns: readonly string[] = []) {
  return [KNOWN.distributed, []].map((distributed) => {
    const known = { ...KNOWN, distributed, clusters: new Set(["site", "all"]), excludePatterns };
    const { tables, others: queues } = queuedFurther(others, "active", [PAIR], known, COMPARED);
    assert.deepEqual(queues, []);
    return [[...tables.values()].map(({ cause }) => cause), unanswered(others, "active", known).length];
  });
}

Deno.test("servers that could not be asked may have rows in every queue that counts; who may not ask is warned", () => {
  const unseen = (because: Unseen["because"], cluster: string | null = null): OtherServers => ({
    servers: [],
    unseen: { because, cluster, why: "" },
  });
  const [finding, warned, nothing] = [[["rows_queued"], 0], [[], 1], [[], 0]];
  assert.deepEqual(toldOf(unseen("denied")), [warned, nothing]);
  assert.deepEqual(toldOf(unseen("unnamed")), [nothing, nothing]);
  assert.deepEqual(toldOf(unseen("failed")), [finding, warned]);
  assert.deepEqual(toldOf(unseen("failed", "site")), [finding, warned]);
  assert.deepEqual(toldOf(unseen("failed"), ["cluster.*"]), [warned, warned]);
  assert.deepEqual(toldOf(unseen("failed", "site"), ["cluster.site"]), [warned, warned]);
  assert.deepEqual(toldOf(unseen("failed", "site"), ["cluster.*"]), [finding, warned]);
  // A cluster of ClickHouse's own old configuration, over which no table is spread.
  assert.deepEqual(toldOf(unseen("failed", "test_unavailable_shard")), [warned, warned]);
});

Deno.test("a silent server is excused by the names of all clusters by which it was asked", () => {
  const silent = (...clusters: readonly string[]): OtherServers => ({
    servers: [{ name: "b:9000", clusters, replica: true, holds: null }],
    unseen: null,
  });
  const [finding, warned] = [[["rows_queued"], 0], [[], 1]];
  assert.deepEqual(toldOf(silent("site")), [finding, warned]);
  assert.deepEqual(toldOf(silent("site"), ["cluster.site"]), [warned, warned]);
  assert.deepEqual(toldOf(silent("site", "all"), ["cluster.site"]), [finding, warned]);
  const denied = { because: "denied", cluster: null, why: "" } as const;
  const shards = addOtherServers([{ servers: [], unseen: denied }, silent("site"), silent("all")]);
  assert.deepEqual(shards.servers.map(({ clusters }) => clusters), [["site", "all"]]);
  assert.deepEqual(toldOf(shards), [[["rows_queued"], 1], warned]);
  const failed = { because: "failed", cluster: "site", why: "" } as const;
  const sum = addOtherServers([{ servers: [], unseen: denied }, { servers: [], unseen: failed }]);
  assert.equal(sum.unseen, failed);
});

Deno.test("a table that only another server has is a finding, a database one warning", () => {
  const tables = ["shop.t", "shop.u", "new.a", "new.b", "logs.a"].map((table) => {
    const [database, name] = table.split(".") as [string, string];
    return { database, name };
  });
  const servers = ["b:9000", "c:9000"].map((name) => ({
    name,
    clusters: ["site"],
    replica: true,
    holds: { tables, queues: new Map() },
  }));
  const others = { servers, unseen: null };
  const shown = { tables: COMPARED, databases: new Set(["shop"]) };
  const found = elsewhere(others, shown, KNOWN.excludePatterns);
  assert.deepEqual(found.map(({ table }) => table), ["shop.u"]);
  const [warning, ...more] = databasesElsewhere(others, shown.databases, KNOWN.excludePatterns);
  assert.match(warning ?? "", /^Database new is at servers b:9000, c:9000 /);
  assert.deepEqual(more, []);
});
