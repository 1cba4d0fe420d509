/** What comparing the partitions of a table needs to know. */
import type { BothPartitions } from "../../model/partition.ts";
import type { RowScope } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

export type ReadPorts = Pick<CheckPorts, "here" | "there">;

/** What the batches of a table have in common. */
export interface ComparisonContext {
  readonly ports: ReadPorts;
  readonly pair: TablePair;
  readonly partitions: BothPartitions;
  readonly scope: RowScope;
  /** Partitions whose rows are only counted as long as the counts agree. */
  readonly byCounts: ReadonlySet<string>;
  /** Whether what is missing of a partition need not be looked for: the staged rows prove it, or disprove it. */
  readonly mayPresume: (partitionId: string) => boolean;
  /** For partitions of which the hashes of missing rows are kept. */
  readonly hashes: HashBudget;
}

/** Hashes that a check keeps until they are used, at most: 8 bytes each. */
const KEPT = 1_000_000;

/** How many hashes of missing rows a check may keep. */
export class HashBudget {
  #left = KEPT;

  take(hashes: number): boolean {
    if (this.#left < hashes) return false;
    this.#left -= hashes;
    return true;
  }
}
