/** What comparing the partitions of a table needs to know. */
import type { BothPartitions } from "../../model/partition.ts";
import type { RowScope } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { Budget } from "../budget.ts";
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
  readonly hashBudget: Budget;
}
