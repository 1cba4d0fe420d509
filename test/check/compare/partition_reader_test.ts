/** Pages of partitions, as two real sites hold them. */
import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { PartitionReader } from "../../../src/check/compare/partition_reader.ts";
import type { ProvenStretch } from "../../../src/model/memory.ts";
import { provenSum } from "../../../src/model/proven_sum.ts";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { rememberedPartition } from "../../support/data/remembered.ts";
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

Deno.test("only stretches are left out of which both sites hold the parts that they were proven with", async () => {
  await using sites = await startTwoSites();
  const name = "d.a";
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE ${name} (p UInt32, v UInt8, w UInt8) ENGINE = MergeTree PARTITION BY p % 100 ORDER BY v ` +
      "SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1",
    `INSERT INTO ${name} SELECT number, 1, 1 FROM numbers(60) SETTINGS max_partitions_per_insert_block = 0`,
  );
  let ports: CheckPorts | undefined;
  await checkSites(sites, { wrap: (made) => ports = made, dryRun: true, active: () => "dr" });
  const { here, there, memory } = ports!;
  const summaries = { here: await here.summaries(), there: await there.summaries() };
  const pair = pairTables(name, table(name), table(name));
  const list = async () => ({
    here: await here.partitionsOf(table(name)),
    there: await there.partitionsOf(table(name)),
  });
  /** As they are now: of so many partitions each, with some between them that are not proven. */
  const proven = async (size: number, between: number): Promise<ProvenStretch[]> => {
    const { here, there } = await list();
    const ids = [...new Set([...here.keys(), ...there.keys()])].sort();
    const found: ProvenStretch[] = [];
    for (let from = 0; from + size <= ids.length; from += size + between) {
      const own = ids.slice(from, from + size);
      const sum = provenSum(own.map((id) =>
        [id, {
          ...rememberedPartition(1n, 5),
          proof: {
            here: here.get(id)?.fingerprint ?? "",
            active: there.get(id)?.fingerprint ?? "",
            written: 1n,
            city: 1n,
            reason: null,
            surplus: 0n,
          },
        }] as const
      ))!;
      found.push({ after: ids[from - 1] ?? "", upTo: own.at(-1)!, ...sum });
    }
    return found;
  };
  const changes: readonly [what: string, change: () => Promise<unknown>][] = [
    ["nothing", () => Promise.resolve()],
    ["a part that came here", () => sites.dr.query(`INSERT INTO ${name} VALUES (7, 2, 2)`)],
    ["one that came to the active site", () => sites.primary.query(`INSERT INTO ${name} VALUES (30, 2, 2)`)],
    [
      "partitions before, between and behind",
      () => sites.dr.query(`INSERT INTO ${name} VALUES (60, 2, 2), (99, 2, 2)`),
    ],
    [
      "one that went at the active site",
      () => sites.primary.query(`ALTER TABLE ${name} DROP PARTITION ID '41' SETTINGS mutations_sync = 2`),
    ],
    [
      "a lightweight update, whose part lies elsewhere",
      () => sites.dr.query(`UPDATE ${name} SET w = 9 WHERE p = 12 SETTINGS enable_lightweight_update = 1`),
    ],
  ];
  for (const [what, change] of changes) {
    for (const [size, between, page] of [[10, 0, 50], [7, 2, 3], [1, 1, 4], [60, 0, 20]] as const) {
      const known = await proven(size, between);
      const was = await list();
      if (size === 10) await change();
      const now = await list();
      const changed = (id: string) =>
        was.here.get(id)?.fingerprint !== now.here.get(id)?.fingerprint ||
        was.there.get(id)?.fingerprint !== now.there.get(id)?.fingerprint;
      const all = [...new Set([...now.here.keys(), ...now.there.keys(), ...was.there.keys()])].sort();
      const reader = new PartitionReader({ here, there, memory }, [pair], summaries, page);
      const seen = { here: [] as string[], there: [] as string[], left: [] as string[] };
      for await (const read of reader.pagesBeside(pair, known)) {
        if ("proven" in read) {
          const { after, upTo } = read.proven;
          seen.left.push(...all.filter((id) => id > after && id <= upTo));
        } else {
          seen.here.push(...[...read.here.keys()].sort());
          seen.there.push(...[...read.there.keys()].sort());
        }
      }
      const where = `${what}, stretches of ${size}`;
      assert.equal(seen.left.some(changed), false, where);
      const untouched = known.filter(({ after, upTo }) =>
        !all.some((id) => id > after && id <= upTo && changed(id))
      );
      assert.deepEqual(
        seen.left,
        untouched.flatMap(({ after, upTo }) => all.filter((id) => id > after && id <= upTo)),
        where,
      );
      for (const side of ["here", "there"] as const) {
        const listed = [...now[side].keys()].filter((id) => !seen.left.includes(id)).sort();
        assert.deepEqual(seen[side], listed, `${where}, ${side}`);
      }
    }
  }
});
