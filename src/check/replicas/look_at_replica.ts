/** One look at the replica that is read, or may be, and at the queues of its server. */
import type { TableId } from "../../model/table.ts";
import type { Look } from "../../model/replication.ts";
import type { ReadableSite } from "../ports/readable_site.ts";

export interface LookedFor {
  /** Replicated tables. */
  readonly replicated: readonly TableId[];
  /** Whether there are Distributed tables. */
  readonly distributed: boolean;
}

/** A server without such tables is asked nothing. */
export async function lookAtReplica(
  site: Pick<ReadableSite, "replication" | "keeperLogs">,
  { replicated, distributed }: LookedFor,
): Promise<Look> {
  const of = { replicated: replicated.length > 0, distributed };
  if (!of.replicated && !of.distributed) return { facts: null, logs: new Map() };
  // The server does not ask about a table whose session with Keeper has ended, so nothing waits for a Keeper that is gone.
  const logs = of.replicated ? await site.keeperLogs(replicated) : new Map();
  // The queue as it is after the log was asked: what was pulled in between is in the queue now, and was in neither.
  const facts = await site.replication(of);
  return "denied" in facts ? { facts, logs: new Map() } : { facts, logs };
}
