/** `--drill` between two real servers, as a user that may touch nothing but scratch databases. */
import assert from "node:assert/strict";
import { until } from "../sites/endings.ts";
import { environmentOf, installChSync } from "../sites/ch_sync.ts";
import { everything, load, onBoth, telemetryTable } from "../sites/telemetry.ts";
import { startTwoSites, type TwoSites } from "../sites/two_sites.ts";

const SQL = Deno.readTextFileSync(new URL("../../scripts/grants-drill.sql", import.meta.url));
const RIGHTS = [...SQL.matchAll(/^GRANT (.+) TO chsync_drill;/gm)].map((match) => match[1]!);
const DRILL = { DRILL_USER: "chsync_drill", DRILL_PASSWORD: "canary-drill-password" };

/** The user of the file, and for each right one that lacks just this. */
const USERS = Object.fromEntries([
  [DRILL.DRILL_USER, { password: DRILL.DRILL_PASSWORD, grants: RIGHTS }],
  ...RIGHTS.map((right, index) => [
    `drill_${index}`,
    { password: DRILL.DRILL_PASSWORD, grants: RIGHTS.filter((other) => other !== right) },
  ]),
]);

const scratch = async ({ primary, dr }: TwoSites) =>
  (await Promise.all([primary, dr].map((site) => site.query("SHOW DATABASES LIKE 'ch_sync_drill%'")))).join(
    "",
  );

Deno.test("a drill", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] }, users: USERS });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(primary, "d.t", "2026-01-01", 100); // missing at DR: a drill leaves it so
  await using chSync = await installChSync(environmentOf("dr", dr, primary));

  await t.step("without its grants: says which file to run, and leaves nothing behind", async () => {
    const { code, stdout } = await chSync.run(["--drill"]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^FAILED .*make a scratch database.*grants-drill\.sql at both sites, and set DRILL_USER/m,
    );
    assert.match(stdout, /The drill FAILED/);
    assert.equal(await scratch(sites), "");
  });

  await t.step("with them: repairs, proves, removes everything, and touches nothing else", async () => {
    const before = [await everything(primary), await everything(dr)];
    const { code, stdout, stderr } = await chSync.run(["--drill"], DRILL);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok .* s {2}check and repair: 3 partitions, 121000 rows$/m);
    assert.match(stdout, /^ok .* s {2}check again: clean: 400000 rows by two digests$/m);
    assert.match(stdout, /^ok .* s {2}compare both sites by other hashes: the same rows/m);
    assert.match(stdout, /The drill passed/);
    assert.equal(await scratch(sites), "");
    assert.deepEqual([await everything(primary), await everything(dr)], before);
    assert.equal(await chSync.state(), null);
    assert.ok(!(stdout + stderr).includes("canary"));
  });

  await t.step("at the active site, too; and as JSON", async () => {
    const { code, stdout } = await chSync.run(["--drill", "--json"], { ...DRILL, ACTIVE_SITE: "dr" });
    const { passed, steps } = JSON.parse(stdout);
    assert.deepEqual([code, passed, steps.length], [0, true, 8]);
  });

  await t.step(
    "a killed one leaves scratch databases, which the next removes once they are old",
    async () => {
      const running = chSync.start(["--drill"], DRILL);
      await until("a scratch database", async () => await scratch(sites) !== "");
      running.child.kill("SIGKILL");
      await running.finished;
      const [left] = (await scratch(sites)).split("\n");
      assert.match(left!, /^ch_sync_drill_dr_new_/);
      assert.equal((await chSync.run(["--drill"], DRILL)).code, 0);
      assert.ok((await scratch(sites)).includes(left!), "it may still run");
      await onBoth(
        sites,
        "CREATE DATABASE ch_sync_drill_dr_new_m0000001",
        "CREATE DATABASE ch_sync_drill_dr_other_m0000001",
      );
      const { code, stdout } = await chSync.run(["--drill"], DRILL);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /remove what an earlier drill left: 2 databases/);
      const rest = await scratch(sites);
      assert.ok(!rest.includes("new_m0000001") && rest.includes("other_m0000001"), rest);
      await onBoth(sites, `DROP DATABASE ${left}`, "DROP DATABASE ch_sync_drill_dr_other_m0000001");
    },
  );

  await t.step("a signal: everything is removed", async () => {
    const running = chSync.start(["--drill"], DRILL);
    await until("a scratch database", async () => await scratch(sites) !== "");
    running.child.kill("SIGTERM");
    assert.equal((await running.finished).code, 1);
    assert.equal(await scratch(sites), "");
  });

  await t.step("no right in the file is one too many", async () => {
    const needless: string[] = [];
    for (const [index, right] of RIGHTS.entries()) {
      const { code, stdout } = await chSync.run(["--drill"], { ...DRILL, DRILL_USER: `drill_${index}` });
      if (code === 0) needless.push(right);
      else assert.match(stdout, /grants-drill\.sql/, `without ${right}:\n${stdout}`);
      for (const name of new Set((await scratch(sites)).split("\n").filter(Boolean))) {
        await onBoth(sites, `DROP DATABASE IF EXISTS ${name}`);
      }
    }
    assert.deepEqual(needless, LESS_KNOWN);
  });
});

/** Without these a drill passes, as a check does, and knows less. */
const LESS_KNOWN = [
  "SELECT ON system.storage_policies",
  "SELECT ON system.metrics",
  "SELECT ON system.processes",
];
