/** The report of a check that has seen nothing yet. */
import type { CheckScope } from "../model/check_scope.ts";
import { readOf } from "../model/replica_pick.ts";
import type { CheckReport } from "../model/report.ts";
import type { CheckOptions } from "./check_options.ts";

export function beginReport(options: CheckOptions): CheckReport {
  const { settings: { role }, replicas, dryRun, only, within, now } = options;
  const scope = scopeOf(options);
  return {
    startedAt: now.toISOString(),
    role,
    active: "unknown",
    outcome: "completed",
    error: null,
    dryRun,
    limited: only !== null || within !== undefined,
    ...scope ? { scope } : {},
    unreachable: [],
    servers: { local: null, remote: null },
    replicas: {
      local: readOf(replicas.local, now),
      remote: readOf(replicas.remote, now),
      shards: replicas.shards.map((shard) => readOf(shard, now)),
      localShards: replicas.localShards.map((shard) => readOf(shard, now)),
    },
    settledBefore: null,
    tables: [],
    leftOut: [],
    warnings: [],
  };
}

/** What the check is limited to; null: nothing. */
function scopeOf({ only, within, verify = false }: CheckOptions): CheckScope | null {
  if (only === null && !within && !verify) return null;
  const { from = null, to = null, partitions = [], open = false } = within ?? {};
  return { tables: [...only ?? []], from, to, partitions, open, verify };
}
