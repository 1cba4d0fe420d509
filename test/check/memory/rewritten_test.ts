/** What was written anew at the active site, in as many rows, is no merge: READY must not stand on counts of it. */
import assert from "node:assert/strict";
import { FRESH_STATE, type State } from "../../../src/model/state.ts";
import { nextState } from "../../../src/verdict/next_state.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** What changes rows of d.t at the active site, not their number, and leaves no record in system.mutations. */
const REWRITES: Readonly<Record<string, readonly string[]>> = {
  "a partition that is replaced by a corrected one": [
    "CREATE TABLE d.fixed AS d.t",
    "INSERT INTO d.fixed SELECT ts, id, v + 1 FROM d.t",
    "ALTER TABLE d.t REPLACE PARTITION ID '202601' FROM d.fixed",
    "DROP TABLE d.fixed SYNC",
  ],
  "a part that is dropped, and written again with corrected rows": [
    "ALTER TABLE d.t DROP PART '202601_2_2_0'",
    "INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, number, number + 1 FROM numbers(500, 500)",
  ],
  // Blocks are numbered from what is there, as after a restart of the server.
  "a part that is dropped, and another one that gets its name": [
    "ALTER TABLE d.t DROP PART '202601_2_2_0'",
    "DETACH TABLE d.t",
    "ATTACH TABLE d.t",
    "INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, number, number + 1 FROM numbers(500, 500)",
  ],
  "a mutation that failed half-way and was killed": [
    "ALTER TABLE d.t UPDATE v = v + 1 + throwIf(id >= 500) WHERE 1 SETTINGS mutations_sync = 0",
  ],
};

Deno.test("FAILBACK READY does not stand on counts of what was written anew", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [how, statements] of Object.entries(REWRITES)) {
    await t.step(how, async () => {
      await using memory = await temporaryDirectory();
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        // No merge comes between, and mutations may go on.
        "CREATE TABLE d.t (ts DateTime('UTC'), id UInt64, v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id " +
          "SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1",
        "INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, number, number FROM numbers(500)",
        "INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, number, number FROM numbers(500, 500)",
      );
      const policy = { failbackCleanChecks: 1, checkIntervalSeconds: 300 };
      let state: State = FRESH_STATE;
      /** As a partition of more than 8.3 GB is checked with the default budget: 100G an hour, a check every five minutes. */
      const check = async (deep: boolean) => {
        const report = await checkSites(sites, { memory: memory.path, deep, settings: { verifyBudget: 0 } });
        state = nextState(state, report, policy, "settings", new Date());
      };
      await check(true);
      assert.ok(state.failback_ready);
      const differ = "SELECT count(), sum(v) FROM d.t";
      for (const statement of statements) await primary.query(statement);
      for (let tries = 0; await dr.query(differ) === await primary.query(differ); tries++) {
        assert.ok(tries < 600, "nothing was rewritten");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await primary.query("KILL MUTATION WHERE database = 'd' AND NOT is_done SYNC");
      await check(false);
      // Rows of the active site must not be missing while it says READY.
      assert.ok(!state.failback_ready || await dr.query(differ) === await primary.query(differ));
    });
  }
});
