/** What the checks of one day came to, as the status page draws it. */

/** How a check that looked at everything ended: nothing to do; rows repaired, and nothing left; something left; no end. */
export type RunKind = "clean" | "repaired" | "left_open" | "not_completed" | "standby";

export interface RunDay {
  /** `2026-02-28`, in UTC. */
  readonly day: string;
  /** Checks of everything; those that were shut down do not count. */
  readonly checks: Readonly<Record<RunKind, number>>;
  /** Rows that all checks of the day repaired, limited ones included. */
  readonly rowsRepaired: number;
}
