/** Columns that have the name of their table, or of its database, on real sites of one server and of several shards. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startShardedSites } from "../../support/sites/sharded_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

/** The columns besides `status` and `shop`, the engine, values, and whether it is compared over several shards. */
const CASES: Readonly<Record<string, readonly [string, string, string, boolean]>> = {
  plain: ["v UInt64", "MergeTree", "number", true],
  replacing: ["v UInt64", "ReplacingMergeTree(v)", "number", true],
  collapsing: ["s Int8", "CollapsingMergeTree(s)", "1", true],
  aggregating: ["v SimpleAggregateFunction(max, UInt64)", "AggregatingMergeTree", "number", false],
  coalescing: ["v Nullable(UInt64)", "CoalescingMergeTree", "number", false],
};

Deno.test("a column may be called as its table, or as its database", async (t) => {
  await using sites = await startShardedSites(2, () => ({}), [1, 1]);
  const { shards, drs, first } = sites;
  await sites.everywhere("CREATE DATABASE shop");
  for (const [name, [columns, engine, values, overShards]] of Object.entries(CASES)) {
    for (const used of overShards ? [[0], [0, 1]] : [[0]]) {
      await t.step(`${name}, ${used.length} shards`, async () => {
        await sites.everywhere("DROP TABLE IF EXISTS shop.status SYNC");
        await sites.everywhere(
          `CREATE TABLE shop.status (status UInt64, shop UInt64, ${columns}) ENGINE = ${engine} ORDER BY (status, shop)`,
        );
        const insert = (site: Site, where: string) =>
          site.query(
            `INSERT INTO shop.status SELECT number, number % 7, ${values} FROM numbers(1000) WHERE ${where}`,
          );
        for (const at of used) {
          const own = `number % ${used.length} = ${at}`;
          await insert(shards[at]!, own);
          await insert(drs[at]!, `${own} AND number % 10 != 3`);
        }
        // Rows that are here, only fewer times.
        if (name === "plain") await insert(shards[0]!, `number < 20 AND number % ${used.length} = 0`);
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const settings = {
          ...sites.settingsOfBoth(used, used),
          settleSeconds: 0,
          ...used.length === 1 ? { excludePatterns: ["system.*", "cluster.dr"] } : {},
        };
        const report = await checkSites(first, { settings });
        assert.ok(isClean(report), findingsOf(report).map(({ detail }) => detail).join("\n").slice(0, 400));
      });
    }
  }
});
