/** Partitions that the active site does not hold: surplus, unless it held them before. */
import type { RememberedPartition } from "../model/memory.ts";
import type { Finding } from "../model/report.ts";
import type { RowScope } from "../model/scope.ts";
import type { TablePair } from "../model/table.ts";
import { shrunkDetail } from "../reconcile/guard_by_memory.ts";
import { surplusDetail } from "../reconcile/proven.ts";
import { rememberOnlyHere } from "../reconcile/remember.ts";
import { findTimeAxis } from "../reconcile/time_axis.ts";
import type { ExamineContext, KnownTable } from "./examine_context.ts";
import { finding } from "./findings.ts";
import type { PartitionPage } from "./partition_reader.ts";
import type { CheckPorts } from "./ports.ts";

export interface OnlyHere {
  readonly partitionId: string;
  readonly finding: Finding;
  /** Null: nothing that would be known of it at the next check. */
  readonly remembered: RememberedPartition | null;
}

export async function describeOnlyHere(
  ports: Pick<CheckPorts, "here">,
  pair: TablePair,
  { here, active, before }: PartitionPage,
  known: KnownTable,
  { accepted, moment, settings: { settleSeconds } }: ExamineContext,
): Promise<OnlyHere[]> {
  const { name } = pair;
  const partitions = [...here.values()].filter(({ id, rows }) => rows > 0n && !active.get(id)?.rows);
  const heldBefore = (id: string) => known.table ? before.get(id)?.rowsActive ?? 0n : 0n;
  const held = partitions.map(({ id }) => id).filter((id) => heldBefore(id) > 0n);
  // What the TTL took there, and has not taken here yet, is no loss.
  const scope: RowScope = {
    axis: findTimeAxis(pair.here),
    moment,
    quiet: true,
    settleSeconds,
    ttls: pair.deletes,
  };
  const unexpired = held.length === 0 ? new Map() : await ports.here.countRows(pair.here, held, scope);
  return partitions.map((partition) => {
    const { id, rows } = partition;
    const rowsBefore = heldBefore(id);
    const isShrunk = rowsBefore > 0n && (unexpired.get(id) ?? 0n) * 2n >= rowsBefore &&
      !accepted.has(name) && !accepted.has(`${name}:${id}`);
    const found = isShrunk
      ? finding(name, id, "shrunk", shrunkDetail(rowsBefore, 0n))
      : finding(name, id, "surplus", surplusDetail(rows, false));
    return {
      partitionId: id,
      finding: { ...found, rowsHere: rows, surplus: rows },
      remembered: rememberOnlyHere(partition, moment.settledBefore, before.get(id), isShrunk),
    };
  });
}
