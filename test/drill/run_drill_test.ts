/** A drill fails where a failback would, and removes what it made, and nothing else. */
import assert from "node:assert/strict";
import type { WritableSite } from "../../src/check/ports/writable_site.ts";
import { Connection } from "../../src/clickhouse/http/connection.ts";
import { ScratchDatabase } from "../../src/drill/scratch_database.ts";
import { scratchSite } from "../../src/drill/scratch_site.ts";
import { PATIENCE } from "../../src/clickhouse/http/statement_watch.ts";
import { connect } from "../../src/run/connect.ts";
import { pickReplicas } from "../../src/run/pick_replicas.ts";
import { pretendPassive, runDrill } from "../../src/drill/run_drill.ts";
import type { DrillStep } from "../../src/model/drill.ts";
import type { Settings } from "../../src/model/settings.ts";
import { drSettings } from "../support/sites/check_sites.ts";
import { onBoth } from "../support/data/telemetry.ts";
import { startShardedSites } from "../support/sites/sharded_sites.ts";
import { type Site, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

const NAME = "ch_sync_drill_dr_0123abcd_m5x1";

interface Damage {
  /** In place of a repair at this site. */
  readonly repair?: (real: WritableSite["repair"]) => WritableSite["repair"];
  readonly beforeComparing?: () => Promise<void>;
  readonly leftovers?: readonly string[];
}

async function drill(
  sites: TwoSites,
  { repair, beforeComparing, leftovers = [] }: Damage = {},
  shards: Partial<Settings> = {},
) {
  const redact = (text: string) => text;
  const { signal } = new AbortController();
  const asking = { redact, signal, checkId: "drilltest" };
  const { settings, replicas } = await pickReplicas({ ...asking, settings: drSettings(sites, shards) });
  await using ports = connect({ ...asking, settings });
  if (repair) ports.here.repair = repair(ports.here.repair.bind(ports.here));
  const scratch = (site: "local" | "remote") =>
    scratchSite(site, settings, (url, place) => {
      const queryIdPrefix = `ch-sync-drill-${crypto.randomUUID()}`;
      const patience = { ...PATIENCE, silent: 500 };
      const endpoint = { ...settings[site], url };
      const options = { site, endpoint, queryIdPrefix, redact, signal, patience };
      return new ScratchDatabase(new Connection(options), NAME, place);
    });
  const [here, there] = [scratch("local"), scratch("remote")];
  const content = here.content.bind(here);
  here.content = async () => {
    await beforeComparing?.();
    return await content();
  };
  const steps: DrillStep[] = [];
  const passed = await runDrill({
    ports: { ...ports, role: pretendPassive(settings) },
    here,
    there,
    replicas,
    database: NAME,
    settings,
    resolve: () => Promise.resolve({ active: "primary", problem: null }),
    leftovers: (names) => names.filter((name) => leftovers.includes(name)),
    onStep: (step) => void steps.push(step),
  });
  await Promise.all([here.close(), there.close()]);
  const failed = steps.filter((step) => !step.passed);
  return { passed, failed, names: failed.map(({ name }) => name) };
}

function databases({ primary, dr }: TwoSites): Promise<string[][]> {
  return databasesOn(primary, dr);
}

async function databasesOn(...servers: readonly Site[]): Promise<string[][]> {
  const sites = servers.map((site) => site.query("SHOW DATABASES LIKE 'ch_sync_drill%'"));
  return (await Promise.all(sites)).map((text) => text.split("\n").filter(Boolean));
}

Deno.test("runDrill()", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;

  await t.step("leaves a database alone that was there before it, and removes its own", async () => {
    for (const [before, other] of [[dr, primary], [primary, dr]] as const) {
      await before.query(`CREATE DATABASE ${NAME}`);
      await before.query(`CREATE TABLE ${NAME}.http ENGINE = MergeTree ORDER BY () AS SELECT 7 AS precious`);
      const { passed, failed, names } = await drill(sites);
      assert.deepEqual([passed, names], [false, ["make a scratch database at both sites"]]);
      assert.match(failed[0]!.detail, /already exists/);
      assert.equal(await before.query(`SELECT * FROM ${NAME}.http`), "7\n");
      assert.equal(await other.query(`SHOW DATABASES LIKE '${NAME}'`), "");
      await before.query(`DROP DATABASE ${NAME}`);
    }
  });

  await t.step("fails where a repair says that it moved rows, and did not", async () => {
    const { passed, names } = await drill(sites, {
      repair: (real) => async (...given) => {
        const outcome = await real(...given);
        await dr.query(`TRUNCATE TABLE ${NAME}.http`);
        return outcome;
      },
    });
    assert.deepEqual([passed, names], [false, ["check again"]]);
    assert.deepEqual(await databases(sites), [[], []]);
  });

  await t.step("fails where a row is here twice", async () => {
    const { passed, names } = await drill(sites, {
      repair: (real) => async (...given) => {
        const outcome = await real(...given);
        await dr.query(`INSERT INTO ${NAME}.http SELECT * FROM ${NAME}.http LIMIT 1`);
        return outcome;
      },
    });
    assert.deepEqual([passed, names], [false, ["check again"]]);
    assert.deepEqual(await databases(sites), [[], []]);
  });

  await t.step("fails where the sites differ in what no check saw", async () => {
    const { passed, names } = await drill(sites, {
      beforeComparing: async () => {
        await dr.query(`INSERT INTO ${NAME}.http SELECT * FROM ${NAME}.http LIMIT 1`);
        await dr.query(`DELETE FROM ${NAME}.http WHERE ts = (SELECT max(ts) FROM ${NAME}.http)`);
        assert.equal(await dr.query(`SELECT count() FROM ${NAME}.http`), "400000\n");
      },
    });
    assert.deepEqual([passed, names], [false, ["compare both sites by other hashes"]]);
    assert.deepEqual(await databases(sites), [[], []]);
  });

  await t.step("fails where a repair is refused, and says why", async () => {
    const { passed, failed, names } = await drill(sites, {
      repair: () => () => Promise.reject(new Error("the disk is full of holes")),
    });
    assert.deepEqual([passed, names], [false, ["repair and prove"]]);
    assert.match(failed[0]!.detail, /the disk is full of holes/);
    assert.deepEqual(await databases(sites), [[], []]);
  });

  await t.step("cleans up at this site where the other one died, and says what to drop there", async () => {
    const { passed, failed, names } = await drill(sites, {
      repair: (real) => async (...given) => {
        await primary.server.kill();
        return await real(...given);
      },
    });
    assert.deepEqual([passed, names], [false, ["repair and prove", "remove the scratch database"]]);
    assert.match(failed[1]!.remedy!, new RegExp(`^run at the remote site: DROP DATABASE IF EXISTS ${NAME} `));
    await primary.restart();
    assert.deepEqual(await databases(sites), [[NAME], []]);
    await primary.query(`RENAME DATABASE ${NAME} TO ch_sync_drill_dr_0123abcd_m5x0`);
    const after = await drill(sites, { leftovers: ["ch_sync_drill_dr_0123abcd_m5x0"] });
    assert.deepEqual(after.names, []);
    assert.deepEqual(await databases(sites), [[], []]);
  });

  await t.step("says that both addresses lead to one server, and makes nothing", async () => {
    const { passed, failed, names } = await drill({ ...sites, primary: dr });
    assert.deepEqual([passed, names], [false, ["reach both sites"]]);
    assert.match(failed[0]!.detail, /lead to the same ClickHouse server/);
  });

  await t.step("passes where all is well, and leaves alone what is not named as a leftover", async () => {
    await onBoth(sites, "CREATE DATABASE ch_sync_drill_dr_0123abcd_m5x0");
    assert.deepEqual(await drill(sites), { passed: true, failed: [], names: [] });
    assert.deepEqual(await databases(sites), [
      ["ch_sync_drill_dr_0123abcd_m5x0"],
      ["ch_sync_drill_dr_0123abcd_m5x0"],
    ]);
  });
});

Deno.test("runDrill() over two shards at each site", async (t) => {
  await using sites = await startShardedSites(2, () => ({}), [1, 1]);
  const [p1, p2, d1, d2] = [...sites.shards, ...sites.drs] as [Site, Site, Site, Site];
  const shards = sites.settingsOfBoth();
  const overShards = (damage: Damage = {}) => drill(sites.first, damage, shards);

  await t.step("leaves a database alone that is on one shard, and removes those of the others", async () => {
    for (const before of [p2, d2]) {
      await before.query(`CREATE DATABASE ${NAME}`);
      const { passed, failed, names } = await overShards();
      assert.deepEqual([passed, names], [false, ["make a scratch database at both sites"]]);
      assert.match(
        failed[0]!.detail,
        new RegExp(`^shard 2 of the \\w+ site \\(${before.url}\\): .*already exists`),
      );
      assert.deepEqual(
        await databasesOn(p1, p2, d1, d2),
        [p1, p2, d1, d2].map((one) => one === before ? [NAME] : []),
      );
      await before.query(`DROP DATABASE ${NAME}`);
    }
  });

  await t.step("two addresses that lead to one server: nothing is made", async () => {
    const [one] = shards.shards;
    const { names, failed } = await drill(sites.first, {}, { ...shards, shards: [one!, one!] });
    assert.deepEqual(names, ["reach both sites"]);
    assert.match(failed[0]!.detail, /lead to the same ClickHouse server/);
  });

  await t.step(
    "a shard of this site dies: what is left there is named, and the next drill removes it",
    async () => {
      const { passed, failed, names } = await overShards({
        repair: (real) => async (...given) => {
          await d2.server.kill();
          return await real(...given);
        },
      });
      const shard = `shard 2 of the local site (${d2.url})`;
      assert.deepEqual([passed, names], [false, ["repair and prove", "remove the scratch database"]]);
      assert.ok(failed[0]!.remedy!.startsWith(`bring back ${shard}`), failed[0]!.remedy!);
      assert.ok(failed[1]!.remedy!.startsWith(`run at ${shard}: DROP DATABASE IF EXISTS ${NAME} SYNC;`));
      await d2.restart();
      assert.deepEqual(await databasesOn(p1, p2, d1, d2), [[], [], [], [NAME]]);
      const old = "ch_sync_drill_dr_0123abcd_m5x0";
      await d2.query(`RENAME DATABASE ${NAME} TO ${old}`);
      assert.deepEqual((await overShards({ leftovers: [old] })).names, []);
      assert.deepEqual(await databasesOn(p1, p2, d1, d2), [[], [], [], []]);
    },
  );
});
