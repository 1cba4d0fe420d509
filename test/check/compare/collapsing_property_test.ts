/** Generated histories of collapsing tables, held against the sums of the signs. */
import assert from "node:assert/strict";
import { fc, SEED } from "../../support/seed.ts";
import { REASONS } from "../../../src/model/reason.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { CASES, history, live, makeTable, raw } from "../../support/data/merging_histories.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

for (
  const [number, engine] of ["CollapsingMergeTree(sign)", "VersionedCollapsingMergeTree(sign, v)"].entries()
) {
  Deno.test(`${engine}: generated histories end with equal sums of signs, or are refused and left alone`, async () => {
    await using sites = await startTwoSites();
    const { primary, dr } = sites;
    await onBoth(sites, "CREATE DATABASE d");
    const seed = SEED + number; // other histories for each engine
    const histories = fc.sample(history, { seed, numRuns: CASES });
    const tables = await Promise.all(histories.map(async (batches, index) => {
      const table = `d.t${index}`;
      await makeTable(sites, table, engine);
      await Promise.all([live(table, dr, batches, "here"), live(table, primary, batches, "there")]);
      return table;
    }));
    // Of equal rows without a version, one of each sign is all that a merge may leave.
    const net = engine.startsWith("Versioned") ? "sum(sign)" : "sign(sum(sign))";
    const nets = (site: Site, table: string) =>
      site.query(
        `SELECT key, v, a, b, toInt64(${net}) AS net FROM ${table} GROUP BY key, v, a, b HAVING net != 0 ORDER BY key, v, a, b`,
      );
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const before = await Promise.all(tables.map((table) => raw(dr, table)));
    const report = await checkSites(sites, { settings: { settleSeconds: 1 } });
    const outcomes = new Set<string>();
    for (const [index, table] of tables.entries()) {
      const say = `seed ${seed}, ${table}: ${JSON.stringify(histories[index])}`;
      const [found] = report.tables.find((report) => report.table === table)!.findings;
      outcomes.add(found ? `${found.reason} ${found.repaired}` : "in sync");
      const empty = await primary.query(`SELECT count() FROM ${table}`) === "0\n";
      if (found && !REASONS[found.reason].clean) {
        assert.equal(found.reason, "unsupported", say);
        assert.equal(await raw(dr, table), before[index], say);
      } else if (!empty) assert.equal(await nets(dr, table), await nets(primary, table), say);
    }
    const second = await checkSites(sites, { settings: { settleSeconds: 1 } });
    for (const { table, findings } of second.tables) {
      assert.ok(!findings.some(({ repair }) => repair), `seed ${seed}: ${table} is repaired again`);
    }
    assert.ok(outcomes.size > 2, [...outcomes].join());
  });
}
