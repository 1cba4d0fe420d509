import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { Run } from "../../src/model/run.ts";
import type { RunDay } from "../../src/model/run_day.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { makeRun } from "../../src/report/make_run.ts";
import { addRun, lastDays } from "../../src/report/run_days.ts";
import { arbitraryReport } from "../support/data/arbitrary_report.ts";
import { report } from "../support/data/tables.ts";

const run = (fields: Partial<Run>): Run => ({ ...makeRun(report([{}]), FRESH_STATE, 1), ...fields });
const daysOf = (...runs: Partial<Run>[]) => runs.map(run).reduce(addRun, new Map<string, RunDay>());
const at = (day: string) => ({ started_at: `${day}T10:00:00.000Z` });

Deno.test("addRun() tells days, and what their checks came to", () => {
  const days = daysOf(
    { ...at("2026-02-27"), clean: true },
    { ...at("2026-02-28"), clean: true, partitions_repaired: 2, rows_repaired: 50 },
    { ...at("2026-02-28"), clean: false, partitions_repaired: 1, rows_repaired: 7 },
    { ...at("2026-02-28"), outcome: "site_unreachable" },
    { ...at("2026-02-28"), outcome: "standby" },
  );
  const none = { clean: 0, repaired: 0, left_open: 0, not_completed: 0, standby: 0 };
  assert.deepEqual([...days.values()], [
    { day: "2026-02-27", checks: { ...none, clean: 1 }, rowsRepaired: 0 },
    {
      day: "2026-02-28",
      checks: { ...none, repaired: 1, left_open: 1, not_completed: 1, standby: 1 },
      rowsRepaired: 57,
    },
  ]);
});

Deno.test("addRun() takes no check for one of everything that was limited, or shut down; what they repaired counts", () => {
  const days = daysOf({ limited: true, clean: true, rows_repaired: 3 }, {
    outcome: "aborted",
    rows_repaired: 4,
  });
  const [day] = [...days.values()];
  assert.equal(day!.rowsRepaired, 7);
  assert.ok(Object.values(day!.checks).every((checks) => checks === 0));
});

Deno.test("no run is lost or counted twice, and none is clean that was not", () => {
  fc.assert(fc.property(fc.array(arbitraryReport, { maxLength: 20 }), (reports) => {
    const runs = reports.map((report) => makeRun(report, FRESH_STATE, 1));
    const days = [...runs.reduce(addRun, new Map<string, RunDay>()).values()];
    const sum = (of: (day: RunDay) => number) => days.reduce((total, day) => total + of(day), 0);
    const whole = runs.filter(({ limited, outcome }) => !limited && outcome !== "aborted");
    assert.equal(sum(({ checks }) => Object.values(checks).reduce((a, b) => a + b)), whole.length);
    assert.equal(
      sum(({ checks }) => checks.clean + checks.repaired),
      whole.filter(({ clean }) => clean).length,
    );
  }));
});

Deno.test("lastDays() are in order, and end today", () => {
  const shown = lastDays(daysOf({ ...at("2026-02-28"), clean: true }), new Date("2026-03-01T00:00:01Z"), 3);
  assert.deepEqual(shown.map(({ day, of }) => [day, of !== null]), [
    ["2026-02-27", false],
    ["2026-02-28", true],
    ["2026-03-01", false],
  ]);
});
