/** What `--recheck` looks at follows from the state; where that says nothing, it says so and does not claim that all is well. */
import assert from "node:assert/strict";
import { limitToOpen } from "../../src/commands/recheck.ts";
import type { Context } from "../../src/commands/context.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import type { CheckReport } from "../../src/model/report.ts";
import { UsageProblem } from "../../src/model/usage_problem.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { nextState, whileRowsAreMissing } from "../../src/verdict/next_state.ts";
import { EMPTY_TABLE } from "../support/data/remembered.ts";
import { found, report } from "../support/data/tables.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const state: State = {
  ...FRESH_STATE,
  last_check: "2026-01-01T00:00:00.000Z",
  active_site: "primary",
  reasons: {
    "d.part": { partial: 2 },
    "d.whole": { drifted: 1 },
    "d.both": { partial: 1, failed: 1 },
    "d.fine": { surplus: 1 },
  },
};

function context(directory: string, ...only: string[]): Context {
  const within = { from: null, to: null, partitions: [], open: true };
  return {
    within,
    directory,
    settings: { role: "dr" },
    only: only.length > 0 ? new Set(only) : null,
  } as unknown as Context;
}

Deno.test("limitToOpen() tells tables that are open in part from those that are as a whole", async () => {
  const limited = await limitToOpen(context("."), state);
  assert.deepEqual([...limited!.only!], ["d.part", "d.whole", "d.both"]);
  assert.deepEqual([...limited!.within!.openAsWhole!], ["d.whole", "d.both"]);
  assert.equal(await limitToOpen(context("."), { ...state, reasons: {}, consecutive_clean: 1 }), null);
});

Deno.test("limitToOpen() refuses where the last check compared nothing", async () => {
  const refused = (state: State) => assert.rejects(limitToOpen(context("."), state), UsageProblem);
  await refused(FRESH_STATE);
  await refused({ ...state, active_site: "dr", reasons: {} });
});

Deno.test("limitToOpen() refuses where nothing is open, and the last check was not completed", async () => {
  const refused = (state: State) => assert.rejects(limitToOpen(context("."), state), UsageProblem);
  const now = new Date("2026-01-01T00:05:00.000Z");
  const clean: State = { ...state, reasons: {}, consecutive_clean: 1 };
  const POLICY = { failbackCleanChecks: 3, checkIntervalSeconds: 300 };
  await refused(whileRowsAreMissing(clean, now, [])); // killed
  const ended = (fields: Partial<CheckReport>) => nextState(clean, report([{}], fields), POLICY, "d", now);
  await refused(ended({ outcome: "failed", error: "x" }));
  const stopped = report([{ findings: [found({ missing: 5n })] }], { outcome: "aborted" });
  await refused(nextState(clean, stopped, POLICY, "d", now));
  await refused(ended({ outcome: "site_unreachable", error: "x", unreachable: ["remote"] }));
  await refused(ended({ outcome: "role_unknown", active: "unknown", error: "x" }));
  assert.equal(await limitToOpen(context("."), ended({})), null);
});

Deno.test("limitToOpen() refuses a pattern that fits no table, and takes one that is in sync", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  {
    using memory = await MemoryFile.open(path, "d");
    await memory.commit({
      tables: new Map([["d.sync", EMPTY_TABLE]]),
      keep: () => true,
      partitions: new Map(),
    });
  }
  assert.equal(await limitToOpen(context(path, "d.sync"), state), null);
  assert.deepEqual([...(await limitToOpen(context(path, "d.p*", "!d.sync"), state))!.only!], ["d.part"]);
  for (const only of [["d.snyc"], ["d.part", "d.snyc"], ["!d.snyc"]]) {
    await assert.rejects(
      limitToOpen(context(path, ...only), state),
      (error) => error instanceof UsageProblem && /d\.snyc; the nearest is d\.sync/.test(error.message),
    );
  }
});
