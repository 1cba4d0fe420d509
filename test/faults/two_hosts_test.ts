/** Two installations that repair the same target at the same time: no row comes twice, at whichever moment they meet. */
import assert from "node:assert/strict";
import type { WritableSite } from "../../src/check/ports/writable_site.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { stagingTables } from "../support/program/endings.ts";
import { startFaultPoints } from "../support/links/fault_points.ts";
import { content, load, onBoth, PLAIN_AND_VIEWED } from "../support/data/telemetry.ts";
import { reachedAt, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

async function assertWholeOnce({ dr, primary }: TwoSites): Promise<void> {
  for (const table of ["d.plain", "d.viewed"]) {
    assert.equal(await content(dr, table), await content(primary, table), table);
  }
  assert.equal(await dr.query("SELECT sum(requests) FROM d.total"), "1000\n");
}

Deno.test("two installations at one target", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    ...PLAIN_AND_VIEWED,
  );
  for (const table of ["d.plain", "d.viewed"]) await load(primary, table, "2026-01-01", 1000);
  const empty = async () => {
    for (const table of ["plain", "viewed", "total"]) await dr.query(`TRUNCATE TABLE d.${table}`);
  };
  await using points = startFaultPoints(() => dr.url);
  const first: TwoSites = { ...sites, dr: reachedAt(dr, points.url) };

  /** What claims and adds rows; with `CH_SYNC_KILLS` every statement of a repair, and both moments of each. */
  const thorough = Deno.env.has("CH_SYNC_KILLS");
  const wanted = (sql: string) =>
    thorough || /MOVE PARTITION|COMMENT '\{|^INSERT INTO `d`\.`viewed/.test(sql);
  /** Whatever the first one sends, the second one makes a whole check before it, or after it and before its answer. */
  for (const when of thorough ? ["before", "after"] as const : ["before"] as const) {
    await t.step(`a whole check of the other one ${when} each statement of a repair`, async () => {
      await empty();
      await checkSites(first);
      const repair = points.statements.slice(
        points.statements.findIndex((sql) => sql.startsWith("CREATE TABLE")),
      );
      const kinds = [
        ...new Set(repair.filter(wanted).map((sql) => sql.replace(/_chsync_\w+/g, "S").slice(0, 50))),
      ];
      assert.ok(kinds.length >= 3, kinds.join());
      for (const kind of kinds) {
        await empty();
        let met = 0;
        points[when] = async ({ sql }) => {
          if (sql.replace(/_chsync_\w+/g, "S").slice(0, 50) !== kind || met++ > 0) return;
          await checkSites(sites, { installation: "another1" });
        };
        await checkSites(first);
        points[when] = () => "answer";
        const last = await checkSites(sites);
        assert.deepEqual(Object.values(reasonsOf(last)).filter((reason) => reason !== "derived"), [], kind);
        await assertWholeOnce(sites);
        assert.equal(await stagingTables(dr), "");
      }
    });
  }

  await t.step("the other one says who is at it", async () => {
    await empty();
    let said = "";
    points.before = async ({ sql }) => {
      if (!sql.includes("MOVE PARTITION")) return;
      const report = await checkSites(sites, { installation: "another1" });
      said = findingsOf(report).find(({ table }) => table === "d.plain")!.detail;
    };
    await checkSites(first);
    points.before = () => "answer";
    assert.match(
      said,
      /Another ch-sync is repairing the partition \(staging table _chsync_dr_0123abcd\w+\)/,
    );
    await assertWholeOnce(sites);
  });

  await t.step(
    "one that slept for hours before it attaches: its table is gone, so it attaches nothing",
    async () => {
      await empty();
      points.before = async ({ sql }) => {
        if (!sql.includes("MOVE PARTITION")) return;
        await checkSites(sites, {
          installation: "another1",
          wrap: (ports) => ({
            ...ports,
            here: new Proxy(ports.here, {
              get(here, name) {
                if (name !== "stagingTables") {
                  return here[name as Exclude<keyof WritableSite, "shards">]?.bind(here);
                }
                return async () =>
                  (await here.stagingTables()).map((staging) => ({ ...staging, ageSeconds: 10_000 }));
              },
            }),
          }),
        });
      };
      const report = await checkSites(first);
      points.before = () => "answer";
      const late = findingsOf(report).find(({ table }) => table === "d.plain")!;
      assert.deepEqual(late.reason, "failed");
      assert.match(late.detail, /UNKNOWN_TABLE/);
      await assertWholeOnce(sites);
    },
  );

  await t.step("both as processes, started together, again and again", async () => {
    const environment = environmentOf("dr", dr, primary);
    await using one = await installChSync(environment);
    await using two = await installChSync(environment);
    for (let round = 0; round < 3; round++) {
      await empty();
      const both = await Promise.all([one.run(["--once"]), two.run(["--once"])]);
      for (const { code, stderr } of both) assert.ok([0, 1, 3].includes(code), stderr);
      const doubled = "SELECT count() FROM d.plain GROUP BY ts, service HAVING count() > 1";
      assert.equal(await dr.query(`${doubled} UNION ALL ${doubled.replace("plain", "viewed")}`), "");
      await checkSites(sites);
      await assertWholeOnce(sites);
    }
  });
});
