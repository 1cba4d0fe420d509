/** What the servers of a site hold that are not read: rows in their queues, and tables that are not at all of them. */
import assert from "node:assert/strict";
import type { CheckReport, Finding } from "../../../src/model/report.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { beforeRepair, checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, loadSpread, REPLICATED, telemetryTable } from "../../support/data/telemetry.ts";
import { doctorTables } from "../../support/sites/doctor_tables.ts";
import { CLUSTER, type ReplicatedSite, startReplicatedSites } from "../../support/sites/replicated_sites.ts";

const DAY = "2026-01-01";

Deno.test("servers of a site that are not read", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  await loadSpread(sites, DAY);
  const nameOf = ({ replicas }: ReplicatedSite) => `127.0.0.1:${replicas[1]!.tcpPort}`;
  /** Rows of a site that are in no table yet: in a queue of the server that is not read. */
  const queue = async (
    { replicas: [, other] }: ReplicatedSite,
    day = DAY,
    where = "number >= 700",
    rows = 1000,
  ) => {
    await other!.query("SYSTEM STOP DISTRIBUTED SENDS shop.all");
    await load(other!, "shop.all", day, rows, `${where} SETTINGS prefer_localhost_replica = 0`);
  };
  const detailsOf = (report: CheckReport) => findingsOf(report).map(({ detail }) => detail).join("\n");
  const send = async (site: ReplicatedSite) => {
    await site.replicas[1]!.query("SYSTEM START DISTRIBUTED SENDS shop.all");
    await site.replicas[1]!.query("SYSTEM FLUSH DISTRIBUTED shop.all");
    await site.everywhere("SYSTEM SYNC REPLICA shop.t");
  };

  await t.step("nothing special: clean", async () => {
    const report = await checkSites(sites.first);
    assert.deepEqual([reasonsOf(report), report.warnings], [{}, []]);
    assert.ok(isClean(report));
  });

  await t.step("the doctor names them", async () => {
    const lines = (await doctorTables(sites.first)).filter((line) => line.includes("other servers"));
    assert.deepEqual(lines.map((line) => line.replace(/:.*:(\d+)/, " $1")), [
      `ok other servers of the local site ${dr.replicas[1]!.tcpPort}: looked at once a check`,
      `ok other servers of the remote site ${primary.replicas[1]!.tcpPort}: looked at once a check`,
    ]);
  });

  await t.step("a queue at another server of the active site", async () => {
    await queue(primary);
    const report = await checkSites(sites.first);
    assert.equal(isClean(report), false);
    const [found] = findingsOf(report);
    assert.equal(found?.cause, "rows_queued");
    assert.ok(found?.detail.includes(`at server ${nameOf(primary)} of the active site`), found?.detail);
    await send(primary);
  });

  await t.step("a queue at another server of this site: its rows are not copied", async () => {
    await queue(dr);
    const report = await checkSites(sites.first);
    assert.deepEqual(reasonsOf(report), { "shop.t": "backfilling" });
    assert.ok(findingsOf(report)[0]?.detail.includes(`at server ${nameOf(dr)} of this site`));
    await send(dr);
    assert.ok(isClean(await checkSites(sites.first)));
    for (const { replicas } of [primary, dr]) {
      assert.equal(await content(replicas[0]!, "shop.t"), await content(primary.replicas[1]!, "shop.t"));
    }
  });

  await t.step("a queue that fills at another server of this site while the check compares", async () => {
    await load(primary.replicas[0]!, "shop.t", "2026-01-03", 50);
    const report = await checkSites(sites.first, {
      wrap: beforeRepair(() => queue(dr, "2026-01-03", "1", 50)),
    });
    assert.deepEqual(reasonsOf(report), { "shop.t 20260103": "backfilling" });
    await send(dr);
    assert.ok(isClean(await checkSites(sites.first)));
  });

  await t.step("a queue that only another server of this site has, for a table that is here", async () => {
    const [, other] = dr.replicas;
    await load(primary.replicas[0]!, "shop.t", "2026-01-02", 300);
    await other!.query("CREATE TABLE shop.own AS shop.t ENGINE = Distributed(site, shop, t)");
    await other!.query("SYSTEM STOP DISTRIBUTED SENDS shop.own");
    await load(other!, "shop.own", "2026-01-02", 300, "1 SETTINGS prefer_localhost_replica = 0");
    for (const only of [null, ["shop.t"]]) {
      const report = await checkSites(sites.first, only ? { only } : {});
      assert.deepEqual(reasonsOf(report), { "shop.t": "backfilling" });
    }
    await other!.query("SYSTEM START DISTRIBUTED SENDS shop.own");
    await other!.query("SYSTEM FLUSH DISTRIBUTED shop.own");
    await dr.everywhere("SYSTEM SYNC REPLICA shop.t");
    await other!.query("DROP TABLE shop.own");
    assert.ok(isClean(await checkSites(sites.first)));
    assert.equal(await content(dr.replicas[0]!, "shop.t"), await content(primary.replicas[0]!, "shop.t"));
  });

  await t.step("a table that the active site has at another server only", async () => {
    const [, other] = primary.replicas;
    await other!.query(telemetryTable("shop.elsewhere", REPLICATED));
    const report = await checkSites(sites.first);
    assert.deepEqual(reasonsOf(report), { "shop.elsewhere": "lagging" });
    assert.equal(findingsOf(report)[0]?.cause, "not_at_replica");
    assert.ok(findingsOf(report)[0]?.detail.includes(nameOf(primary)));
    assert.ok(isClean(await checkSites(sites.first, { settings: { excludePatterns: ["shop.elsewhere"] } })));
    await other!.query("DROP TABLE shop.elsewhere SYNC");
  });

  await t.step(
    "a table that this site has at one replica only is repaired, and the check is not clean",
    async () => {
      await primary.everywhere(telemetryTable("shop.lacking", REPLICATED));
      await load(primary.replicas[0]!, "shop.lacking", DAY, 100);
      await dr.replicas[0]!.query(telemetryTable("shop.lacking", REPLICATED));
      const report = await checkSites(sites.first);
      assert.deepEqual(findingsOf(report).map(({ cause, repaired }) => [cause, repaired]), [
        ["missing", true],
        ["not_at_all_replicas", false],
      ]);
      assert.ok(findingsOf(report)[1]?.detail.includes(nameOf(dr)));
      assert.equal(isClean(report), false);
      await dr.replicas[1]!.query(telemetryTable("shop.lacking", REPLICATED));
      await dr.everywhere("SYSTEM SYNC REPLICA shop.lacking");
      assert.ok(isClean(await checkSites(sites.first)));
    },
  );

  await t.step(
    "one that hangs, or is gone, may have rows in its queue: what that fills is not compared",
    async () => {
      const excused = { settings: { excludePatterns: [`cluster.${CLUSTER}`] } };
      const telling =
        /rows may wait in the queue of shop\.all at .*cluster site.* add cluster\.site to CH_EXCLUDE_PATTERNS/;
      for (
        const [site, cause, of] of [
          [primary, "rows_queued", "of the active site"],
          [dr, "queued_here", "of this site"],
        ] as const
      ) {
        const { server } = site.replicas[1]!;
        const told = async (which: string) => {
          const report = await checkSites(sites.first);
          const found = findingsOf(report);
          assert.equal(isClean(report), false);
          assert.deepEqual([...new Set(found.map(({ cause }) => cause))], [cause], detailsOf(report));
          const [{ table, detail }] = found as [Finding];
          assert.equal(table, "shop.t");
          assert.match(detail, telling);
          assert.ok(detail.includes(which) && detail.includes(of), detail);
          assert.deepEqual(report.warnings, []);
          // Whoever says that no rows wait there takes that upon himself, and is told at each check.
          const left = await checkSites(sites.first, excused);
          assert.ok(isClean(left), detailsOf(left));
          return left.warnings.join("\n");
        };
        Deno.kill(server.pid, "SIGSTOP");
        // The question fails over a connection that is open, and passes the server over where a new one is made.
        const hangs = await told("server").finally(() => Deno.kill(server.pid, "SIGCONT"));
        assert.match(hangs, new RegExp(`Other servers ${of} are not seen|Server .* ${of} gives no answer`));
        await server.kill();
        const gone = await told(`server ${nameOf(site)}`);
        assert.ok(gone.includes(`Server ${nameOf(site)} ${of} gives no answer`), gone);
        await site.replicas[1]!.restart();
        await site.everywhere("SYSTEM SYNC REPLICA shop.t");
        assert.ok(isClean(await checkSites(sites.first)));
      }
    },
  );

  await t.step("a server of this site that dies while the check compares: nothing is copied", async () => {
    await load(primary.replicas[0]!, "shop.t", "2026-01-04", 50);
    const [, other] = dr.replicas;
    const report = await checkSites(sites.first, {
      wrap: beforeRepair(() => other!.server.kill()),
    });
    assert.deepEqual(reasonsOf(report), { "shop.t 20260104": "backfilling" });
    await other!.restart();
    await checkSites(sites.first);
    assert.ok(isClean(await checkSites(sites.first)));
  });

  await t.step("without Distributed tables that count, one that is gone is warned of", async () => {
    await primary.replicas[1]!.server.kill();
    const report = await checkSites(sites.first, { settings: { excludePatterns: ["shop.all"] } });
    assert.ok(isClean(report), detailsOf(report));
    assert.ok(
      report.warnings.join("\n").includes(`Server ${nameOf(primary)} of the active site gives no answer`),
    );
  });
});
