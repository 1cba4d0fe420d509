/** What a night comes to, in figures. */
import type { SiteName } from "../../src/model/site.ts";
import type { Running } from "../support/program/ch_sync.ts";
import type { FeedFigures } from "./feed_ledger.ts";
import type { Installations } from "./reckoning.ts";
import { SITES, type SoakSite, type SoakSites } from "./site.ts";

export interface SoakFigures {
  readonly minutes: number;
  /** What each site is, by version. */
  readonly engines: Readonly<Record<SiteName, string>>;
  /** Of all tables, as they were meant to be at each site, those of real collectors included. */
  readonly rows: number;
  readonly rowsWithGaps: number;
  readonly troubles: Readonly<Record<string, number>>;
  readonly repairs: { readonly partitions: number; readonly rows: number };
  /** Verdicts READY that were held against both sites. */
  readonly readyVerdicts: number;
  /** Checks that did not say READY, by what kept them from it. */
  readonly notReady: Readonly<Record<string, number>>;
  /** What real collectors did; null: there were none. */
  readonly feed: FeedFigures | null;
  readonly settledByHand: number;
  readonly megabytes: Readonly<Record<"start" | "end", number>>;
  /** Batches and events, at a replica of a site. */
  readonly lost: number;
  readonly doubled: number;
  readonly falseReady: number;
  readonly other: number;
  /** Rows lost or doubled, and verdicts that were wrong: none, or the soak has failed. */
  readonly wrong: readonly string[];
}

/** What the servers of each site say that they are, and how many there are. */
export async function versionsOf(sites: SoakSites): Promise<SoakFigures["engines"]> {
  const of = async ({ servers, shards }: SoakSite) => {
    const version = (await servers[0]!.query("SELECT version()")).trim();
    return `${version}, ${shards.length === 1 ? "one server" : `${shards.length} x ${shards[0]!.length}`}`;
  };
  return { primary: await of(sites.primary), dr: await of(sites.dr) };
}

/** What both installations repaired. */
export async function repairs(installations: Installations): Promise<SoakFigures["repairs"]> {
  const states = await Promise.all(SITES.map((name) => installations[name].state()));
  const sum = (key: string) => states.reduce((sum, state) => sum + Number(state?.[key] ?? 0), 0);
  return { partitions: sum("partitions_synced"), rows: sum("rows_synced") };
}

/** Megabytes that the larger one of the daemons holds. */
export function memory(daemons: Readonly<Record<SiteName, Running>>): number {
  return Math.max(...SITES.map((site) => {
    const status = Deno.readTextFileSync(`/proc/${daemons[site].child.pid}/status`);
    return Math.round(Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1] ?? 0) / 1024);
  }));
}
