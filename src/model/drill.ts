/** What a drill did, step by step. */

export interface DrillStep {
  readonly name: string;
  readonly seconds: number;
  /** What came of it, or what went wrong. */
  readonly detail: string;
  readonly passed: boolean;
  /** What to do; null: nothing, or nothing that is known beforehand. */
  readonly remedy: string | null;
}
