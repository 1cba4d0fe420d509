/** Plans of partitions that the active site does not hold: surplus, unless it held them before. */
import type { PartitionPlan } from "../../model/plan.ts";
import type { RowScope } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import { shrunkDetail } from "../judge/guards/shrunk.ts";
import { surplusDetail } from "../judge/describe_proven.ts";
import { rememberOnlyHere } from "../memory/remember.ts";
import { findTimeAxis } from "../tables/time_axis.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";
import { finding } from "../../model/report.ts";
import type { PartitionPage } from "../compare/partition_reader.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

export async function planOnlyHere(
  ports: Pick<CheckPorts, "here">,
  pair: TablePair,
  { here, there, remembered }: PartitionPage,
  table: TableFacts,
  { moment, settings: { settleSeconds, timeColumns } }: ExamineContext,
): Promise<PartitionPlan[]> {
  const { name } = pair;
  const partitions = [...here.values()].filter(({ id, rows }) => rows > 0n && !there.get(id)?.rows);
  const heldBefore = (id: string) => table.remembered ? remembered.get(id)?.rowsActive ?? 0n : 0n;
  const held = partitions.map(({ id }) => id).filter((id) => heldBefore(id) > 0n);
  // What the TTL removed there, and has not removed here yet, is no loss.
  const scope: RowScope = {
    axis: findTimeAxis(pair.here, timeColumns),
    moment,
    quiet: true,
    settleSeconds,
    ttls: pair.deletes,
  };
  const unexpired = held.length === 0 ? new Map() : await ports.here.countRows(pair.here, held, scope);
  return partitions.map((partition) => {
    const { id, rows } = partition;
    const rowsBefore = heldBefore(id);
    const plan = (reason: "surplus" | "shrunk", detail: string, accepted: boolean): PartitionPlan => ({
      partitionId: id,
      finding: { ...finding(name, id, reason, detail), rowsHere: rows, surplus: rows, accepted },
      repair: null,
      ifAccepted: null,
      remember: rememberOnlyHere(partition, moment.settledBefore, remembered.get(id), reason === "shrunk"),
    });
    const isShrunk = rowsBefore > 0n && (unexpired.get(id) ?? 0n) * 2n >= rowsBefore;
    if (!isShrunk) return plan("surplus", surplusDetail(rows, false), false);
    const ifAccepted = plan("surplus", surplusDetail(rows, false), true);
    return { ...plan("shrunk", shrunkDetail(rowsBefore, 0n), false), ifAccepted };
  });
}
