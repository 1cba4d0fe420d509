/** What a drill did, step by step. */

export interface DrillStep {
  readonly name: string;
  readonly seconds: number;
  /** What came of it; what went wrong, and what to do. */
  readonly detail: string;
  readonly passed: boolean;
}
