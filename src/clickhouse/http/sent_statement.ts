/** What is told of a statement once it has been answered, or has failed. */

export interface SentStatement {
  readonly site: "local" | "remote";
  readonly queryId: string;
  /** As it was sent, secrets and all. */
  readonly sql: string;
  readonly outcome: "ok" | "failed";
  /** From when it was sent until all of its answer was here. */
  readonly milliseconds: number;
  /** Rows that it answered, or wrote; null: it failed, or did neither. */
  readonly rows: number | null;
  /** Why it failed, without secrets; null: it did not. */
  readonly problem: string | null;
  /** It only looks after another one: how far that has come, whether the server is there, or its end. */
  readonly aside: boolean;
}

/** How a statement ended; what is left out is null. */
export type StatementEnd = Pick<SentStatement, "outcome"> & Partial<Pick<SentStatement, "rows" | "problem">>;

/** Starts the clock of a statement. What it returns tells how the statement ended, and how long it took. */
export function startClock(
  statement: Pick<SentStatement, "site" | "sql" | "queryId" | "aside">,
  tell: (statement: SentStatement) => void = () => {},
): (end: StatementEnd) => void {
  const since = performance.now();
  return (end) =>
    tell({ ...statement, milliseconds: performance.now() - since, rows: null, problem: null, ...end });
}
