/** How far the running check has come. */
import type { Observer } from "../check/ports/observer.ts";
import type { RunningCheck, RunningRepair } from "../model/live.ts";
import { type Repair, repairKey } from "../model/repair.ts";

export class CheckProgress {
  #check: RunningCheck | null = null;
  /** Those that run now, by table and partition; that which began first is shown. */
  readonly #repairs = new Map<string, RunningRepair>();

  begins(now: Date): void {
    this.#repairs.clear();
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
      this.#repairs.set(repairKey({ pair, partitionId }), {
        table: pair.name,
        partitionId,
        beside,
        rows,
        copiedRows,
        copiedBytes,
        since,
      });
      this.#show();
    },
    written: (of, copiedRows, copiedBytes) => {
      const repair = this.#repairs.get(repairKey(of));
      if (repair) this.#repairs.set(repairKey(of), { ...repair, copiedRows, copiedBytes });
      this.#show();
    },
    apart: (repair) => this.#ends(repair),
    repaired: (repair) => this.#ends(repair),
  };

  #ends(repair: Pick<Repair, "pair" | "partitionId">): void {
    this.#repairs.delete(repairKey(repair));
    this.#show();
  }

  #show(): void {
    const [repair = null] = this.#repairs.values();
    this.#change({ repair });
  }

  #change(changed: Partial<RunningCheck>): void {
    if (this.#check) this.#check = { ...this.#check, ...changed };
  }
}
