/** What a drill did, as text and for programs. */
import type { DrillStep } from "../model/drill.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { type Paint, PLAIN } from "../text/paint.ts";

/** A line for stdout, and one more where there is something to do. */
export function renderStep(
  { name, seconds, detail, passed, remedy }: DrillStep,
  paint: Paint = PLAIN,
): string {
  const mark = passed ? paint("good", "ok    ") : paint("bad", "FAILED");
  return [
    `${mark} ${seconds.toFixed(1).padStart(6)} s  ${escapeControls(`${name}: ${detail}`)}`,
    ...(remedy === null ? [] : [`                 -> ${escapeControls(remedy)}`]),
  ].join("\n");
}

/** The last line. */
export function renderDrillVerdict(verdict: DrillVerdict, paint: Paint = PLAIN): string {
  return paint(verdict === "passed" ? "good" : "bad", VERDICTS[verdict]);
}

/** `stopped`: by a signal, before its end. */
export type DrillVerdict = "passed" | "failed" | "stopped";

const VERDICTS: Readonly<Record<DrillVerdict, string>> = {
  passed: "The drill passed: this site can be repaired from the other one",
  failed: "The drill FAILED: fix what is listed above, and repeat the drill before you rely on a failback",
  stopped: "The drill was interrupted, and says nothing about a failback",
};

/** The same for `--json`. */
export function drillJson(verdict: DrillVerdict, steps: readonly DrillStep[]): Record<string, unknown> {
  return { passed: verdict === "passed", verdict, steps };
}
