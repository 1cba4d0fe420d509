import assert from "node:assert/strict";
import type { CheckReport } from "../../src/model/report.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { detectEvents } from "../../src/verdict/detect_events.ts";
import { holdingsOf } from "../../src/verdict/holdings.ts";
import { nextState, whileRowsAreMissing } from "../../src/verdict/next_state.ts";
import { found, report } from "../support/data/tables.ts";

const POLICY = { role: "dr", failbackCleanChecks: 2, checkIntervalSeconds: 300 } as const;
const ONE_IS_ENOUGH = { ...POLICY, failbackCleanChecks: 1 } as const;
const AS_BEFORE = {
  active_site: "primary",
  config_digest: "settings",
  last_check: new Date(0).toISOString(),
} as const;
const HOUR = 3_600_000;
const NOW = new Date(0);

/** Kinds of the events of each check of a history; one check every so many milliseconds. */
function kinds(history: readonly CheckReport[], every = 0): string[][] {
  let state: State = FRESH_STATE;
  return history.map((checked, index) => {
    const now = new Date(index * every);
    const next = nextState(state, checked, POLICY, "settings", now);
    const events = detectEvents(state, next, checked, POLICY, now).map(({ kind }) => kind);
    state = next;
    return events;
  });
}

Deno.test("detectEvents() tells of a gap once, and of its repair", () => {
  const gap = report([{ findings: [found({ missing: 5n })] }]);
  const repaired = report([{ findings: [found({ missing: 5n, repaired: true })] }]);
  assert.deepEqual(kinds([gap, gap, repaired]), [["gap_detected"], [], ["sync_complete"]]);
});

Deno.test("detectEvents() tells of readiness once, and when it is lost", () => {
  const clean = report([{}]);
  const down = report([], { outcome: "site_unreachable", unreachable: ["remote"], error: "no answer" });
  assert.deepEqual(kinds([clean, clean, clean, down, down, clean]), [
    [],
    ["failback_ready"],
    [],
    ["site_unreachable", "failback_not_ready"],
    [],
    ["site_back"],
  ]);
});

Deno.test("detectEvents() tells that READY is lost with a check that undid it and never ended, and not where it stands", () => {
  const ready: State = { ...FRESH_STATE, ...AS_BEFORE, consecutive_clean: 2, failback_ready: true };
  const left = whileRowsAreMissing({ ...ready, ready_until: "1970-01-01T00:05:00.000Z" }, NOW, []);
  const kindsAfter = (checked: CheckReport, policy: typeof POLICY | typeof ONE_IS_ENOUGH = POLICY) => {
    const next = nextState(left, checked, policy, "settings", NOW);
    return { next, kinds: detectEvents(left, next, checked, policy, NOW).map(({ kind }) => kind) };
  };
  const { next, kinds } = kindsAfter(report([{}]));
  assert.deepEqual(kinds, ["failback_not_ready"]);
  assert.equal(next.consecutive_clean, 1);
  assert.equal(next.ready_undone, null);
  assert.deepEqual(kindsAfter(report([{}]), ONE_IS_ENOUGH).kinds, []);
  // A check of some tables knows nothing of the others.
  const some = kindsAfter(report([{}], { limited: true }));
  assert.deepEqual([some.next.ready_undone, some.next.failback_ready], [left.ready_undone, false]);
  assert.deepEqual(some.kinds, []);
});

Deno.test("detectEvents() says what this site holds where the active one is lost, and only there", () => {
  const holds = holdingsOf(report([{ through: 1000 }], { settledBefore: 1000 }))!;
  const known: State = { ...FRESH_STATE, active_site: "primary", holds };
  const lost = (site: "local" | "remote", active: "primary" | "dr" = "primary") => {
    const outcome = active === "dr" ? "standby" : "site_unreachable";
    const checked = report([], { outcome, active, unreachable: [site] });
    const next = nextState(known, checked, POLICY, "", NOW);
    assert.deepEqual(next.holds, holds);
    return detectEvents(known, next, checked, POLICY, NOW)[0];
  };
  assert.deepEqual(lost("remote"), { kind: "site_unreachable", site: "remote", holds });
  assert.deepEqual(lost("local"), { kind: "site_unreachable", site: "local" });
  assert.deepEqual(lost("remote", "dr"), { kind: "site_unreachable", site: "remote" });
});

Deno.test("detectEvents() tells of new tables and refusals once each", () => {
  const fresh = report([{ findings: [found({ reason: "new", partitionId: null })] }]);
  const refused = report([{ findings: [found({ reason: "independent", missing: 3n })] }]);
  assert.deepEqual(kinds([fresh, fresh, refused, refused]), [
    ["new_tables"],
    [],
    ["gap_detected", "refused"],
    [],
  ]);
});

Deno.test("detectEvents() reminds of bad news once a day, and of nothing at the active site", () => {
  const gap = report([{ findings: [found({ reason: "independent", missing: 5n })] }]);
  const standby = report([], { outcome: "standby", active: "dr" });
  const reminders = (history: readonly CheckReport[]) =>
    kinds(history, 6 * HOUR).flatMap((events, index) => events.includes("still_not_ready") ? [index] : []);
  assert.deepEqual(reminders(Array(13).fill(gap)), [4, 8, 12]);
  assert.deepEqual(reminders([gap, gap, standby, gap, gap, gap, gap, gap]), [7]);
  // FAILBACK READY starts the day afresh: what comes after it was told of at once.
  const clean = report([{}]);
  assert.deepEqual(reminders([clean, clean, gap, gap, gap, gap, gap]), [6]);
});

Deno.test("detectEvents() says in a reminder why, the weightiest reason first", () => {
  const gap = report([{
    table: "d.a",
    findings: [found({ table: "d.a", reason: "independent", missing: 5n })],
  }]);
  const now = new Date(30 * HOUR);
  const before = nextState(FRESH_STATE, gap, POLICY, "settings", new Date(0));
  const next = nextState(before, gap, POLICY, "settings", now);
  const [reminder] = detectEvents(before, next, gap, POLICY, now);
  assert.deepEqual(reminder, {
    kind: "still_not_ready",
    because: ["independent (rows differ at both sites): d.a"],
    reasons: ["independent"],
  });
});

Deno.test("detectEvents() names at most ten tables in a reminder, and no reason that does no harm", () => {
  const table = (reason: "failed" | "new" | "independent" | "hot", index: number) => {
    const name = `d.${reason}${index}`;
    return { table: name, findings: [found({ table: name, reason, missing: 1n })] };
  };
  const tables = (["failed", "new", "independent", "hot"] as const).flatMap((reason) =>
    Array.from({ length: 7 }, (_, index) => table(reason, index))
  );
  const now = new Date(30 * HOUR);
  const before = nextState(FRESH_STATE, report(tables), POLICY, "settings", new Date(0));
  const next = nextState(before, report(tables), POLICY, "settings", now);
  const [reminder] = detectEvents(before, next, report(tables), POLICY, now);
  assert.ok(reminder?.kind === "still_not_ready");
  const text = reminder.because.join("\n");
  assert.equal(text.match(/d\.\w+\d/g)?.length, 10);
  assert.match(
    text,
    /failed .*: d\.failed0.* and 2 more\nnew .*: d\.new0.* and 2 more\nindependent .*: 7 tables/,
  );
  assert.deepEqual(reminder.reasons.toSorted(), ["failed", "independent", "new"]);
});

Deno.test("detectEvents() takes a check of some tables, or one that was stopped, for no reason to remind", () => {
  const gap = report([{ findings: [found({ reason: "independent", missing: 5n })] }]);
  for (const fields of [{ limited: true }, { outcome: "aborted" }] as const) {
    const none = report([{ findings: [found({ reason: "independent", missing: 5n })] }], fields);
    assert.ok(!kinds([gap, ...Array(9).fill(none)], 6 * HOUR).flat().includes("still_not_ready"));
  }
});

Deno.test("detectEvents() says which tables were repaired, each once", () => {
  const repaired = ["1", "2"].map((partitionId) => found({ partitionId, missing: 5n, repaired: true }));
  const checked = report([{ findings: repaired }]);
  const next = nextState(FRESH_STATE, checked, POLICY, "settings", new Date(0));
  const complete = detectEvents(FRESH_STATE, next, checked, POLICY, new Date(0)).find(({ kind }) =>
    kind === "sync_complete"
  );
  assert.deepEqual(complete, { kind: "sync_complete", partitions: 2, rows: 10n, tables: ["d.t"] });
});
