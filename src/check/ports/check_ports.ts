/** What a check needs from the outside world. Edges implement these; `run` and tests put them together. */
import type { ProvenStretch, RememberedPartitions, RememberedTable, Stretch } from "../../model/memory.ts";
import type { ActiveSite } from "../../model/site.ts";
import type { ReadableSite } from "./readable_site.ts";
import type { Observer, Step } from "./observer.ts";
import type { WritableSite } from "./writable_site.ts";

export interface RoleSource {
  resolve(): Promise<{ active: ActiveSite; unexpected: readonly string[]; problem: string | null }>;
}

/** What earlier checks remember of the tables, and where this one adds to it. */
export interface TableMemory {
  table(name: string): RememberedTable | null;
  /** Partitions with ids after `after` and up to `upTo`; null: all that follow. */
  partitions(name: string, after: string, upTo: string | null): Promise<RememberedPartitions>;
  /** Those of which every partition is proven, in the order of ids; none: it does not add them up. */
  stretches(name: string): readonly ProvenStretch[];
  /** The next check should remember these of the table, in the order of ids with what is kept. */
  remember(name: string, partitions: RememberedPartitions): Promise<void>;
  /** The next check should remember these as they are. */
  keep(name: string, stretch: Stretch): void;
}

export interface CheckPorts {
  readonly role: RoleSource;
  readonly here: WritableSite;
  readonly there: ReadableSite;
  readonly observer: Observer;
  readonly memory: TableMemory;
  /** Why repairs wait (the file `pause`, `BLACKOUT`), in words; null: they do not. Asked before each repair. */
  readonly repairsWait: () => Promise<string | null>;
  readonly signal: AbortSignal;
  /** Absent: steps are just run. */
  readonly step?: Step;
}
