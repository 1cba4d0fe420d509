/** `--drill` over several shards: with all of them, as a user that may touch nothing but scratch databases. */
import assert from "node:assert/strict";
import { DRILL_GRANTS, SHARD_GRANTS } from "../../src/drill/drill_grants.ts";
import { endWhileFrozen, statements, until } from "../support/program/endings.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { schemaOf } from "../support/json_schema.ts";
import { stopped } from "../support/program/stopped_drill.ts";
import { startFaultPoints } from "../support/links/fault_points.ts";
import { startShardedSites } from "../support/sites/sharded_sites.ts";
import type { Site } from "../support/sites/two_sites.ts";

const SQL = Deno.readTextFileSync(new URL("../../scripts/grants-drill.sql", import.meta.url));
const [, OVER_SHARDS = ""] = SQL.split(/^-- Only with LOCAL_CH_URL of several shards/m);
const assertSchema = schemaOf("drill");
const password = "canary-drill-password";
const DRILL = { DRILL_USER: "chsync_drill", DRILL_PASSWORD: password };
const ALL = [...DRILL_GRANTS, ...SHARD_GRANTS];

/** Rights that the user of this number lacks on the second shard, of either site. */
const LACKED = ["DROP DATABASE ON ch_sync_drill_*.*"];

/** Those of a server, by its place among the shards of its site. @param rights that suffice there */
const usersOf = (shard: number, rights: readonly string[]) => ({
  [DRILL.DRILL_USER]: { password, grants: rights },
  ...Object.fromEntries([
    ...LACKED.map((lacked, at) => [
      `lacking_${at}`,
      { password, grants: shard === 1 ? ALL.filter((right) => right !== lacked) : ALL },
    ]),
    ...SHARD_GRANTS.map((lacked, at) => [
      `short_${at}`,
      { password, grants: ALL.filter((right) => right !== lacked) },
    ]),
  ]),
});

Deno.test("what a drill over shards advises to grant besides is what scripts/grants-drill.sql has for them", () => {
  const rights = [...OVER_SHARDS.matchAll(/^-- GRANT (.+) TO chsync_drill;/gm)].map((match) => match[1]);
  assert.deepEqual(rights, SHARD_GRANTS);
});

Deno.test("a drill over two shards at each site", async (t) => {
  await using sites = await startShardedSites(
    2,
    (shard) => ({ users: usersOf(shard, DRILL_GRANTS) }),
    [1, 1],
    (shard) => ({ users: usersOf(shard, ALL) }),
  );
  const [p1, p2, d1, d2] = [...sites.shards, ...sites.drs] as [Site, Site, Site, Site];
  const all = [p1, p2, d1, d2];
  await using points = startFaultPoints(() => d2.url);
  const native = (...of: readonly Site[]) => of.map(({ tcpPort }) => `127.0.0.1:${tcpPort}`).join(",");
  const overShards = {
    LOCAL_CH_URL: `${d1.url},${points.url}`,
    LOCAL_CH_HOST: native(d1, d2),
    REMOTE_CH_URL: `${p1.url},${p2.url}`,
    REMOTE_CH_HOST: native(p1, p2),
  };
  await using chSync = await installChSync({ ...environmentOf("dr", d1, p1), ...overShards, ...DRILL });
  const scratch = async (...of: readonly Site[]) =>
    (await Promise.all(of.map((site) => site.query("SHOW DATABASES LIKE 'ch_sync_drill%'")))).join("");

  const onEach = async () => (await scratch(...all)).split("\n").filter(Boolean).length === all.length;

  await t.step(
    "repairs all shards of this site from all of the other one, and removes everything",
    async () => {
      const rows: string[] = [];
      points.before = async ({ sql }) => {
        if (!sql.includes("sipHash64")) return;
        const [, name] = /(ch_sync_drill_\w+)/.exec(sql)!;
        rows.push(...await Promise.all([p2, d2].map((one) => one.query(`SELECT count() FROM ${name}.http`))));
        return "answer";
      };
      const { code, stdout, stderr } = await chSync.run(["--drill"]);
      points.before = () => {};
      assert.equal(code, 0, stdout + stderr);
      for (const at of [`shard 1 of this site (${d1.url})`, `shard 2 of this site (${points.url})`]) {
        assert.ok(stdout.includes(at), stdout);
      }
      assert.match(stdout, /^ok .* s {2}find what is missing: 3 partitions, 121,000 rows$/m);
      assert.match(stdout, /^ok .* s {2}repair and prove: 3 partitions, 121,000 rows$/m);
      assert.match(stdout, /^ok .* s {2}check again: clean: 400,000 rows by two digests$/m);
      assert.match(stdout, /^ok .* s {2}compare both sites .*hashes: the same rows/m);
      assert.match(stdout, /^ok .* s {2}remove the scratch database: from both sites$/m);
      const [there, here] = rows.map(Number);
      assert.equal(there, 200_000);
      assert.ok(here! > 150_000 && here! < 250_000, `${here} rows on shard 2 of this site`);
      assert.equal(await scratch(...all), "");
      assert.ok(!(stdout + stderr).includes("canary"));
    },
  );

  await t.step("two shards against one, either way", async () => {
    const unlike = [
      { LOCAL_CH_URL: d1.url, LOCAL_CH_HOST: "" },
      { REMOTE_CH_URL: p1.url, REMOTE_CH_HOST: native(p1) },
    ];
    for (const changes of unlike) {
      const { code, stdout } = await chSync.run(["--drill", "--json"], changes);
      assert.equal(code, 0, stdout);
      assertSchema(JSON.parse(stdout));
      assert.deepEqual(JSON.parse(stdout).steps.length, 11);
      assert.equal(await scratch(...all), "");
    }
  });

  await t.step("a right that is missing on a second shard is named with that shard", async () => {
    for (const [at, lacked] of LACKED.entries()) {
      const { code, stdout } = await chSync.run(["--drill"], { DRILL_USER: `lacking_${at}` });
      assert.equal(code, 1);
      const grant = `GRANT ${lacked} TO lacking_${at}`;
      assert.ok(
        stdout.includes(
          `-> run at shard 2 of the local site (${points.url}): ${grant}; run at shard 2 of the remote site (${p2.url}): ${grant}\n`,
        ),
        stdout,
      );
      assert.equal(await scratch(...all), "");
    }
  });

  await t.step("so is what only several shards take", async () => {
    for (const [at, lacked] of SHARD_GRANTS.entries()) {
      const { code, stdout } = await chSync.run(["--drill"], { DRILL_USER: `short_${at}` });
      assert.equal(code, 1);
      const grant = `GRANT ${lacked} TO short_${at}`;
      assert.ok(stdout.includes(`-> run at shard 1 of the local site (${d1.url}): ${grant}; run at`), stdout);
      assert.doesNotMatch(stdout, /-> .*remote site/);
      assert.equal(await scratch(...all), "");
    }
  });

  await t.step("a signal: everything is removed from every shard", async () => {
    const running = chSync.start(["--drill"]);
    await until("a scratch database on each", onEach);
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.finished;
    assert.equal(code, 1, stdout);
    assert.match(stdout, /The drill was interrupted/);
    // On a busy machine servers may be at it when ch-sync has to end.
    await until("everything is removed", async () => await scratch(...all) === "");
  });

  await t.step(
    "a signal while a shard does not answer: says in time what it may have left there",
    async () => {
      const running = chSync.start(["--drill", "--json"]);
      await until("a scratch database on each", onEach);
      const { remedy } = stopped(await endWhileFrozen(running, p2.server.pid));
      assert.ok(
        /^run at .*: DROP DATABASE IF EXISTS ch_sync_drill_dr_new_\w+ SYNC;/.test(remedy) &&
          remedy.includes(`shard 2 of the remote site (${p2.url})`),
        remedy,
      );
      // What it sent before may still arrive.
      await until("the end of it", async () => {
        const left = (await scratch(...all)).split("\n").filter(Boolean);
        await Promise.all(
          left.flatMap((name) => all.map((site) => site.query(`DROP DATABASE IF EXISTS ${name} SYNC`))),
        ).catch(() => {});
        return left.length === 0 && (await Promise.all(all.map(statements))).join("") === "";
      });
    },
  );

  await t.step("a shard that is dead: named, and nothing is made", async () => {
    await p2.server.kill();
    const { code, stdout } = await chSync.run(["--drill"]);
    assert.equal(code, 1);
    const shard = `shard 2 of the remote site (${p2.url})`;
    assert.match(stdout, /^FAILED .*reach both sites/m);
    assert.ok(stdout.includes(`-> bring back ${shard}`), stdout);
    assert.doesNotMatch(stdout, /remove the scratch database/);
    assert.equal(await scratch(p1, d1, d2), "");
  });
});
