/** The text of a run in the memory, which another version of ch-sync may have written. */
import type { NumberedRun, Run } from "../model/run.ts";

/** @param redact takes secrets out */
export function formatRun(run: Run, redact: (text: string) => string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(redact(JSON.stringify(run)));
}

const TEXTS = ["started_at", "active_site", "outcome"] as const satisfies readonly (keyof Run)[];
const NUMBERS = [
  "seconds",
  "tables",
  "partitions",
  "partitions_proven_before",
  "partitions_counted_only",
  "rows_compared",
  "partitions_repaired",
  "rows_repaired",
  "rows_missing",
  "consecutive_clean",
  "findings_left_out",
] as const satisfies readonly (keyof Run)[];
const TEXTS_OR_NULL = ["error", "scope", "holds_through"] as const satisfies readonly (keyof Run)[];

/** Null: it is none. */
export function parseRun(run: number, content: Uint8Array): NumberedRun | null {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    const isText = (one: unknown) => typeof one === "string";
    const sound = TEXTS.every((name) => isText(value[name])) &&
      NUMBERS.every((name) => Number.isFinite(value[name])) &&
      TEXTS_OR_NULL.every((name) => value[name] === null || isText(value[name])) &&
      ["boolean", "undefined"].includes(typeof value.limited) &&
      !Number.isNaN(Date.parse(value.started_at)) && Array.isArray(value.findings) &&
      value.findings.every(isFinding);
    // What was kept before this was told apart counts as limited where anything was asked for.
    return sound ? { run, ...value, limited: value.limited ?? value.scope !== null } : null;
  } catch {
    return null;
  }
}

function isFinding(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { table, partition, reason, cause, detail, rows_missing, rows_surplus } = value as Record<
    string,
    unknown
  >;
  return [table, partition ?? "", reason, cause, detail].every((one) => typeof one === "string") &&
    Number.isFinite(rows_missing) && Number.isFinite(rows_surplus);
}
