/** An active site of two shards, as an operator of a single passive server meets it. */
import assert from "node:assert/strict";
import { schemaOf } from "../support/json_schema.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startBalancer } from "../support/links/balancer.ts";
import { load, telemetryTable } from "../support/data/telemetry.ts";
import { BLIND, startShardedSites } from "../support/sites/sharded_sites.ts";
import type { Site } from "../support/sites/two_sites.ts";

Deno.test("two shards are repaired from and proven as one site, and READY is said of all of it", async (t) => {
  await using sites = await startShardedSites(2);
  const [a, b] = sites.shards as [Site, Site];
  const { dr } = sites;
  await sites.everywhere("CREATE DATABASE shop");
  await sites.everywhere(telemetryTable("shop.t"));
  await load(a, "shop.t", "2026-01-01", 1000, "number % 2 = 0");
  await load(b, "shop.t", "2026-01-01", 1000, "number % 2 = 1");
  await load(dr, "shop.t", "2026-01-01", 1000, "number < 900");
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, a),
    REMOTE_CH_URL: `${a.url},${b.url}`,
    REMOTE_CH_HOST: `127.0.0.1:${a.tcpPort},127.0.0.1:${b.tcpPort}`,
    FAILBACK_CLEAN_CHECKS: "2",
  });
  const once = async () => {
    const { code, stdout, stderr } = await chSync.run(["--once", "--json"]);
    assert.ok(!(stdout + stderr).includes("canary"), "a secret is shown");
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout);
    schemaOf("report")(report);
    return report;
  };
  await t.step("the doctor asks each shard", async () => {
    const { code, stdout } = await chSync.run(["--doctor"]);
    assert.equal(code, 0, stdout);
    for (const { url } of [a, b]) {
      assert.match(stdout, new RegExp(`^ok +remote replica ${url}: version`, "m"));
    }
    const unseen = await chSync.run(["--doctor"], { REMOTE_CH_USER: BLIND });
    assert.notEqual(unseen.code, 0);
    assert.match(unseen.stdout, /GRANT SELECT ON system.clusters TO blind/);
  });
  await t.step(
    "addresses that do not add up end it in one clear sentence, and nothing is written",
    async () => {
      await using relay = startBalancer([Number(new URL(a.url).port)]);
      await using native = startBalancer([a.tcpPort]);
      const host = `127.0.0.1:${a.tcpPort}`;
      const mistakes: readonly (readonly [Record<string, string>, RegExp])[] = [
        [{ REMOTE_CH_URL: `${a.url},,${b.url}` }, /REMOTE_CH_URL=\S+ has an empty place/],
        [{ LOCAL_CH_URL: `${dr.url}|` }, /LOCAL_CH_URL=\S+ has an empty place/],
        [{ REMOTE_CH_HOST: `${host},` }, /REMOTE_CH_HOST=\S+ has an empty place/],
        [
          { REMOTE_CH_HOST: host },
          /REMOTE_CH_HOST=\S+ names 1 servers? of its shards and REMOTE_CH_URL 1 and 1/,
        ],
        [{
          REMOTE_CH_URL: `${a.url},${relay.url}`,
          REMOTE_CH_HOST: `${host},127.0.0.1:${native.port}`,
        }, /REMOTE_CH_URL.* lead to the same ClickHouse server/],
        [{
          REMOTE_CH_URL: `${a.url},http://127.0.0.1:1`,
          REMOTE_CH_HOST: `${host},127.0.0.1:2`,
        }, /The remote site's \/ping: shard 2 \(http:\/\/127\.0\.0\.1:1\)/],
      ];
      for (const [changes, says] of mistakes) {
        const { code, stdout, stderr } = await chSync.run(["--once"], changes);
        assert.ok(code !== 0 && code !== 3, `${code} ${stderr}`);
        assert.match(stdout + stderr, says);
        assert.doesNotMatch(stdout + stderr, /canary|^ +at /m);
      }
      assert.equal(await dr.query("SELECT count() FROM shop.t"), "900\n");
      assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '\\_chsync%'"), "");
    },
  );
  await t.step("a plan names both shards in its statements", async () => {
    const { stdout } = await chSync.run(["--dry-run", "--sql"]);
    assert.match(stdout, new RegExp(`remote\\('127\\.0\\.0\\.1:${a.tcpPort},127\\.0\\.0\\.1:${b.tcpPort}'`));
    assert.match(stdout, new RegExp(`^Replica read of shard 2 of the other site: ${b.url}$`, "m"));
  });
  await t.step("repaired, then READY", async () => {
    const report = await once();
    assert.deepEqual(report.shards.map(({ url }: { url: string }) => url), [a.url, b.url]);
    assert.equal(await dr.query("SELECT count(), uniqExact(ts) FROM shop.t"), "1000\t1000\n");
    await once();
    const state = await chSync.state();
    assert.deepEqual([state?.consecutive_clean, state?.failback_ready], [2, true]);
    assert.deepEqual(state?.replicas_read, { remote: `${a.url},${b.url}` });
  });
  await t.step("the evidence names all shards", async () => {
    const file = `${chSync.directory}/evidence.md`;
    const { stdout } = await chSync.run(["--evidence", file]);
    assert.match(stdout, /^SAFE/);
    const evidence = JSON.parse(await Deno.readTextFile(`${file}.json`));
    schemaOf("evidence")(evidence);
    assert.equal(evidence.sites[1].url, `${a.url},${b.url}`);
  });
  await t.step("a shard that is down: not completed", async () => {
    await b.server.kill();
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 1);
    assert.match(stderr, /The remote site's \/ping: shard 2 \(/);
  });
});
