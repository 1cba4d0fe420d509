import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { type Reason, REASONS } from "../../src/model/reason.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { couldTurnReady, nextState, whileRowsAreMissing } from "../../src/verdict/next_state.ts";
import { exitCode, isClean, provedSomething } from "../../src/verdict/clean.ts";
import { found, report } from "../support/data/tables.ts";

const NOW = new Date("2026-01-01T00:05:00.000Z");
const POLICY = { failbackCleanChecks: 3, checkIntervalSeconds: 300 };
const after = (state: State, checked: ReturnType<typeof report>, digest = "settings") =>
  nextState(state, checked, POLICY, digest, NOW);

Deno.test("REASONS says what is repaired, and what leaves a check clean", () => {
  const clean = ["missing", "partial", "surplus", "hot", "expiring", "unmerged", "derived"];
  assert.deepEqual(
    Object.keys(REASONS).filter((reason) => REASONS[reason as Reason].clean).sort(),
    clean.sort(),
  );
  const repaired = Object.keys(REASONS).filter((reason) => REASONS[reason as Reason].remedy === "repaired");
  assert.deepEqual(repaired, ["missing", "partial"]);
});

Deno.test("isClean() takes a repaired partition for clean and an unrepaired one not", () => {
  assert.equal(isClean(report([{ findings: [found({ reason: "partial", repaired: true })] }])), true);
  assert.equal(isClean(report([{ findings: [found({ reason: "partial" })] }])), false);
});

Deno.test("provedSomething() wants a whole check that was completed and compared something, whatever it found", () => {
  assert.equal(provedSomething(report([{}])), true);
  assert.equal(
    provedSomething(report([{ findings: [found({ reason: "independent", missing: 1n })] }])),
    true,
  );
  assert.equal(provedSomething(report([])), false);
  assert.equal(
    provedSomething(report([{ partitions: 0, findings: [found({ reason: "filtered" })] }])),
    false,
  );
  assert.equal(provedSomething(report([{ findings: [found({ reason: "failed" })] }])), false);
  // Tables that are all derived, new, or refused as they are: no row of any was compared.
  const uncompared: Reason[] = ["derived", "new", "drifted", "unsupported", "shrunk", "views"];
  for (const reason of uncompared) {
    assert.equal(provedSomething(report([{ partitions: 0, findings: [found({ reason })] }])), false, reason);
  }
  assert.equal(provedSomething(report([{}, { findings: [found({ reason: "failed" })] }])), false);
  for (const outcome of ["standby", "role_unknown", "site_unreachable", "failed", "aborted"] as const) {
    assert.equal(provedSomething(report([{}], { outcome })), false, outcome);
  }
  assert.equal(provedSomething(report([{}], { limited: true })), false);
  assert.equal(provedSomething(report([{}], { dryRun: true })), false);
});

Deno.test("isClean() wants at least one table that was compared", () => {
  assert.equal(isClean(report([])), false);
  assert.equal(isClean(report([{ partitions: 0, findings: [found({ reason: "derived" })] }])), false);
  assert.equal(isClean(report([{ partitions: 0 }])), true);
});

Deno.test("exitCode() is 0, 1 or 3 by what the check was and found", () => {
  const one = (reason: Reason, repaired = false) =>
    exitCode(report([{ findings: [found({ reason, repaired })] }]));
  assert.equal(exitCode(report([{}])), 0);
  assert.equal(exitCode(report([], { outcome: "standby" })), 0);
  assert.equal(exitCode(report([], { outcome: "role_unknown" })), 1);
  assert.equal(exitCode(report([], { outcome: "site_unreachable" })), 1);
  assert.equal(one("failed"), 1);
  assert.equal(one("missing", true), 0);
  assert.equal(one("surplus"), 0);
  assert.equal(one("hot"), 0);
  for (const reason of ["missing", "partial", "new", "drifted", "independent", "aggregated"] as const) {
    assert.equal(one(reason), 3, reason);
  }
});

Deno.test("nextState() says ready after three clean checks in a row and not before", () => {
  let state: State = FRESH_STATE;
  const ready: boolean[] = [];
  for (let check = 0; check < 4; check++) ready.push((state = after(state, report([{}]))).failback_ready);
  assert.deepEqual(ready, [false, false, true, true]);
  assert.equal(state.ready_until, "2026-01-01T00:15:00.000Z");
});

Deno.test("nextState() is never ready because of counts, but counts may let it stand", () => {
  const began = new Date("2026-01-01T00:10:00.000Z");
  const counted = report([{ counted: 1 }], { startedAt: began.toISOString() });
  let state = after(after(FRESH_STATE, counted), counted);
  state = after(state, counted);
  assert.deepEqual([state.consecutive_clean, state.failback_ready], [3, false]);
  assert.equal(couldTurnReady(state, POLICY, began), true);
  state = after(state, report([{}]));
  assert.equal(state.failback_ready, true);
  assert.equal(couldTurnReady(state, POLICY, began), false);
  assert.equal(after(state, counted).failback_ready, true);
  assert.equal(after(state, counted, "other settings").failback_ready, false);
});

Deno.test("nextState() is not ready because of counts once READY has expired, as nobody checked for a while", () => {
  let state: State = FRESH_STATE;
  for (let check = 0; check < 3; check++) state = after(state, report([{}]));
  assert.deepEqual([state.failback_ready, state.ready_until], [true, "2026-01-01T00:15:00.000Z"]);
  // A clock that was set back tells as little.
  for (const began of ["2026-01-01T00:15:01.000Z", "2026-01-09T00:00:00.000Z", "2026-01-01T00:01:00.000Z"]) {
    assert.equal(couldTurnReady(state, POLICY, new Date(began)), true, began);
    const after = (counted: number) =>
      nextState(state, report([{ counted }], { startedAt: began }), POLICY, "settings", new Date(began));
    assert.deepEqual([after(1).failback_ready, after(0).failback_ready], [false, true], began);
  }
});

Deno.test("couldTurnReady() tells the check that must digest whatever has changed", () => {
  const one = after(FRESH_STATE, report([{}]));
  assert.deepEqual(
    [FRESH_STATE, one, after(one, report([{}]))].map((state) => couldTurnReady(state, POLICY, NOW)),
    [
      false,
      false,
      true,
    ],
  );
});

Deno.test("nextState() starts the streak afresh when the role or the settings change", () => {
  const two = after(after(FRESH_STATE, report([{}])), report([{}]));
  assert.equal(two.consecutive_clean, 2);
  assert.equal(after(two, report([{}]), "other settings").consecutive_clean, 1);
  assert.equal(after({ ...two, active_site: "dr" }, report([{}])).consecutive_clean, 1);
  const standby = after(two, report([], { active: "dr", outcome: "standby" }));
  assert.deepEqual([standby.consecutive_clean, standby.failback_ready], [0, false]);
});

Deno.test("nextState() of a limited check leaves the verdict alone", () => {
  const two = after(after(FRESH_STATE, report([{}])), report([{}]));
  const bad = after(two, report([{ findings: [found({})] }], { limited: true }));
  const good = after(two, report([{}], { limited: true }));
  for (const state of [bad, good]) {
    assert.deepEqual([state.consecutive_clean, state.failback_ready], [2, false]);
  }
});

Deno.test("nextState() of a check that was stopped undoes READY where rows were found missing, and nothing else", () => {
  let ready = FRESH_STATE;
  for (let checks = 0; checks < 3; checks++) ready = after(ready, report([{}]));
  assert.equal(ready.failback_ready, true);
  const stopped = (...findings: Parameters<typeof found>[0][]) =>
    after(ready, report([{ findings: findings.map(found) }], { outcome: "aborted" }));
  for (
    const harmless of [
      stopped(),
      stopped({ missing: 5n, repaired: true }),
      stopped({ reason: "failed", missing: 0n }),
    ]
  ) {
    assert.deepEqual([harmless.consecutive_clean, harmless.failback_ready], [3, true]);
  }
  for (const open of [stopped({ missing: 5n }), stopped({ reason: "failed", missing: 5n })]) {
    assert.deepEqual(
      [open.consecutive_clean, open.failback_ready, open.ready_until, open.verified_through],
      [0, false, null, null],
    );
  }
});

Deno.test("nextState() of a check that found rows missing, and was not completed, claims none of their tables", () => {
  const before = after(
    FRESH_STATE,
    report([{ table: "d.t", through: 5000 }, { table: "d.u", through: 5000 }], { settledBefore: 5000 }),
  );
  assert.deepEqual([before.verified_through, before.holds?.unknown], ["1970-01-01T01:23:20.000Z", []]);
  const tables = [{ table: "d.t", findings: [found({ reason: "failed", missing: 8n })] }, { table: "d.u" }];
  for (const outcome of ["failed", "aborted"] as const) {
    const { verified_through, holds } = after(before, report(tables, { outcome, error: "x" }));
    assert.equal(verified_through, null);
    assert.deepEqual(holds, { ...before.holds, unknown: [{ table: "d.t", why: "8 rows missing" }] });
    // Of one that found nothing, and of one that does not tell.
    const harmless = after(before, report([{}], { outcome, error: "x" }));
    assert.deepEqual([harmless.verified_through, harmless.holds], [before.verified_through, before.holds]);
    const untold = nextState(before, report([], { outcome, error: "x" }), POLICY, "settings", NOW, true);
    assert.deepEqual([untold.verified_through, untold.holds], [null, null]);
  }
  const killed = whileRowsAreMissing(before, NOW, report(tables).tables);
  assert.deepEqual(killed.holds?.unknown, [{ table: "d.t", why: "8 rows missing" }]);
});

Deno.test("nextState() of a check that was stopped with an error leaves READY undone, if it had found rows missing", () => {
  let ready = FRESH_STATE;
  for (let checks = 0; checks < 3; checks++) ready = after(ready, report([{}]));
  const broken = report([], { outcome: "aborted" });
  const stopped = (undone: boolean) => nextState(ready, broken, POLICY, "settings", NOW, undone);
  assert.deepEqual([stopped(false).failback_ready, stopped(true).failback_ready], [true, false]);
  assert.deepEqual([stopped(true).consecutive_clean, stopped(true).ready_undone], [0, null]);
});

Deno.test("nextState() adds up what was repaired", () => {
  const findings = [found({ repaired: true, missing: 5n }), found({ partitionId: "b", missing: 7n })];
  const state = after({ ...FRESH_STATE, rows_synced: 10, partitions_synced: 1 }, report([{ findings }]));
  assert.deepEqual([state.rows_synced, state.partitions_synced], [15, 2]);
  assert.equal(state.last_sync, NOW.toISOString());
  assert.deepEqual([state.tables_with_gaps, state.consecutive_clean], [1, 0]);
});

Deno.test("no history of checks is ready unless its last three were clean", () => {
  const check = fc.record({
    reason: fc.constantFrom(...Object.keys(REASONS) as Reason[], null),
    repaired: fc.boolean(),
    outcome: fc.constantFrom(
      "completed",
      "completed",
      "standby",
      "role_unknown",
      "failed",
      "site_unreachable",
    ),
    digest: fc.constantFrom("a", "a", "a", "b"),
  });
  fc.assert(fc.property(fc.array(check, { maxLength: 12 }), (history) => {
    let [state, streak, digest]: [State, number, string] = [FRESH_STATE, 0, ""];
    for (const { reason, repaired, outcome, digest: settings } of history) {
      const findings = reason === null ? [] : [found({ reason, repaired })];
      const checked = report([{ findings }], {
        outcome: outcome as "completed",
        active: outcome === "standby" ? "dr" : "primary",
      });
      state = after(state, checked, settings);
      if (!isClean(checked)) streak = 0;
      else streak = settings === digest ? streak + 1 : 1;
      digest = settings;
      assert.equal(state.failback_ready, streak >= 3);
      assert.equal(state.consecutive_clean, streak);
      assert.equal(state.ready_until !== null, state.failback_ready);
    }
  }));
});

Deno.test("nextState() of a check that was stopped counts what was repaired and changes nothing else", () => {
  const two = after(after(FRESH_STATE, report([{}])), report([{}]));
  const findings = [found({ repaired: true, missing: 5n }), found({ reason: "failed", detail: "stopping" })];
  const stopped = after(two, report([{ findings }], { outcome: "aborted" }));
  assert.deepEqual(stopped, { ...two, rows_synced: 5, partitions_synced: 1, last_sync: NOW.toISOString() });
});
