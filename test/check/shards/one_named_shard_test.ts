/** Sites of which the settings name one shard, held against the clusters that their own Distributed tables use. */
import assert from "node:assert/strict";
import { examineReplicas } from "../../../src/doctor/examine_replicas.ts";
import { ONE_ADDRESS_EACH } from "../../../src/model/replica_pick.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import { checkSites, drSettings, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { doctorTables } from "../../support/sites/doctor_tables.ts";
import { freePort } from "../../support/sites/free_port.ts";
import {
  BLIND,
  DR_PASSWORD,
  OWN_CLUSTER,
  PASSWORD,
  startShardedSites,
} from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";

/** Each shard one server, by port. */
const clusterOf = (password: string, ...ports: readonly number[]) => ({
  shard: ports.map((port) => ({ replica: { host: "127.0.0.1", port, user: "sync", password } })),
});

Deno.test("two shards, of which the settings name one", async (t) => {
  const ports = [freePort(), freePort()];
  const drPorts = [freePort(), freePort()];
  await using sites = await startShardedSites(
    2,
    (at) => ({
      tcpPort: ports[at]!,
      config: {
        macros: { cluster: "pri" },
        remote_servers: {
          pri: clusterOf(PASSWORD, ...ports),
          alone: clusterOf(PASSWORD, ports[at]!),
          // Named after the one of which all servers answer, as one of these does not.
          two_of_itself: {
            shard: ["127.0.0.1", "127.0.0.2"].map((host) => ({ replica: { host, port: ports[at] } })),
          },
          elsewhere: clusterOf("", 1, 2),
        },
      },
    }),
    [1, 1],
    (at) => ({
      tcpPort: drPorts[at]!,
      config: {
        remote_servers: {
          [OWN_CLUSTER]: clusterOf(DR_PASSWORD, ...drPorts),
          alone: clusterOf(DR_PASSWORD, drPorts[at]!),
        },
      },
    }),
  );
  const { shards: [p1, p2], drs: [d1, d2] } = sites as unknown as { shards: [Site, Site]; drs: [Site, Site] };
  await sites.everywhere("CREATE DATABASE shop");
  for (const table of ["shop.t", "shop.other"]) await sites.everywhere(telemetryTable(table));
  await load(p1, "shop.t", DAY, 1000, "number % 2 = 0");
  await load(p2, "shop.t", DAY, 1000, "number % 2 = 1");
  await load(d1, "shop.t", DAY, 1000, "number % 2 = 0 AND number < 900");
  const one = sites.settingsOfBoth([0], [0]);
  const check = (settings: Partial<Settings> = {}, dryRun = false) =>
    checkSites(sites.first, { settings: { ...one, ...settings }, dryRun });
  /** Distributed tables over the table, in place of those before. */
  const spread = async (site: Site, ...clusters: readonly string[]) => {
    for (const name of ["a", "b"]) await site.query(`DROP TABLE IF EXISTS shop.${name}`);
    for (const [at, cluster] of clusters.entries()) {
      const name = ["a", "b"][at];
      await site.query(`CREATE TABLE shop.${name} AS shop.t ENGINE = Distributed('${cluster}', shop, t)`);
    }
  };
  const rowsHere = async () => await d1.query("SELECT count() FROM shop.t");

  await t.step("this site: it is refused, and nothing is written", async () => {
    await spread(d1, OWN_CLUSTER);
    await p1.query("CREATE TABLE shop.late (id UInt64) ENGINE = MergeTree ORDER BY id");
    const report = await check({ autoCreateTables: true });
    assert.equal(report.outcome, "failed");
    assert.match(
      report.error ?? "",
      new RegExp(
        `cluster ${OWN_CLUSTER} of this site .*LOCAL_CH_URL names \\(127\\.0\\.0\\.1:${d2.tcpPort}\\)`,
      ),
    );
    assert.match(report.error ?? "", new RegExp(`cluster\\.${OWN_CLUSTER} to CH_EXCLUDE_PATTERNS`));
    assert.equal(await rowsHere(), "450\n");
    // A check of other tables does not depend on it.
    for (const [table, outcome] of [["shop.other", "completed"], ["shop.t", "failed"]] as const) {
      const limited = await checkSites(sites.first, { settings: one, only: [table], dryRun: true });
      assert.equal(limited.outcome, outcome, table);
    }
    assert.equal(await d1.query("EXISTS TABLE shop.late"), "0\n");
    await p1.query("DROP TABLE shop.late");
    const lines = await doctorTables(sites.first, one);
    assert.ok(
      lines.some((line) => line.startsWith(`failed shards of the local site: cluster ${OWN_CLUSTER}`)),
    );
  });

  await t.step("both sites, cut alike: each shard has a ch-sync of its own, as before", async () => {
    await spread(p1, "pri");
    await spread(d1, OWN_CLUSTER);
    const planned = await check({}, true);
    assert.deepEqual(reasonsOf(planned), { "shop.t 20260101": "partial" });
    assert.ok(!planned.warnings.some((text) => text.includes("_CH_URL")), planned.warnings.join());
    // As by default the user at the other site may not know its shards.
    const unseen = await check({ remote: { ...one.remote, user: BLIND } }, true);
    assert.equal(unseen.outcome, "completed");
    await spread(p1, "alone");
    assert.match((await check()).error ?? "", /cluster dr of this site/);
  });

  await t.step("the active site: what is seen is repaired, and it is never clean", async () => {
    await spread(d1);
    for (const cluster of ["pri", "{cluster}", "alone,pri"]) {
      await spread(p1, ...cluster.split(","));
      const report = await check();
      const found = findingsOf(report).filter(({ table }) => table.startsWith("cluster."));
      assert.deepEqual(found.map(({ table, cause }) => [table, cause]), [["cluster.pri", "over_shards"]]);
      assert.match(found[0]!.detail, new RegExp(`REMOTE_CH_URL names \\(127\\.0\\.0\\.1:${p2.tcpPort}\\)`));
      assert.equal(isClean(report), false);
    }
    assert.equal(await rowsHere(), "500\n");
    assert.ok(isClean(await check({ excludePatterns: ["system.*", "cluster.pri"] })));
    // Of an excluded table or Distributed one nothing is lost.
    for (const left of ["shop.b", "shop.t"]) {
      const report = await check({ excludePatterns: ["system.*", left] });
      assert.deepEqual(findingsOf(report).map(({ table }) => table), [], left);
    }
    // A site that is not cut, or otherwise, is no twin.
    await spread(d1, "alone");
    assert.deepEqual(findingsOf(await check()).map(({ table }) => table), ["cluster.pri"]);
    await spread(d1);
  });

  await t.step("a cluster of one shard, of another site, or the server itself twice: as before", async () => {
    for (const clusters of [["alone"], ["two_of_itself"], ["elsewhere"], []]) {
      await spread(p1, ...clusters);
      const report = await check();
      assert.deepEqual([findingsOf(report), isClean(report)], [[], true], clusters.join());
    }
  });

  await t.step("who may not look: as before, and the doctor says so", async () => {
    await spread(p1, "pri");
    const settings = { ...one, remote: { ...one.remote, user: BLIND } };
    assert.ok(isClean(await check(settings)));
    const told = async () =>
      (await doctorTables(sites.first, settings)).filter((line) => line.includes("shards of the"));
    const [line, ...more] = await told();
    assert.deepEqual(more, []);
    assert.match(
      line ?? "",
      /^warning shards of the remote site: REMOTE_CH_USER may not read system\.clusters/,
    );
    await spread(p1);
    assert.deepEqual(await told(), []);
  });

  await t.step("the doctor names other shards of a cluster", async () => {
    const lines: string[] = [];
    await checkSites(sites.first, {
      settings: one,
      wrap: (ports) => ({
        ...ports,
        role: {
          async resolve() {
            const given = drSettings(sites.first, one);
            const found = await examineReplicas(ports, given, ONE_ADDRESS_EACH, new Date());
            lines.push(...found.map(({ grade, subject, detail }) => `${grade} ${subject}: ${detail}`));
            return { active: "unknown", unexpected: [], problem: null };
          },
        },
      }),
    });
    assert.ok(
      lines.some((line) =>
        line.startsWith("warning remote cluster pri: it has other shards") &&
        line.endsWith(`: 127.0.0.1:${p2.tcpPort}`)
      ),
      lines.join("\n"),
    );
  });

  await t.step(
    "one that gives no answer may have rows in its queue, also where a macro names the cluster",
    async () => {
      await p2.server.kill();
      for (const cluster of ["pri", "{cluster}"]) {
        await spread(p1, cluster);
        const ofTable = findingsOf(await check()).filter(({ table }) => table === "shop.t");
        assert.deepEqual(ofTable.map(({ cause }) => cause), ["rows_queued"], cluster);
      }
    },
  );
});

Deno.test("shards that are named, and that no cluster shows", async () => {
  await using sites = await startShardedSites(2, () => ({
    config: { remote_servers: { elsewhere: clusterOf("", 1, 2) } },
  }));
  await sites.everywhere("CREATE DATABASE shop");
  await sites.everywhere(telemetryTable("shop.t"));
  for (const site of sites.shards) {
    await site.query("CREATE TABLE shop.a AS shop.t ENGINE = Distributed(elsewhere, shop, t)");
  }
  const check = (more: readonly string[]) =>
    checkSites(sites.first, {
      settings: { ...sites.settings(), excludePatterns: ["system.*", ...more] },
    });
  const [warned, ...others] = (await check([])).warnings.filter((one) => one.includes("REMOTE_CH_URL"));
  assert.deepEqual(others, []);
  assert.match(warned ?? "", /No cluster in system\.clusters of the active site .*cluster\.\*/);
  for (const left of ["cluster.*", "shop.a"]) {
    const { warnings } = await check([left]);
    assert.deepEqual(warnings.filter((one) => one.includes("REMOTE_CH_URL")), [], left);
  }
});
