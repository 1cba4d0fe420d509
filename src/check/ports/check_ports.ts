/** What a check needs from the outside world. Edges implement these; `run` and tests put them together. */
import type { RememberedPartitions, RememberedTable } from "../../model/memory.ts";
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
  remember(name: string, partitions: RememberedPartitions): Promise<void>;
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
