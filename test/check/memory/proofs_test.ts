/** What is proven is not read again, and nothing is passed over for it: on two real sites. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, type CheckSitesOptions, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("proofs", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  await using directory = await temporaryDirectory();

  /** The report, and which partitions were digested or counted at the active site. */
  async function check(table: string, options: CheckSitesOptions = {}) {
    const read: string[] = [];
    const wrap = (ports: CheckPorts): CheckPorts => {
      const { there } = ports;
      const digests = there.digests.bind(there);
      there.digests = (request) => {
        read.push(...request.partitionIds.map((id) => request.grain === "count" ? `${id} counted` : id));
        return digests(request);
      };
      return ports;
    };
    const report = await checkSites(sites, { only: [table], memory: directory.path, wrap, ...options });
    return { report, read: [...new Set(read)].sort(), reasons: reasonsOf(report) };
  }
  const days = ["2026-01-01", "2026-01-02", "2026-01-03"];
  async function equalTable(table: string, more = ""): Promise<void> {
    await onBoth(sites, telemetryTable(table) + more);
    for (const day of days) {
      await load(primary, table, day, 200);
      await load(dr, table, day, 200);
    }
    const { report, read } = await check(table);
    assert.ok(isClean(report));
    assert.deepEqual(read, ["20260101", "20260102", "20260103"]);
  }

  await t.step("a table in which nothing changed costs nothing, and counts as compared", async () => {
    await equalTable("d.quiet");
    const { report, read } = await check("d.quiet", {
      wrap: (ports) => {
        ports.there.visibility = () => assert.fail("it was looked at");
        ports.there.partitions = () => assert.fail("its partitions were listed");
        return ports;
      },
    });
    assert.deepEqual(read, []);
    assert.ok(isClean(report));
    const [table] = report.tables;
    assert.deepEqual([table!.partitions, table!.proven, table!.compared.rows], [3, 3, 600n]);
    assert.deepEqual(table!.compared, (await checkSites(sites, { only: ["d.quiet"] })).tables[0]!.compared);
  });

  await t.step(
    "it counts only in the form in which both servers hashed its columns, as after an upgrade",
    async () => {
      await equalTable("d.upgraded");
      /** As a server before 25.5: it cannot hash a NULL. */
      const older = (ports: CheckPorts): CheckPorts => {
        const { here } = ports;
        const hashes = here.hashConstants.bind(here);
        here.hashConstants = async (types, as) => {
          const all = await hashes(types, as);
          return as === "value"
            ? new Map([...all].map(([type, hash]) => [type, type.includes("Nullable(") ? null : hash]))
            : all;
        };
        return ports;
      };
      const proven = async (wrap = (ports: CheckPorts) => ports) => {
        const { report, reasons } = await check("d.upgraded", { wrap, deep: false });
        assert.deepEqual(reasons, {});
        return report.tables[0]!.proven;
      };
      assert.deepEqual([await proven(), await proven(older), await proven(older)], [3, 0, 3]);
      assert.deepEqual([await proven(), await proven()], [0, 3]);
    },
  );

  await t.step("only the partition that changed is read", async () => {
    await equalTable("d.changed");
    await primary.query("INSERT INTO d.changed SELECT '2026-01-02 10:00:00', 'new', 1, 1, map()");
    const { read, reasons } = await check("d.changed");
    assert.deepEqual(read, ["20260102"]);
    assert.deepEqual(reasons, { "d.changed 20260102": "partial, repaired" });
    // What was repaired is proven by the next check.
    assert.deepEqual((await check("d.changed")).read, ["20260102"]);
    assert.deepEqual((await check("d.changed")).read, []);
    assert.equal(await content(dr, "d.changed"), await content(primary, "d.changed"));
  });

  await t.step("a row lost and another doubled, at either site", async () => {
    await equalTable("d.swapped");
    await primary.query(
      "ALTER TABLE d.swapped DELETE WHERE toDate(ts) = '2026-01-02' AND duration = 7919 SETTINGS mutations_sync = 2",
    );
    await dr.query(
      "ALTER TABLE d.swapped DELETE WHERE toDate(ts) = '2026-01-03' AND duration = 7919 SETTINGS mutations_sync = 2",
    );
    const row = (day: string) => `INSERT INTO d.swapped SELECT '${day} 10:00:00', 'new', 1, 1, map()`;
    await primary.query(row("2026-01-02"));
    await dr.query(row("2026-01-03"));
    const { reasons } = await check("d.swapped", { settings: { maxConflictPercent: 100 } });
    assert.deepEqual(reasons, {
      "d.swapped 20260102": "partial, repaired",
      "d.swapped 20260103": "partial, repaired",
    });
  });

  await t.step("a lightweight update, which leaves the parts as they were", async () => {
    const settings = " SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1";
    await equalTable("d.patched", settings);
    await primary.query(
      "UPDATE d.patched SET duration = 1 WHERE toDate(ts) = '2026-01-02' SETTINGS allow_experimental_lightweight_update = 1",
    );
    const { reasons } = await check("d.patched");
    assert.deepEqual(Object.keys(reasons), ["d.patched 20260102"]);
  });

  await t.step("another default, which old parts read", async () => {
    await equalTable("d.default");
    await onBoth(sites, "ALTER TABLE d.default ADD COLUMN e UInt8 DEFAULT 1");
    assert.equal((await check("d.default")).read.length, 3);
    assert.deepEqual((await check("d.default")).read, []);
    await onBoth(sites, "ALTER TABLE d.default MODIFY COLUMN e UInt8 DEFAULT 2");
    assert.equal((await check("d.default")).read.length, 3);
  });

  await t.step("another table of the same name", async () => {
    await equalTable("d.again");
    await onBoth(sites, "DROP TABLE d.again SYNC");
    await equalTable("d.again");
  });

  await t.step("a young row that was left out is not remembered as equal", async () => {
    await onBoth(sites, telemetryTable("d.young"));
    await primary.query("INSERT INTO d.young SELECT now64(3) - 3, 's', 1, 1, map()");
    await primary.query("INSERT INTO d.young SELECT now64(3) - 600, 's', 1, 2, map()");
    await dr.query(
      "INSERT INTO d.young SELECT * FROM remote('" +
        `${primary.host}:${primary.tcpPort}', d.young, '${primary.endpoint.user}', '${primary.endpoint.password}') WHERE duration = 2`,
    );
    await check("d.young", { settings: { settleSeconds: 60 } });
    await new Promise((resolve) => setTimeout(resolve, 2200));
    await check("d.young", { settings: { settleSeconds: 1 } });
    assert.equal(await content(dr, "d.young"), await content(primary, "d.young"));
  });

  await t.step("surplus rows are said at every check, without being read", async () => {
    await equalTable("d.surplus");
    await dr.query("INSERT INTO d.surplus SELECT '2026-01-02 10:00:00', 'only here', 1, 1, map()");
    await check("d.surplus");
    const { read, reasons, report } = await check("d.surplus");
    assert.deepEqual([read, reasons], [[], { "d.surplus 20260102": "surplus" }]);
    assert.equal(report.tables[0]!.findings[0]!.surplus, 1n);
  });

  await t.step("merges: as much as the budget allows, all of it before ready", async () => {
    await equalTable("d.merged");
    for (const day of days) {
      for (const site of [primary, dr]) {
        await site.query(`INSERT INTO d.merged SELECT '${day} 10:00:00', 'new', 1, 1, map()`);
      }
    }
    assert.ok(isClean((await check("d.merged")).report));
    await onBoth(sites, "OPTIMIZE TABLE d.merged FINAL");
    const none = await check("d.merged", { deep: false, settings: { verifyBudget: 0 } });
    assert.deepEqual(none.read, ["20260101 counted", "20260102 counted", "20260103 counted"]);
    assert.deepEqual([none.report.tables[0]!.counted, isClean(none.report)], [3, true]);
    const one = Number(
      await primary.query(
        "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'merged' AND partition_id = '20260101'",
      ),
    );
    const some = await check("d.merged", {
      deep: false,
      settings: { verifyBudget: one * 1.5, checkIntervalSeconds: 3600 },
    });
    assert.equal(some.report.tables[0]!.counted, 2, JSON.stringify([some.read, one]));
    const all = await check("d.merged");
    assert.equal(all.report.tables[0]!.counted, 0);
    assert.deepEqual((await check("d.merged")).read, []);
  });

  await t.step(
    "a partition that changes all the time is counted in between, and digested before ready",
    async () => {
      await onBoth(sites, telemetryTable("d.hot").replace("PARTITION BY toYYYYMMDD(ts) ", ""));
      const recent = (number: number) =>
        `INSERT INTO d.hot SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, 's', 1, number, map() FROM numbers(${number}, 10)`;
      const both = async (number: number) => {
        await primary.query(recent(number));
        await dr.query(recent(number));
      };
      await both(0);
      const [{ now }] = await primary.rows<{ now: string }>("SELECT now64(3, 'UTC') AS now") as [
        { now: string },
      ];
      await onBoth(sites, `INSERT INTO d.hot SELECT '${now}', 'arriving', 1, 1, map()`);
      await check("d.hot");
      await both(10);
      const counted = await check("d.hot", { deep: false });
      assert.ok(counted.read.every((id) => id.endsWith(" counted")), String(counted.read));
      // The same number of other rows: counts do not tell.
      await primary.query(recent(20));
      await dr.query(recent(30));
      assert.ok(isClean((await check("d.hot", { deep: false })).report));
      // Counts that differ do.
      await primary.query(recent(40));
      assert.ok(!isClean((await check("d.hot", { deep: false, dryRun: true })).report));
      const deep = await check("d.hot", { settings: { maxConflictPercent: 100 } });
      assert.ok(Object.values(deep.reasons).some((reason) => reason === "partial, repaired"));
      assert.ok(
        Number(await dr.query("SELECT count() FROM d.hot WHERE duration >= 20 AND duration < 30")) > 0,
      );
    },
  );

  await t.step("proofs do not outlive the role of the partition's other reasons", async () => {
    await equalTable("d.deleted");
    await dr.query("DELETE FROM d.deleted WHERE service = 'service-1'");
    assert.deepEqual([...new Set(Object.values((await check("d.deleted")).reasons))], ["deleted"]);
    assert.deepEqual([...new Set(Object.values((await check("d.deleted", { deep: false })).reasons))], [
      "deleted",
    ]);
  });
});
