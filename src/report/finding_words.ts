/** What was found of a partition or table in words, with the time that the missing rows are of. */
import type { CheckReport, Finding } from "../model/report.ts";
import { spanInWords, spansInWords } from "../text/spans_in_words.ts";

/** @param year that goes without saying; absent: none does */
export function findingWords({ detail, missing, spans }: Finding, year?: number): string {
  const [first] = spans;
  if (!first) return detail;
  // How many rows are missing is said before.
  const all = spans.length === 1 && first.rows === missing;
  return `${detail}; when: ${all ? spanInWords(first, year) : spansInWords(spans, missing, year)}`;
}

/** The year in which a check began: in its report it goes without saying. */
export function yearOf({ startedAt }: Pick<CheckReport, "startedAt">): number {
  return new Date(startedAt).getUTCFullYear();
}
