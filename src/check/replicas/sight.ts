/** What one look sees of one table, and what a later look is held against. */
import type {
  BrokenPart,
  KeeperLog,
  OpenMutation,
  QueueEntry,
  Replica,
  ReplicationFacts,
} from "../../model/replication.ts";

/** What was seen of one table. */
export interface Sight {
  /** Null: the table is not among those that the user may see. */
  readonly replica: Replica | null;
  readonly entries: readonly QueueEntry[];
  readonly broken: readonly BrokenPart[];
  readonly mutations: readonly OpenMutation[];
  /** Null: Keeper says nothing of the table. */
  readonly log: KeeperLog | null;
}

export function sightOf(table: string, facts: ReplicationFacts, log: Sight["log"]): Sight {
  return {
    replica: facts.replicas.get(table) ?? null,
    entries: facts.entries.get(table) ?? [],
    broken: facts.broken.get(table) ?? [],
    mutations: facts.mutations.get(table) ?? [],
    log,
  };
}

/** Whether its queue held all of the log that there was. */
export function hasPulled({ log }: Sight): boolean {
  return log !== null && log.error === "" && log.next > log.last;
}

/**
 * What a later look is held against. What the replica had not pulled at the first one need not have been in its queue: once it has
 * pulled it, the queue is that of this look.
 */
export function heldAgainst(first: Sight, now: Sight): Sight {
  const [before, { log }] = [first.log, now];
  if (hasPulled(first) || log === null || log.error !== "") return first;
  if (before === null || before.error !== "") return now;
  return log.next <= before.last ? first : { ...now, log: { ...before, next: log.next } };
}
