/** Rows are replaced only once the roles have been the same for several checks. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { CheckOutcome } from "../../src/model/report.ts";
import type { ActiveSite } from "../../src/model/site.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { nextState } from "../../src/verdict/next_state.ts";
import { awaitSteadyRole, STEADY_CHECKS, steadyRole } from "../../src/verdict/steady_role.ts";
import { report } from "../support/data/tables.ts";

interface Seen {
  readonly active: ActiveSite;
  readonly outcome: CheckOutcome;
  readonly limited?: boolean;
}

const PASSIVE: Seen = { active: "primary", outcome: "completed" };
const POLICY = { failbackCleanChecks: 3, checkIntervalSeconds: 300 };

function after(seen: readonly Seen[], digest: (at: number) => string = () => "same"): State {
  return seen.reduce<State>(
    (state, one, at) => nextState(state, { ...report([]), ...one }, POLICY, digest(at), new Date(at * 1000)),
    FRESH_STATE,
  );
}

const AUTO = { activeSite: "unknown" } as const;
const mayReplace = (state: State, digest = "same", active: ActiveSite = "primary") =>
  awaitSteadyRole(AUTO, steadyRole(state, digest), active) === null;

Deno.test("a fresh state does not let rows be replaced; so many checks with the same roles do", () => {
  assert.equal(mayReplace(FRESH_STATE, ""), false);
  assert.equal(mayReplace(after(Array(STEADY_CHECKS - 1).fill(PASSIVE))), false);
  assert.equal(mayReplace(after(Array(STEADY_CHECKS).fill(PASSIVE))), true);
});

Deno.test("it says how far it is, and ACTIVE_SITE decides alone", () => {
  const state = after([PASSIVE, PASSIVE]);
  assert.match(
    awaitSteadyRole(AUTO, steadyRole(state, "same"), "primary")!,
    /\(2 so far\).*ACTIVE_SITE=primary/,
  );
  assert.equal(awaitSteadyRole({ activeSite: "primary" }, steadyRole(FRESH_STATE, ""), "primary"), null);
});

Deno.test("any other answer about the roles begins the count again, also in a check of some tables", () => {
  const steady = Array<Seen>(STEADY_CHECKS + 3).fill(PASSIVE);
  for (
    const other of [
      { active: "dr", outcome: "standby" },
      { active: "unknown", outcome: "role_unknown" },
      { active: "dr", outcome: "standby", limited: true },
      { active: "unknown", outcome: "role_unknown", limited: true },
      { active: "dr", outcome: "aborted" },
    ] as const
  ) {
    assert.equal(mayReplace(after([...steady, other])), false, JSON.stringify(other));
    assert.equal(mayReplace(after([...steady, other, PASSIVE])), false, JSON.stringify(other));
  }
});

Deno.test("checks that were not completed, or looked at some tables only, do not count and do not harm", () => {
  for (
    const other of [
      { active: "primary", outcome: "site_unreachable" },
      { active: "primary", outcome: "failed" },
      { active: "primary", outcome: "completed", limited: true },
    ] as const
  ) {
    const before = Array<Seen>(STEADY_CHECKS - 1).fill(PASSIVE);
    assert.equal(mayReplace(after([...before, other, other])), false);
    assert.equal(mayReplace(after([...before, other, PASSIVE])), true);
  }
});

Deno.test("with other sites or another role, earlier checks say nothing", () => {
  const steady = after(Array(STEADY_CHECKS).fill(PASSIVE));
  assert.equal(mayReplace(steady, "other"), false);
  assert.equal(mayReplace(steady, "same", "dr"), false);
  assert.equal(mayReplace(after(Array(STEADY_CHECKS).fill(PASSIVE), (at) => at < 2 ? "old" : "same")), false);
});

Deno.test("two sites that flip never replace, however long they do", () => {
  const flips = fc.array(
    fc.tuple(fc.integer({ min: 1, max: STEADY_CHECKS - 1 }), fc.integer({ min: 1, max: 3 })),
  );
  fc.assert(fc.property(flips, (spans) => {
    const seen = spans.flatMap(([passive, active]) => [
      ...Array<Seen>(passive).fill(PASSIVE),
      ...Array<Seen>(active).fill({ active: "dr", outcome: "standby" }),
    ]);
    for (let end = 0; end <= seen.length; end++) assert.equal(mayReplace(after(seen.slice(0, end))), false);
  }));
});
