/** Several replicas a site, as an operator meets them: reports, state, doctor and evidence say which one was read. */
import assert from "node:assert/strict";
import { DRILL_GRANTS } from "../../src/drill/drill_grants.ts";
import { schemaOf } from "../support/json_schema.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { load, telemetryTable } from "../support/data/telemetry.ts";
import { startBalancer } from "../support/links/balancer.ts";
import { startReplicatedSites } from "../support/sites/replicated_sites.ts";
import type { Site } from "../support/sites/two_sites.ts";

const ENGINE = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";

Deno.test("a failover of replicas goes on with the clean checks, and everything names the replica", async (t) => {
  await using sites = await startReplicatedSites({
    leastPrivilege: { databases: ["shop"], with: ["REPAIR_AGGREGATES"] },
    users: { chsync_drill: { password: "canary-drill-password", grants: [...DRILL_GRANTS] } },
  });
  const { primary, dr } = sites;
  const drillUser = { DRILL_USER: "chsync_drill", DRILL_PASSWORD: "canary-drill-password" };
  const [there, otherThere] = primary.replicas as [Site, Site];
  const [here, otherHere] = dr.replicas as [Site, Site];
  for (const site of [primary, dr]) {
    await site.everywhere("CREATE DATABASE shop");
    await site.everywhere(telemetryTable("shop.t", ENGINE));
    await load(site.replicas[0]!, "shop.t", "2026-01-01", 1000, site === dr ? "number % 2" : "1");
    await site.everywhere("SYSTEM SYNC REPLICA shop.t");
  }
  const environment: Record<string, string> = {
    ...environmentOf("dr", here, there),
    LOCAL_CH_URL: `${here.url}|${otherHere.url}`,
    REMOTE_CH_URL: `${there.url}|${otherThere.url}`,
    REMOTE_CH_HOST: `127.0.0.1:${there.tcpPort}|127.0.0.1:${otherThere.tcpPort}`,
    FAILBACK_CLEAN_CHECKS: "2",
  };
  await using chSync = await installChSync(environment);
  const once = async () => {
    const { stdout, stderr } = await chSync.run(["--once", "--json"]);
    const report = JSON.parse(stdout);
    schemaOf("report")(report);
    assert.equal(report.outcome, "completed", stderr);
    return { report, log: stderr.split("\n") };
  };

  await t.step("the doctor looks at each of them", async () => {
    const { stdout } = await chSync.run(["--doctor"]);
    assert.match(stdout, new RegExp(`^ok +local replicas: a check would read ${here.url}`, "m"));
    for (const { url } of [here, otherHere, there, otherThere]) {
      assert.match(stdout, new RegExp(`^ok +\\w+ replica ${url}: version 26.*its clock is right`, "m"));
      assert.match(stdout, new RegExp(`rights of \\w+ at the \\w+ site \\(${url}\\): `));
    }
    assert.match(stdout, /ch-sync can work$/m);
    const ways = [...stdout.matchAll(/^ok +native protocol from (\S+): .* through (\S+)$/gm)]
      .map(([, from, to]) => [from, to]);
    const native = ({ tcpPort }: Site) => `127.0.0.1:${tcpPort}`;
    assert.deepEqual(ways, [
      [here.url, native(otherThere)],
      [otherHere.url, native(there)],
      [otherHere.url, native(otherThere)],
    ]);
  });
  await t.step("it says which way leads astray, though no check goes it now", async () => {
    await using astray = startBalancer([there.tcpPort]);
    const { code, stdout } = await chSync.run(["--doctor"], {
      REMOTE_CH_HOST: `127.0.0.1:${there.tcpPort}|127.0.0.1:${astray.port}`,
    });
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^ok +native protocol: /m);
    const problem =
      `127.0.0.1:${astray.port} leads to another ClickHouse server than REMOTE_CH_URL (${otherThere.url})`;
    for (const { url } of [here, otherHere]) {
      assert.ok(stdout.includes(`native protocol from ${url}: ${problem}`), stdout);
    }
  });
  await t.step("it refuses an address that leads to several of them, whichever is read", async () => {
    await using balancer = startBalancer([there, otherThere].map(({ url }) => Number(new URL(url).port)));
    const { stdout } = await chSync.run(["--doctor"], {
      REMOTE_CH_URL: `${there.url}|${balancer.url}`,
    });
    assert.match(stdout, /(leads to several ClickHouse servers by turns|lead to the same ClickHouse server)/);
  });
  await t.step("it says which replicas .env lacks", async () => {
    const { stdout } = await chSync.run(["--doctor"], {
      ...environmentOf("dr", here, there),
      REMOTE_CH_HOST: "",
      // Who may read system.clusters.
      REMOTE_CH_USER: there.endpoint.user,
      REMOTE_CH_PASSWORD: there.endpoint.password,
    });
    assert.match(stdout, new RegExp(`replicas of the shard .*127\\.0\\.0\\.1:${otherThere.tcpPort}`));
  });
  await t.step("a check repairs, and says what it read", async () => {
    const { report } = await once();
    const { addresses, ...remote } = report.replicas.remote;
    assert.deepEqual(remote, { url: there.url, others: [{ url: otherThere.url, passed_over: null }] });
    assert.deepEqual(
      addresses.map(({ url, read, tables_not_believed }: Record<string, unknown>) => [
        url,
        read,
        tables_not_believed,
      ]),
      [[there.url, true, 0], [otherThere.url, false, 0]],
    );
    assert.equal((await chSync.state())?.consecutive_clean, 1);
  });
  await t.step(
    "the first replicas die: the next check reads the others, and FAILBACK READY is said",
    async () => {
      await otherHere.query("SYSTEM SYNC REPLICA shop.t");
      for (const site of [there, here]) await site.server.kill();
      const { report, log } = await once();
      // As docs/clusters.md shows them.
      assert.ok(log.includes(`[INFO] Replica read: ${otherThere.url}`), log.join("\n"));
      assert.ok(log.some((line) => line.startsWith(`[WARN] Passed over ${there.url}: it does not answer: `)));
      assert.equal(report.replicas.local.url, otherHere.url);
      assert.equal(report.replicas.remote.url, otherThere.url);
      assert.match(report.replicas.remote.others[0].passed_over, /does not answer/);
      const state = await chSync.state();
      assert.deepEqual([state?.consecutive_clean, state?.failback_ready], [2, true]);
      assert.deepEqual(state?.replicas_read, { local: otherHere.url, remote: otherThere.url });
      const { stdout } = await chSync.run(["--status"]);
      assert.match(stdout, new RegExp(`^Replica read of the other site: ${otherThere.url}$`, "m"));
    },
  );
  await t.step("the evidence names them", async () => {
    const file = `${chSync.directory}/evidence.md`;
    const { stdout } = await chSync.run(["--evidence", file]);
    assert.match(stdout, /^SAFE/);
    const evidence = JSON.parse(await Deno.readTextFile(`${file}.json`));
    schemaOf("evidence")(evidence);
    assert.deepEqual(evidence.sites.map(({ url }: { url: string }) => url), [otherHere.url, otherThere.url]);
    const [died, read] = evidence.sites[1].shards[0].replicas;
    assert.deepEqual(died, { url: there.url, read: false, version: null });
    assert.deepEqual([read.url, read.read, read.version.split(".")[0]], [otherThere.url, true, "26"]);
    assert.ok((await Deno.readTextFile(file)).includes(`not read: ${there.url}`));
  });
  await t.step("a drill is done with those that answer, and names them", async () => {
    const { code, stdout } = await chSync.run(["--drill"], drillUser);
    assert.equal(code, 0, stdout);
    const [, drilled = "", left = ""] = /pick the servers: (.*)Not drilled: (.*)/.exec(stdout) ?? [];
    assert.ok(drilled.includes(otherHere.url) && drilled.includes(otherThere.url), stdout);
    assert.ok(left.includes(here.url) && left.includes(there.url), stdout);
  });
  await t.step("the doctor names the dead ones", async () => {
    const { stdout } = await chSync.run(["--doctor"]);
    assert.match(stdout, new RegExp(`^warning +remote replica ${there.url}: it does not answer`, "m"));
  });
});
