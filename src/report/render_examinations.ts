/** What the doctor found, as text and for programs. */
import type { Examination, Grade } from "../model/examination.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { type Paint, PLAIN, type Style } from "../text/paint.ts";
import { counted } from "../text/readable.ts";

const STYLES: Readonly<Record<Grade, Style>> = {
  ok: "good",
  warning: "wait",
  failed: "bad",
  skipped: "soft",
};

/** Lines for stdout, without a final newline; the summary comes last, where a terminal shows it. */
export function renderExaminations(examinations: readonly Examination[], paint: Paint = PLAIN): string {
  const lines = examinations.flatMap(({ grade, subject, detail, remedy }) => [
    `${paint(STYLES[grade], grade.padEnd(7))}  ${escapeControls(`${subject}: ${detail}`)}`,
    ...(remedy === null ? [] : [`         -> ${escapeControls(remedy)}`]),
  ]);
  return [...lines, "", paint("strong", summary(examinations))].join("\n");
}

function summary(examinations: readonly Examination[]): string {
  const count = (grade: Grade) => examinations.filter((one) => one.grade === grade).length;
  const counts = (["ok", "warning", "failed", "skipped"] as const).filter((grade) => count(grade) > 0)
    .map((grade) => grade === "warning" ? counted(count(grade), grade) : `${count(grade)} ${grade}`).join(
      ", ",
    );
  if (count("failed") > 0) return `${counts}: ch-sync cannot work until what failed is fixed`;
  return `${counts}: ch-sync can work`;
}

/** The same for `--json`. */
export function examinationsJson(examinations: readonly Examination[]): Record<string, unknown> {
  return { healthy: !examinations.some(({ grade }) => grade === "failed"), examinations };
}
