/** Checks that may no longer repair once they have copied rows: nothing of it comes into the table. */
import assert from "node:assert/strict";
import type { CheckReport } from "../../../src/model/report.ts";
import type { FaultPoints } from "../links/fault_points.ts";
import { type CheckSitesOptions, findingsOf } from "./check_sites.ts";

/** What forbids to repair, and what is told then of each partition. */
const STOPS = { role: /active site is dr now/, pause: /repairs are paused$/ } as const;

/**
 * Has one check for each stop, which holds from the answer to the first statement of this kind on, and asserts that nothing
 * was repaired and why.
 *
 * @param check runs it through `points`, with these options
 */
export async function assertStopped(
  points: FaultPoints,
  kind: (sql: string) => boolean,
  check: (options: Pick<CheckSitesOptions, "active" | "wrap">) => Promise<CheckReport>,
): Promise<void> {
  for (const stop of ["role", "pause"] as const) {
    let stopped = false;
    points.after = ({ sql }) => void (stopped ||= kind(sql));
    const report = await check({
      active: () => stopped && stop === "role" ? "dr" : "primary",
      wrap: (ports) => ({
        ...ports,
        repairsWait: () => Promise.resolve(stopped && stop === "pause" ? "repairs are paused" : null),
      }),
    });
    points.after = () => "answer";
    assert.ok(stopped, "no such statement came");
    const findings = findingsOf(report);
    assert.ok(findings.length > 0);
    for (const { reason, repaired, detail } of findings) {
      assert.deepEqual([repaired, reason === "failed"], [false, stop === "role"], detail);
      assert.match(detail, STOPS[stop]);
    }
  }
}
