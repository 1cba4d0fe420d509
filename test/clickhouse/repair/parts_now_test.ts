/** One look at the parts tells what a look at each of these tells. */
import assert from "node:assert/strict";
import { ReadableClickHouse } from "../../../src/clickhouse/readable_site.ts";
import { readPartHashes } from "../../../src/clickhouse/repair/part_hashes.ts";
import { readPartLoad } from "../../../src/clickhouse/repair/part_load.ts";
import { readPartsNow } from "../../../src/clickhouse/repair/parts_now.ts";
import { tableName } from "../../../src/model/table.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

Deno.test("parts, their number, and whether a partition changed, in one look", async () => {
  await using one = await startOneSite();
  const connection = openConnection(one.site);
  const site = new ReadableClickHouse({ connection, url: one.site.url, connectTimeoutMs: 60_000 });
  await connection.command("CREATE DATABASE d");
  await connection.command("CREATE DATABASE staged");
  const numbered =
    "enable_block_number_column = 1, enable_block_offset_column = 1, parts_to_throw_insert = 77";
  await connection.command(
    `CREATE TABLE d.t (p UInt8, a UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY p SETTINGS ${numbered}`,
  );
  const staging = { database: "staged", name: "_chsync_dr_0123abcd01234567_1" };
  await connection.command(
    `CREATE TABLE ${tableName(staging)} (p UInt8, a UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY p`,
  );
  await connection.command("SYSTEM STOP MERGES staged._chsync_dr_0123abcd01234567_1");
  for (
    const [table, p] of [["d.t", 1], ["d.t", 1], ["d.t", 2], [tableName(staging), 1], [tableName(staging), 1]]
  ) {
    await connection.command(`INSERT INTO ${table} SELECT ${p}, rand64(number) FROM numbers(10)`);
  }
  const table = (await site.catalog()).tables.get("d.t")!;
  const known = new Set<string>();

  const assertAlike = async (partitionId: string) => {
    const now = await readPartsNow(connection, table, partitionId, staging);
    const active = <P extends { active: boolean }>(parts: readonly P[]) =>
      parts.filter(({ active }) => active);
    const sorted = (parts: readonly { name: string }[]) => parts.toSorted((a, b) => a.name < b.name ? -1 : 1);
    const listed = (await site.partitionsOf(table)).get(partitionId);
    // How many rows each part holds is told where partitions are listed alone.
    const { partRows, ...alike } = listed ?? {};
    assert.equal(partRows === undefined, listed === undefined);
    assert.deepEqual(now.partition, listed ? alike : null);
    // Parts that were replaced go at a time of the server's own.
    const here = active(await readPartHashes(connection, table.id, partitionId));
    assert.deepEqual(sorted(active(now.here)), sorted(here));
    assert.deepEqual(
      sorted(now.staged),
      sorted(active(await readPartHashes(connection, staging, partitionId))),
    );
    const load = await readPartLoad(connection, table);
    assert.deepEqual(now.load.limits, load.limits);
    assert.equal(now.load.limits.refuse, 77);
    const held = new Map([...now.load.parts].filter(([, parts]) => parts > 0));
    assert.deepEqual(held, new Map([...load.parts]));
    known.add(`${partitionId} ${now.partition?.fingerprint}`);
    return now;
  };
  assert.equal((await assertAlike("1")).staged.length, 2);
  assert.equal((await assertAlike("2")).staged.length, 0);
  assert.equal((await assertAlike("3")).partition, null);

  await connection.command("OPTIMIZE TABLE d.t PARTITION ID '1' FINAL");
  assert.equal((await assertAlike("1")).partition?.rows, 20n);

  await connection.command("DELETE FROM d.t WHERE p = 1 AND a % 2 = 0 SETTINGS mutations_sync = 2");
  assert.equal((await assertAlike("1")).partition?.hasLightweightDeletes, true);

  await connection.command("UPDATE d.t SET a = a + 1 WHERE p = 2 SETTINGS enable_lightweight_update = 1");
  await assertAlike("2");

  await connection.command("ALTER TABLE d.t DROP PARTITION ID '1'");
  const dropped = await assertAlike("1");
  assert.equal(dropped.partition, null);
  assert.equal(dropped.load.parts.get("1") ?? 0, 0);
  assert.ok(known.size >= 6, "each change is one of the fingerprint");
  await connection.close();
});
