/** What the doctor found out about one thing that ch-sync needs. */

/** `skipped`: it depends on something that failed. */
export type Grade = "ok" | "warning" | "failed" | "skipped";

export interface Examination {
  readonly grade: Grade;
  /** What was examined, in a word or two. */
  readonly subject: string;
  /** What was found, in words. */
  readonly detail: string;
  /** What to do; null: nothing. */
  readonly remedy: string | null;
}
