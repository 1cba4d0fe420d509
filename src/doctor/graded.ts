/** Shorthands for examinations. */
import { SiteError } from "../clickhouse/http/errors.ts";
import type { Examination } from "../model/examination.ts";
import { errorText } from "../text/error_text.ts";

export function ok(subject: string, detail: string): Examination {
  return { grade: "ok", subject, detail, remedy: null };
}

export function warning(subject: string, detail: string, remedy: string): Examination {
  return { grade: "warning", subject, detail, remedy };
}

export function failed(subject: string, detail: string, remedy: string | null = null): Examination {
  return { grade: "failed", subject, detail, remedy };
}

/** What to do stands on a line of its own, where that is known. */
export function failedBy(subject: string, error: unknown): Examination {
  const siteError = error instanceof Error && error.cause instanceof SiteError ? error.cause : error;
  const remedy = siteError instanceof SiteError ? siteError.remedy : null;
  const detail = errorText(error);
  return failed(subject, remedy === null ? detail : detail.replace(`; ${remedy}`, ""), remedy);
}

/** @param because what failed before it */
export function skipped(subject: string, because: string): Examination {
  return { grade: "skipped", subject, detail: `not examined: ${because}`, remedy: null };
}
