/** Shorthands for examinations. */
import type { Examination } from "../model/examination.ts";

export function ok(subject: string, detail: string): Examination {
  return { grade: "ok", subject, detail, remedy: null };
}

export function warning(subject: string, detail: string, remedy: string): Examination {
  return { grade: "warning", subject, detail, remedy };
}

export function failed(subject: string, detail: string, remedy: string | null = null): Examination {
  return { grade: "failed", subject, detail, remedy };
}

/** @param because what failed before it */
export function skipped(subject: string, because: string): Examination {
  return { grade: "skipped", subject, detail: `not examined: ${because}`, remedy: null };
}
