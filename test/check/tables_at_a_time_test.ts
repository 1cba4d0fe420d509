import assert from "node:assert/strict";
import { roomForMore, workersFor } from "../../src/check/plan/tables_at_a_time.ts";
import type { CheckPorts } from "../../src/check/ports/check_ports.ts";
import type { ServerLoad } from "../../src/model/site.ts";
import { checkSites } from "../support/sites/check_sites.ts";
import { until } from "../support/program/endings.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const none = () => 0;

Deno.test("workersFor() goes by the smaller server and the distance, unless it was told", () => {
  const of = (here: number, there: number, pingMs = 1) => ({
    here: { cores: here },
    there: { cores: there },
    pingMs,
  });
  assert.equal(workersFor(null, of(8, 4)), 4);
  assert.equal(workersFor(null, of(1, 64)), 2);
  assert.equal(workersFor(null, of(64, 64)), 16);
  assert.equal(workersFor(1, of(64, 64)), 1);
  assert.equal(workersFor(null, of(2, 2, 200)), 8);
  assert.equal(workersFor(null, of(12, 12, 200)), 12);
  assert.equal(workersFor(1, of(2, 2, 200)), 1);
});

Deno.test("roomForMore() sees what two real servers have to do", async () => {
  await using sites = await startTwoSites();
  let ports: CheckPorts | undefined;
  await checkSites(sites, { wrap: (made) => ports = made, dryRun: true, active: () => "dr" });
  const facts = { here: { cores: 1 }, there: { cores: 1 } };
  assert.equal(await roomForMore(ports!, facts, none)(), true);
  const load = await ports!.there.load();
  assert.ok(load!.statements >= 1 && load!.delayedInserts === 0);
  // For a minute, unless they are killed.
  const long = "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1";
  const busy = Array.from({ length: 6 }, () => sites.primary.query(long).catch(() => "killed"));
  await until("six statements", async () => (await ports!.there.load())!.statements >= 6);
  assert.equal(await roomForMore(ports!, facts, none)(), false);
  assert.equal(await roomForMore(ports!, { ...facts, there: { cores: 8 } }, none)(), true);
  assert.equal(await roomForMore(ports!, facts, () => 20)(), true, "ch-sync's own make no server busy");
  await sites.primary.query("KILL QUERY WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%KILL%' SYNC");
  assert.deepEqual(new Set(await Promise.all(busy)), new Set(["killed"]));
});

Deno.test("roomForMore() gives way to inserts that are held up, and asks again only after a while", async () => {
  let asked = 0;
  const site = (load: ServerLoad | null) =>
    ({
      load: () => {
        asked++;
        return Promise.resolve(load);
      },
    }) as unknown as CheckPorts["here"];
  const facts = { here: { cores: 4 }, there: { cores: 4 } };
  const room = (here: ServerLoad | null, there: ServerLoad | null) =>
    roomForMore({ here: site(here), there: site(there) }, facts, none);
  const idle = { statements: 1, delayedInserts: 0 };
  assert.equal(await room(idle, { statements: 1, delayedInserts: 1 })(), false);
  const unknown = room(null, null);
  asked = 0;
  assert.deepEqual([await unknown(), await unknown()], [true, true]);
  assert.equal(asked, 2);
});
