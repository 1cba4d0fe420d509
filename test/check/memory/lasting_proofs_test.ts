/** Proofs are of the parts that were there before and after their rows were read: what comes meanwhile may go again. */
import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { addPartitions, addStretches, addSummaries } from "../../../src/check/shards/add_parts.ts";
import { ProvenParts } from "../../../src/check/memory/lasting_proofs.ts";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { Partition } from "../../../src/model/partition.ts";
import { dailyTable, eachDay, idOf, loadDays } from "../../support/data/many_days.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { until } from "../../support/program/endings.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const TABLE = "b.days";

Deno.test("what came while it was compared, and went again, is missed", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const begin = async (kept: string) => {
    await onBoth(sites, "DROP DATABASE IF EXISTS b SYNC", "CREATE DATABASE b", dailyTable(TABLE));
    await dr.query(`SYSTEM STOP MERGES ${TABLE}`);
    await loadDays(primary, TABLE, 6, 300);
    await loadDays(dr, TABLE, 6, 300, kept);
  };
  /** Before the first question of this kind here, these rows come. @returns nothing is found any more */
  const checkWhile = async (memory: string, question: "partitions" | "visibility", coming: string) => {
    let met = false;
    const wrap = (ports: CheckPorts): CheckPorts => {
      const ask = ports.here[question].bind(ports.here) as (...all: unknown[]) => Promise<never>;
      ports.here[question] = async (...all: unknown[]) => {
        if (!met) await loadDays(dr, TABLE, 6, 300, coming);
        met = true;
        return await ask(...all);
      };
      return ports;
    };
    assert.deepEqual(reasonsOf(await checkSites(sites, { memory, wrap })), {});
    assert.ok(met);
    assert.equal(await eachDay(dr, TABLE), await eachDay(primary, TABLE));
  };
  const assertMissed = async (memory: string, reason: string, day: number) => {
    const found = reasonsOf(await checkSites(sites, { memory, deep: true }));
    assert.deepEqual(found, { [`${TABLE} ${idOf(day)}`]: `${reason}, repaired` });
    assert.equal(await eachDay(dr, TABLE), await eachDay(primary, TABLE));
  };

  await t.step("a partition that the table did not have when it was discovered", async () => {
    await begin("day != 3");
    await using memory = await temporaryDirectory();
    await checkWhile(memory.path, "partitions", "day = 3");
    await dr.query(`ALTER TABLE ${TABLE} DROP PARTITION ID '${idOf(3)}'`);
    const parts = `SELECT count() FROM system.parts WHERE table = 'days' AND active AND partition_id = '${
      idOf(3)
    }'`;
    await until("it is gone", async () => await dr.query(parts) === "0\n");
    await assertMissed(memory.path, "missing", 3);
  });

  await t.step(
    "a part that the partition did not have when it was listed, lost with the server",
    async () => {
      await begin("NOT (day = 2 AND n % 100 = 7)");
      await using memory = await temporaryDirectory();
      await checkWhile(memory.path, "visibility", "day = 2 AND n % 100 = 7");
      const [part] = await dr.rows<{ path: string }>(
        "SELECT path FROM system.parts WHERE table = 'days' AND active AND rows = 3",
      );
      await dr.server.kill();
      Deno.removeSync(part!.path, { recursive: true });
      await dr.restart();
      // The table has changed, this partition has not.
      for (const site of [dr, primary]) await loadDays(site, TABLE, 7, 300, "day = 6");
      await assertMissed(memory.path, "partial", 2);
    },
  );
});

Deno.test("the parts of all partitions of a table are those that its servers sum up, of shards, too", () => {
  const MAX = 2n ** 64n - 1n;
  const parts = fc.array(
    fc.record({
      shard: fc.nat(2),
      id: fc.constantFrom("a", "b", "c"),
      hash: fc.bigInt({ min: 0n, max: MAX }),
    }),
    { maxLength: 8 },
  );
  fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), parts, (shards, all) => {
    const sum = (some: typeof all) =>
      String(BigInt.asUintN(64, some.reduce((sum, { hash }) => sum + hash, 0n)));
    const rest = {
      rows: 1n,
      bytes: 1n,
      written: 1n,
      insertedAt: 0,
      changedAt: 0,
      hasLightweightDeletes: false,
      hasPatches: false,
    };
    const ofShards = Array.from({ length: shards }, (_, at) => all.filter(({ shard }) => shard === at));
    const listed = ofShards.map((of) =>
      new Map([...Map.groupBy(of, ({ id }) => id)].map(([id, some]): [string, Partition] => [
        id,
        { id, fingerprint: sum(some), ...rest },
      ]))
    );
    const summed = ofShards.map((of) =>
      new Map(of.length > 0 ? [["t", { partitions: 1, rows: 1n, fingerprint: sum(of), changedAt: 0 }]] : [])
    );
    const proven = new ProvenParts();
    proven.add({ here: addPartitions(listed), there: listed[0]! }, new Map());
    // Of a stretch of all of them every shard has its place, too.
    const stretch = addStretches(ofShards.map((of) => [of.length > 0 ? sum(of) : ""]));
    if (ofShards.some((of) => of.length > 0)) {
      assert.deepEqual(stretch, [proven.fingerprints().fingerprintHere]);
    }
    assert.deepEqual(proven.fingerprints(), {
      fingerprintHere: addSummaries(summed).get("t")?.fingerprint ?? "",
      fingerprintActive: summed[0]!.get("t")?.fingerprint ?? "",
    });
  }));
});
