/** What a site tells of its replicas and queues: whether the one that is read holds what the site holds. */

/** One Replicated table at the replica that is read, as it sees itself without asking Keeper. */
export interface Replica {
  readonly name: string;
  /** In Keeper, with the name of an auxiliary one in front. */
  readonly path: string;
  /** It cannot reach Keeper, so it cannot know what it lacks. */
  readonly cutOff: boolean;
  /** Parts that it suspects to be damaged, and has still to look at. */
  readonly partsToCheck: number;
  /** The last error of pulling the log, however long ago; empty: none. */
  readonly pullError: string;
  /** Unix seconds of the last time that it pulled the log; 0: it never did. */
  readonly pulledAt: number;
}

/** Something that the replica knows of and has not done yet: only what brings or takes data. */
export interface QueueEntry {
  /** Names it among all entries of the table. */
  readonly node: string;
  /** As in `GET_PART`. */
  readonly type: string;
  /** Empty: it is about the whole table. */
  readonly part: string;
  /** Unix seconds. */
  readonly since: number;
  /** Why it has not been done, in the server's words; empty: it has not been tried. */
  readonly why: string;
}

/** A mutation that the replica has not finished. */
export interface OpenMutation {
  readonly id: string;
  /** Unix seconds. */
  readonly since: number;
  readonly partsToDo: number;
  /** In the server's words; empty: nothing failed. */
  readonly why: string;
}

/** A part that was put aside as damaged, and that no part of the table stands for. */
export interface BrokenPart {
  readonly part: string;
  /** Unix seconds. */
  readonly since: number;
}

/** Files in the queue of a Distributed table: rows that the site took, and that are in no table yet. */
export interface DistributedQueue {
  /** The table that they are for, by `tableName`, as the server says that has the queue; null: it does not say. */
  readonly target: string | null;
  readonly files: number;
  /** Those that the server will never try again. */
  readonly broken: number;
  /** Unix seconds of the last failed try; null: none failed. */
  readonly failedAt: number | null;
  /** In the server's words; empty: no try failed. */
  readonly why: string;
}

/** By `tableName`, of all tables that the user may see. */
export interface ReplicationFacts {
  readonly replicas: ReadonlyMap<string, Replica>;
  readonly entries: ReadonlyMap<string, readonly QueueEntry[]>;
  readonly broken: ReadonlyMap<string, readonly BrokenPart[]>;
  readonly mutations: ReadonlyMap<string, readonly OpenMutation[]>;
  readonly queues: ReadonlyMap<string, DistributedQueue>;
}

/** What Keeper says of one Replicated table. */
export interface KeeperLog {
  /** The last entry of the log; 0: it is the first one, or there is none. */
  readonly last: number;
  /** The next entry that the replica will pull. */
  readonly next: number;
  /** Parts that no replica could bring any more, since the table was created. */
  readonly lostParts: number;
  /** Why Keeper could not be asked; empty: it could. */
  readonly error: string;
  /** The names of all replicas. */
  readonly replicas: readonly string[];
  /** Those of them that have a session with this Keeper. */
  readonly active: readonly string[];
}

/** What one look at a replica, and at the queues of its server, saw. */
export interface Look {
  /** Null: there was nothing to ask about. */
  readonly facts: ReplicationFacts | MayNotLook | null;
  readonly logs: ReadonlyMap<string, KeeperLog>;
}

/** Why the user of a site may not look, in words for an operator. */
export interface MayNotLook {
  readonly denied: string;
}
