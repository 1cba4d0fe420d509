/** One look at the replica that is read, or may be, and at the queues of its server. */
import { type TableId, tableName } from "../../model/table.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import { doubtAtOnce, type Side } from "./believe.ts";
import type { Look } from "./looked.ts";

export interface LookedFor {
  /** Replicated tables. */
  readonly replicated: readonly TableId[];
  /** Whether there are Distributed tables. */
  readonly distributed: boolean;
  /** Whether Keeper is asked too, which costs more than all the rest. */
  readonly keeper: boolean;
}

/** A server without such tables is asked nothing. */
export async function lookAtReplica(
  site: Pick<ReadableSite, "replication" | "keeperLogs">,
  side: Side,
  { replicated, distributed, keeper }: LookedFor,
): Promise<Look> {
  const of = { replicated: replicated.length > 0, distributed };
  if (!of.replicated && !of.distributed) return { facts: null, logs: new Map() };
  const facts = await site.replication(of);
  if ("denied" in facts) return { facts, logs: new Map() };
  if (!keeper) return { facts, logs: "unasked" };
  // Those that need not be asked about would let the answer wait for a Keeper that is gone.
  const open = replicated.filter((id) =>
    doubtAtOnce({ replica: facts.replicas.get(tableName(id)) ?? null }, side) === null
  );
  if (open.length === 0) return { facts, logs: new Map() };
  const logs = await site.keeperLogs(open);
  // The queue as it is after the log was asked: what was pulled in between is in the queue now, and was in neither.
  return { facts: await site.replication(of), logs };
}
