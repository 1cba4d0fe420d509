/** What an operator told ch-sync: to repair nothing for now. */
export interface Pause {
  /** When it was told, ISO 8601 UTC; null: it is not known. */
  readonly since: string | null;
  /** When repairs go on by themselves, ISO 8601 UTC; null: not before somebody says so. */
  readonly until: string | null;
  /** In the operator's words; null: none were given. */
  readonly reason: string | null;
}
