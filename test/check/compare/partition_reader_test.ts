/** Pages of partitions, as two real sites hold them. */
import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { PartitionReader } from "../../../src/check/compare/partition_reader.ts";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { table } from "../../support/data/tables.ts";

Deno.test("every partition of either site is on one page, in order, whatever the size of the pages", async () => {
  await using sites = await startTwoSites();
  const names = ["d.a", "d.b", "d.c"];
  await onBoth(
    sites,
    "CREATE DATABASE d",
    ...names.map((name) =>
      `CREATE TABLE ${name} (p UInt32, v UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY v`
    ),
  );
  const fill = (name: string, where: string) =>
    `INSERT INTO ${name} SELECT number, 1 FROM numbers(40) WHERE ${where} SETTINGS max_partitions_per_insert_block = 0`;
  await sites.primary.query(fill("d.a", "number % 3"));
  await sites.dr.query(fill("d.a", "number % 2 OR number > 35"));
  await onBoth(sites, fill("d.b", "number < 4"), fill("d.c", "number < 2"));
  let ports: CheckPorts | undefined;
  await checkSites(sites, { wrap: (made) => ports = made, dryRun: true, active: () => "dr" });
  let statements = 0;
  const { here, there } = ports!;
  const counted = here.partitions.bind(here);
  here.partitions = (...args) => {
    statements++;
    return counted(...args);
  };
  const summaries = { here: await here.summaries(), there: await there.summaries() };
  const pairs = names.map((name) => pairTables(name, table(name), table(name)));
  const expected = new Map<string, { here: string[]; there: string[] }>();
  for (const name of names) {
    const ids = (partitions: Awaited<ReturnType<typeof here.partitionsOf>>) => [...partitions.keys()].sort();
    expected.set(name, {
      here: ids(await here.partitionsOf(table(name))),
      there: ids(await there.partitionsOf(table(name))),
    });
  }
  for (const [size, most] of [[1, 60], [3, 20], [7, 10], [40, 2], [1000, 1]] as const) {
    const reader = new PartitionReader({ here, there, memory: ports!.memory }, pairs, summaries, size);
    statements = 0;
    for (const pair of pairs) {
      const [idsHere, idsThere]: [string[], string[]] = [[], []];
      for await (const page of reader.pages(pair)) {
        assert.ok(page.here.size <= size && page.there.size <= size);
        idsHere.push(...[...page.here.keys()].sort());
        idsThere.push(...[...page.there.keys()].sort());
      }
      assert.deepEqual(
        { here: idsHere, there: idsThere },
        expected.get(pair.name),
        `${pair.name} by ${size}`,
      );
    }
    assert.ok(statements <= most, `${statements} statements for pages of ${size}`);
  }
});
