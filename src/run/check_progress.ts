/** How far the running check has come. */
import type { Observer } from "../check/ports/observer.ts";
import type { RunningCheck } from "../model/live.ts";

export class CheckProgress {
  #check: RunningCheck | null = null;

  begins(now: Date): void {
    this.#check = { since: now, tables: null, begun: 0, repair: null };
  }

  ends(): void {
    this.#check = null;
  }

  /** Null: no check is running. */
  get check(): RunningCheck | null {
    return this.#check;
  }

  /** Follows the check. */
  readonly observer: Partial<Observer> = {
    tablesFound: (tables) => this.#change({ tables }),
    checkingTable: () => this.#change({ begun: (this.#check?.begun ?? 0) + 1 }),
    repairing: ({ pair, partitionId, missing }, together = []) => {
      const [since, copiedRows, copiedBytes] = [new Date(), 0, 0];
      const beside = together.map(({ partitionId, missing: { rows } }) => ({ partitionId, rows }));
      const rows = beside.reduce((sum, { rows }) => sum + rows, missing.rows);
      this.#change({
        repair: { table: pair.name, partitionId, beside, rows, copiedRows, copiedBytes, since },
      });
    },
    written: (_, copiedRows, copiedBytes) => {
      if (this.#check?.repair) this.#change({ repair: { ...this.#check.repair, copiedRows, copiedBytes } });
    },
    repaired: () => this.#change({ repair: null }),
  };

  #change(changed: Partial<RunningCheck>): void {
    if (this.#check) this.#check = { ...this.#check, ...changed };
  }
}
