/** `--drill` between two real servers, as a user that may touch nothing but scratch databases. */
import assert from "node:assert/strict";
import { DRILL_GRANTS } from "../../src/drill/drill_grants.ts";
import { end, endWhileFrozen, statements, until } from "../support/program/endings.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { schemaOf } from "../support/json_schema.ts";
import { stopped } from "../support/program/stopped_drill.ts";
import { everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

const SQL = Deno.readTextFileSync(new URL("../../scripts/grants-drill.sql", import.meta.url));
const RIGHTS = [...SQL.matchAll(/^GRANT (.+) TO chsync_drill;/gm)].map((match) => match[1]!);
const assertSchema = schemaOf("drill");
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
      /^FAILED .*scratch database.*\n +-> .*scripts\/grants-drill\.sql.*DRILL_USER/m,
    );
    assert.match(stdout, /The drill FAILED/);
    assert.doesNotMatch(stdout, /remove the scratch database/, "nothing was made");
    assert.equal(await scratch(sites), "");
  });

  await t.step("with a wrong password: says whose, and where", async () => {
    const { code, stdout } = await chSync.run(["--drill"], { ...DRILL, DRILL_PASSWORD: "canary-wrong" });
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^FAILED .*reach both sites.*\n +-> at the local site: .*; at the remote site: /m,
    );
    assert.ok(!stdout.includes("canary"));
  });

  await t.step("with them: repairs, proves, removes everything, and touches nothing else", async () => {
    const before = [await everything(primary), await everything(dr)];
    const { code, stdout, stderr } = await chSync.run(["--drill"], DRILL);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok .* s {2}find what is missing: 3 partitions, 121,000 rows$/m);
    assert.match(stdout, /^ok .* s {2}repair and prove: 3 partitions, 121,000 rows$/m);
    assert.match(stdout, /^ok .* s {2}check again: clean: 400,000 rows by two digests$/m);
    assert.match(stdout, /^ok .* s {2}compare both sites .*hashes: the same rows/m);
    assert.match(stdout, /The drill passed/);
    assert.equal(await scratch(sites), "");
    assert.deepEqual([await everything(primary), await everything(dr)], before);
    assert.deepEqual([...Deno.readDirSync(chSync.directory)], [], "no state, no lock, no memory");
    assert.ok(!(stdout + stderr).includes("canary"));
  });

  await t.step("at the active site, too; and as JSON", async () => {
    const { code, stdout } = await chSync.run(["--drill", "--json"], { ...DRILL, ACTIVE_SITE: "dr" });
    assertSchema(JSON.parse(stdout));
    const { passed, verdict, steps } = JSON.parse(stdout);
    assert.deepEqual([code, passed, verdict, steps.length], [0, true, "passed", 10]);
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
      await onBoth(
        sites,
        "CREATE DATABASE ch_sync_drill_dr_new_m0000001",
        "CREATE DATABASE ch_sync_drill_dr_other_m0000001",
      );
      const { code, stdout } = await chSync.run(["--drill"], DRILL);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /remove what an earlier drill left: 2 databases/);
      const rest = await scratch(sites);
      assert.ok(rest.includes(left!), "it may still run");
      assert.ok(!rest.includes("new_m0000001") && rest.includes("other_m0000001"), rest);
      await onBoth(sites, `DROP DATABASE ${left}`, "DROP DATABASE ch_sync_drill_dr_other_m0000001");
    },
  );

  await t.step("a signal: everything is removed", async () => {
    const running = chSync.start(["--drill"], DRILL);
    await until("a scratch database", async () => await scratch(sites) !== "");
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.finished;
    assert.equal(code, 1);
    assert.match(stdout, /The drill was interrupted/);
    // On a busy machine servers may be at it when ch-sync has to end.
    await until("everything is removed", async () => await scratch(sites) === "");
  });

  await t.step("a signal while a site does not answer: says in time what it may have left", async () => {
    const running = chSync.start(["--drill", "--json"], DRILL);
    await until("a scratch database", async () => await scratch(sites) !== "");
    const { remedy } = stopped(await endWhileFrozen(running, primary.server.pid));
    assert.match(remedy, /run at .*remote site: DROP DATABASE IF EXISTS ch_sync_drill_dr_new_/);
    // What it sent before may still arrive.
    await until("the end of it", async () => {
      const left = (await scratch(sites)).split("\n").filter(Boolean);
      await onBoth(sites, ...left.map((name) => `DROP DATABASE IF EXISTS ${name} SYNC`)).catch(() => {});
      return left.length === 0 && await statements(primary) === "";
    });
  });

  await t.step("beside a daemon that sees everything: neither disturbs the other", async () => {
    const [here, there] = [dr.endpoint, primary.endpoint];
    await using other = await installChSync({
      ...environmentOf("dr", dr, primary),
      ...{ LOCAL_CH_USER: here.user, LOCAL_CH_PASSWORD: here.password },
      ...{ REMOTE_CH_USER: there.user, REMOTE_CH_PASSWORD: there.password, CHECK_INTERVAL: "1" },
    });
    const daemon = other.start([]);
    await daemon.logged("clean check #1");
    // The state of the daemon names the installation.
    const { code, stdout } = await other.run(["--drill"], DRILL);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ch_sync_drill_dr_[0-9a-f]{8}_/);
    assert.equal((await other.run(["--drill"])).code, 0, "with the users of the checks, which may do all");
    await daemon.logged("clean check #3");
    const { stderr } = await end(daemon, "SIGTERM");
    assert.doesNotMatch(stderr, /ch_sync_drill|WARN|ERROR/);
  });

  await t.step("no right in the file is one too many", async () => {
    const needless: string[] = [];
    for (const [index, right] of RIGHTS.entries()) {
      const { code, stdout } = await chSync.run(["--drill"], { ...DRILL, DRILL_USER: `drill_${index}` });
      if (code === 0) needless.push(right);
      else {
        const grant = `GRANT ${right} TO drill_${index}`;
        const remedy = `-> run at the local site: ${grant}; run at the remote site: ${grant}`;
        assert.ok(stdout.includes(remedy), `without ${right}:\n${stdout}`);
      }
      assert.equal(await scratch(sites), "", `without ${right}`);
    }
    assert.deepEqual(needless, LESS_KNOWN);
  });
});

Deno.test("what a drill advises to grant is what scripts/grants-drill.sql grants", () => {
  assert.deepEqual(DRILL_GRANTS, RIGHTS);
});

/** Without these a drill passes, as a check does, and knows less. */
const LESS_KNOWN = [
  "SELECT ON system.storage_policies",
  "SELECT ON system.metrics",
  "SELECT ON system.processes",
];
