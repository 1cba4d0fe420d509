/** Tables that nothing ties to each other are repaired beside each other: each is exact, and what fails in one is its own. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { assertNothingLeft } from "../../support/program/endings.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const TABLES = Array.from({ length: 6 }, (_, at) => `b.t${at}`);
const DAY = "2026-01-01";
/** How long a repair waits for another one that runs beside it, where there should be one. */
const PATIENCE_MS = 60_000;

Deno.test("tables are repaired beside each other", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE b");
  for (const table of TABLES) {
    await onBoth(sites, telemetryTable(table));
    await load(primary, table, DAY, 700);
  }
  const lose = async () => {
    for (const table of TABLES) {
      await dr.query(`TRUNCATE TABLE ${table} SYNC`);
      await load(dr, table, DAY, 700, "number % 100 != 17");
    }
  };
  const assertWhole = async () => {
    for (const table of TABLES) assert.equal(await content(dr, table), await content(primary, table));
    await assertNothingLeft(sites);
  };

  /** How many repairs ran at a time; each of them waits until so many do, or for good where fewer are left. */
  const together = (wanted: number) => {
    let [running, most, begun] = [0, 0, 0];
    const enough = Promise.withResolvers<void>();
    const wrap = (ports: CheckPorts) => {
      const { here, there } = ports;
      // Servers that do not tell how busy they are have room.
      here.load = there.load = () => Promise.resolve(null);
      const repair = here.repair.bind(here);
      here.repair = async (...all) => {
        running++;
        most = Math.max(most, running);
        if (++begun >= wanted) enough.resolve();
        const late = setTimeout(enough.resolve, PATIENCE_MS);
        await enough.promise;
        clearTimeout(late);
        try {
          return await repair(...all);
        } finally {
          running--;
        }
      };
      return ports;
    };
    return { wrap, most: () => most };
  };

  await t.step("as many as are examined at a time, each of them exact", async () => {
    await lose();
    const { wrap, most } = together(3);
    const told: string[] = [];
    const report = await checkSites(sites, {
      wrap,
      settings: { maxConcurrentTables: 3 },
      observer: { repaired: ({ pair }, { kind }) => void told.push(`${pair.name} ${kind}`) },
    });
    assert.equal(most(), 3);
    assert.deepEqual(
      Object.values(reasonsOf(report)),
      TABLES.map(() => "partial, repaired"),
    );
    assert.deepEqual(report.tables.map(({ table }) => table), TABLES);
    assert.deepEqual(told.toSorted(), TABLES.map((table) => `${table} repaired`));
    await assertWhole();
  });

  await t.step("one after the other, where copies may not take the whole link", async () => {
    await lose();
    const { wrap, most } = together(1);
    await checkSites(sites, { wrap, settings: { maxConcurrentTables: 3, maxBytesPerSecond: 100_000_000 } });
    assert.equal(most(), 1);
    await assertWhole();
  });

  await t.step("what fails in one table is its own", async () => {
    await lose();
    const wrap = (ports: CheckPorts) => {
      const repair = ports.here.repair.bind(ports.here);
      ports.here.repair = async (one, ...all) => {
        if (one.pair.name === TABLES[1]) await primary.query(`TRUNCATE TABLE ${TABLES[1]} SYNC`);
        return await repair(one, ...all);
      };
      return ports;
    };
    const report = await checkSites(sites, { wrap, settings: { maxConcurrentTables: 3 } });
    const failed = findingsOf(report).filter(({ repaired }) => !repaired).map(({ table }) => table);
    assert.deepEqual(failed, [TABLES[1]]);
    await load(primary, TABLES[1]!, DAY, 700);
    await checkSites(sites);
    await assertWhole();
  });

  await t.step("none is begun once this site is not the passive one any more", async () => {
    await lose();
    let begun = 0;
    const report = await checkSites(sites, {
      settings: { maxConcurrentTables: 3 },
      active: () => begun === 0 ? "primary" : "dr",
      observer: { repairing: () => void begun++ },
    });
    // Those that asked before the first one began may go on.
    assert.ok(begun >= 1 && begun <= 3, String(begun));
    const repaired = findingsOf(report).filter(({ repaired }) => repaired).length;
    assert.ok(repaired <= begun, JSON.stringify(reasonsOf(report)));
    await assertNothingLeft(sites);
  });
});
