/** READY does not stand while a check knows of a table that only the active site has. */
import assert from "node:assert/strict";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { StateStore } from "../../src/run/state_store.ts";
import { undoReady } from "../../src/run/undo_ready.ts";
import { onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../support/sites/check_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("READY does not stand while a check knows of a table that only the active site has", async () => {
  await using sites = await startTwoSites();
  await using directory = await temporaryDirectory();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await sites.primary.query(telemetryTable("d.added"));
  await sites.primary.query("INSERT INTO d.added SELECT '2026-01-02 10:00:00', 'new', 1, 1, map()");
  const ready: State = {
    ...FRESH_STATE,
    failback_ready: true,
    consecutive_clean: 3,
    active_site: "primary",
    last_check: new Date().toISOString(),
    ready_until: new Date(Date.now() + 600_000).toISOString(),
  };
  const store = new StateStore(`${directory.path}/state.json`, ready);
  const report = await checkSites(sites, { observer: undoReady(store) });
  assert.deepEqual(reasonsOf(report), { "d.added": "new" });
  // From here on, nothing but the end of the check undoes it: killed before, it would leave READY.
  assert.equal(store.state.failback_ready, false);
});
