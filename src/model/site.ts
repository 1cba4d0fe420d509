/** The two sites, and which of them the failover record names. */

export const SITES = ["primary", "dr"] as const;

/** One of the two ClickHouse sites that receive the same telemetry. */
export type SiteName = typeof SITES[number];

/** The site that the failover record names; `unknown` when it names none, both, or does not answer. */
export type ActiveSite = SiteName | "unknown";

/** What a server says about itself. */
export interface ServerFacts {
  /** Unix seconds. */
  readonly now: number;
  /** Days since 1970 in the server's zone, of the moment `settleSeconds` ago. */
  readonly settledBeforeDay: number;
  readonly timezone: string;
  readonly version: string;
  /** Threads that a statement of ch-sync's user may have. */
  readonly cores: number;
  /** Two servers have the same identity only if they are one server, where the run does not tell. */
  readonly identity: string;
  /** Who answered, each time it was asked: a name that a server has from its start to its end, and no other has. */
  readonly runs: readonly string[];
  /** Of each shard, where these are the facts of several. */
  readonly shards?: readonly ServerFacts[];
}

/** Of a server that an address should lead to, and of the one that is asked. */
export interface RunsAsked {
  readonly remote: string;
  readonly local: string;
}

/** Where the address by which this site's server reads the other one leads to. */
export type LeadsTo = "remote" | "local" | "neither";

/** The site that is not `site`. */
export function otherSite(site: SiteName): SiteName {
  return site === "primary" ? "dr" : "primary";
}

/** How far away the other site is. */
export interface Distance {
  /** Milliseconds that its `/ping` took when the check began. */
  readonly pingMs: number;
}

/** A site whose `/ping` takes so many milliseconds is far away: most of the time ch-sync waits for its answers. */
const FAR_MS = 50;

export function isFar({ pingMs }: Distance): boolean {
  return pingMs >= FAR_MS;
}

/** How busy a server is. */
export interface ServerLoad {
  /** Statements that are running, whoever sent them. */
  readonly statements: number;
  /** Inserts that are delayed because merges cannot keep up with new parts. */
  readonly delayedInserts: number;
}
