/** A passive site of two shards, as its operator meets it: doctor, plan, a kill between two attaches, READY, evidence. */
import assert from "node:assert/strict";
import { schemaOf } from "../support/json_schema.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { load, telemetryTable } from "../support/data/telemetry.ts";
import { startFaultPoints } from "../support/links/fault_points.ts";
import { startShardedSites } from "../support/sites/sharded_sites.ts";
import type { Site } from "../support/sites/two_sites.ts";

interface Found {
  readonly repaired: boolean;
  readonly rows_missing: number;
  readonly placed: readonly { readonly shard: number; readonly rows: number }[];
}

Deno.test("two shards of this site are made whole by one ch-sync, which may die between them", async (t) => {
  await using sites = await startShardedSites(1, () => ({}), [1, 1]);
  const [active, d1, d2] = [...sites.shards, ...sites.drs] as [Site, Site, Site];
  await using points = startFaultPoints(() => d2.url);
  await sites.everywhere("CREATE DATABASE shop");
  await sites.everywhere(telemetryTable("shop.t"));
  await load(active, "shop.t", "2026-01-01", 1000);
  for (const [at, site] of [d1, d2].entries()) {
    await load(site, "shop.t", "2026-01-01", 1000, `number % 2 = ${at} AND number < 700`);
  }
  await active.query(telemetryTable("shop.fresh"));
  await load(active, "shop.fresh", "2026-01-01", 50);
  await sites.everywhere("CREATE TABLE shop.fed (id UInt64) ENGINE = MergeTree ORDER BY id");
  await sites.everywhere(
    "CREATE MATERIALIZED VIEW shop.view ENGINE = MergeTree ORDER BY id AS SELECT id FROM shop.fed",
  );
  await active.query("INSERT INTO shop.fed VALUES (1)");
  await using chSync = await installChSync({
    ...environmentOf("dr", d1, active),
    LOCAL_CH_URL: `${d1.url},${points.url}`,
    LOCAL_CH_HOST: `127.0.0.1:${d1.tcpPort},127.0.0.1:${d2.tcpPort}`,
    AUTO_CREATE_TABLES: "true",
    FAILBACK_CLEAN_CHECKS: "1",
  });
  const silent = (text: string) => assert.ok(!text.includes("canary"), "a secret is shown");
  const times = async () => {
    const rows = await Promise.all(
      [d1, d2].map((site) => site.query("SELECT toUnixTimestamp64Milli(ts) FROM shop.t")),
    );
    const all = rows.flatMap((text) => text.split("\n").filter(Boolean));
    return [all.length, new Set(all).size];
  };

  await t.step("the doctor asks each shard, and proves the ways between them", async () => {
    const { code, stdout } = await chSync.run(["--doctor"]);
    silent(stdout);
    assert.equal(code, 0, stdout);
    for (const url of [d1.url, points.url]) {
      assert.match(stdout, new RegExp(`^ok +local replica ${url}: version`, "m"));
    }
    assert.match(stdout, new RegExp(`other shards of this site through 127\\.0\\.0\\.1:${d2.tcpPort}`));
    const { stdout: crossed } = await chSync.run(["--doctor"], {
      LOCAL_CH_HOST: `127.0.0.1:${d1.tcpPort},127.0.0.1:${active.tcpPort}`,
    });
    silent(crossed);
    assert.match(crossed, /native address of shard 2 of this site/);
  });
  await t.step("a plan says where rows would go, without a password", async () => {
    const { stdout } = await chSync.run(["--dry-run", "--sql"]);
    silent(stdout);
    assert.doesNotMatch(stdout, /drop it/);
    assert.match(
      stdout,
      new RegExp(
        `INSERT INTO FUNCTION remote\\('127\\.0\\.0\\.1:${d1.tcpPort},127\\.0\\.0\\.1:${d2.tcpPort}', .*'\\*\\*\\*'`,
      ),
    );
    assert.match(stdout, new RegExp(`^Replica read of shard 2 of this site: ${points.url}$`, "m"));
  });
  await t.step(
    "killed after the first shard got its rows: nothing is doubled, and the next check goes on",
    async () => {
      const running = chSync.start(["--once", "--table", "shop.t"]);
      points.before = ({ sql }) => {
        if (!sql.includes("MOVE PARTITION ID")) return "answer";
        running.child.kill("SIGKILL");
        return "cut";
      };
      const { stderr } = await running.finished;
      points.before = () => "answer";
      silent(stderr);
      const [rows, distinct] = await times();
      assert.deepEqual([rows, rows! > 700 && rows! < 1000], [distinct, true], stderr);
      const { code, stdout, stderr: said } = await chSync.run(["--once", "--json"]);
      silent(stdout + said);
      assert.notEqual(code, 0, said);
      const report = JSON.parse(stdout);
      schemaOf("report")(report);
      const repaired = report.tables.flatMap(({ findings }: { findings: Found[] }) => findings)
        .filter(({ repaired }: Found) => repaired) as Found[];
      assert.ok(repaired.length > 1);
      for (const { placed, rows_missing } of repaired) {
        assert.equal(placed.reduce((sum, { rows }) => sum + rows, 0), rows_missing);
        assert.ok(placed.every(({ shard }) => shard === 1 || shard === 2));
      }
      assert.deepEqual(report.shards_here.map(({ url }: { url: string }) => url), [d1.url, points.url]);
      assert.match(said, /Dropped staging table shop\._chsync_dr_\w+ at /);
      assert.deepEqual(await times(), [1000, 1000]);
      // Created on both, and filled; what feeds views is refused by name.
      const fresh = await Promise.all([d1, d2].map((site) => site.query("SELECT count() FROM shop.fresh")));
      assert.equal(fresh.reduce((sum, rows) => sum + Number(rows), 0), 50);
      assert.match(said, /shop\.fed: unsupported.*views are fed by it/);
      assert.match(
        said,
        /shop\.\.inner_id\.\S+: unsupported.*of a view, which has another name on each shard/,
      );
    },
  );
  await t.step("READY, and evidence that names both shards", async () => {
    const without = { CH_EXCLUDE_PATTERNS: "shop.fed,shop.view" };
    const { code, stderr } = await chSync.run(["--once"], without);
    assert.equal(code, 0, stderr);
    const state = await chSync.state();
    assert.deepEqual(state?.failback_ready, true);
    assert.deepEqual(state?.replicas_read, { local: `${d1.url},${points.url}` });
    const file = `${chSync.directory}/evidence.md`;
    const { stdout } = await chSync.run(["--evidence", file], without);
    assert.match(stdout, /^SAFE/);
    const evidence = JSON.parse(await Deno.readTextFile(`${file}.json`));
    schemaOf("evidence")(evidence);
    assert.equal(evidence.sites[0].url, `${d1.url},${points.url}`);
  });
});
