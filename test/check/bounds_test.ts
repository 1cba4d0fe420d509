/** No more than its share: of the network, of the disk, of the day. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { content, everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("MAX_BYTES_PER_SECOND throttles a copy, and the copy is whole", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  // Random bytes, which no compression makes fewer: 2 million a table.
  const table = (name: string) =>
    `CREATE TABLE d.${name} (ts DateTime('UTC'), noise String) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts`;
  await onBoth(sites, "CREATE DATABASE d", table("slow"), table("fast"));
  for (const name of ["slow", "fast"]) {
    await primary.query(
      `INSERT INTO d.${name} SELECT toDateTime('2026-01-01', 'UTC') + number, randomString(1000) FROM numbers(2000)`,
    );
  }
  const took = async (table: string, maxBytesPerSecond: number | null) => {
    const began = performance.now();
    const report = await checkSites(sites, { settings: { maxBytesPerSecond }, only: [table] });
    assert.deepEqual(reasonsOf(report), { [`${table} 202601`]: "missing, repaired" });
    assert.equal(await content(dr, table), await content(primary, table));
    return (performance.now() - began) / 1000;
  };
  await took("d.fast", null);
  const slow = await took("d.slow", 500_000);
  // 4 s by arithmetic, less what ClickHouse lets through at once before it begins to throttle.
  assert.ok(slow > 2, `2 MB at 500 kB a second took ${slow} s`);
});

Deno.test("a copy that does not fit the disks of its table is refused with figures, and nothing is copied", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-disks-" });
  // A disk keeps so much free that nothing is left of it; the server itself would refuse at the first byte.
  const storage_configuration = {
    disks: {
      full: { path: `${directory}/full/`, keep_free_space_bytes: 2 ** 50 },
      roomy: { path: `${directory}/roomy/` },
    },
    policies: {
      full: { volumes: { only: { disk: "full" } } },
      both: { volumes: { first: { disk: "full" }, then: { disk: "roomy" } } },
    },
  };
  await using sites = await startTwoSites({
    leastPrivilege: { databases: ["d"] },
    dr: { config: { storage_configuration } },
  });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  for (const [name, policy] of [["cramped", "full"], ["spilling", "both"], ["roomy", "default"]] as const) {
    await primary.query(telemetryTable(`d.${name}`));
    await dr.query(`${telemetryTable(`d.${name}`)} SETTINGS storage_policy = '${policy}'`);
    await load(primary, `d.${name}`, "2026-01-01", 1000);
  }
  const before = await everything(dr);

  await t.step("the one that does not fit", async () => {
    const report = await checkSites(sites, { only: ["d.cramped"] });
    const [found] = findingsOf(report);
    assert.equal(found?.reason, "failed");
    assert.match(
      found!.detail,
      /the copy needs about \d+\.\d KiB, and 0 B are free on the disks of d\.cramped: free space/,
    );
    assert.equal(await everything(dr), before);
  });

  await t.step("the plan says so beforehand", async () => {
    const [found] = findingsOf(await checkSites(sites, { only: ["d.cramped"], dryRun: true }));
    assert.equal(found?.reason, "missing");
    assert.match(found!.detail, /0 B are free on the disks of d\.cramped/);
  });

  await t.step("the others are repaired, also where only the second disk has room", async () => {
    const reasons = reasonsOf(await checkSites(sites));
    assert.equal(reasons["d.spilling 20260101"], "missing, repaired");
    assert.equal(reasons["d.roomy 20260101"], "missing, repaired");
    assert.equal(await content(dr, "d.spilling"), await content(primary, "d.spilling"));
  });
  await Deno.remove(directory, { recursive: true });
});

Deno.test("while repairs wait, tables are compared and nothing is copied", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const day of ["2026-01-01", "2026-01-02"]) await load(sites.primary, "d.t", day, 100);
  // The window begins while the first partition is repaired.
  let repaired = 0;
  const report = await checkSites(sites, {
    wrap: (ports) => ({
      ...ports,
      repairsWait: () => Promise.resolve(repaired === 0 ? null : "repairs wait until 06:00 (BLACKOUT)"),
    }),
    observer: { repaired: () => void repaired++ },
  });
  assert.deepEqual(reasonsOf(report), { "d.t 20260101": "missing, repaired", "d.t 20260102": "missing" });
  assert.match(findingsOf(report)[1]!.detail, /repairs wait until 06:00 \(BLACKOUT\)/);
  assert.equal(await sites.dr.query("SELECT count() FROM d.t"), "100\n");
});
