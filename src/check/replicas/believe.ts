/** Whether the replica that is read holds what its site holds: judged by two looks at it, the first one some time ago. */
import type { Cause } from "../../model/cause.ts";
import type { KeeperLog, Replica } from "../../model/replication.ts";
import { grouped, shorten } from "../../text/readable.ts";
import { hasPulled, type Sight } from "./sight.ts";

export interface Doubt {
  readonly cause: Cause;
  readonly detail: string;
}

const DOUBTS: readonly Cause[] = [
  "replica_behind",
  "replica_cut_off",
  "parts_lost",
  "replica_hidden",
  "rows_queued",
  "queued_here",
  "same_table",
  "no_replicas",
  "over_shards",
  "mutating",
  "no_staging",
];

/** Whether it was found of a table before any of its rows was read. */
export function isDoubt({ cause }: { readonly cause: Cause }): boolean {
  return DOUBTS.includes(cause);
}

/** `active`: what it does not hold yet would seem not to be missing here. `here`: what it does not hold yet would be copied. */
export type Side = "active" | "here";

/** What is known without Keeper, and no second look would change; null: Keeper has to be asked. */
export function doubtAtOnce({ replica }: Pick<Sight, "replica">, side: Side): Doubt | null {
  const site = SITE[side];
  if (replica === null) {
    return {
      cause: "replica_hidden",
      detail:
        `ch-sync's user does not see the table in system.replicas of ${site}, so it cannot tell whether the replica ` +
        "holds all of it: grant SHOW TABLES and SELECT on the table",
    };
  }
  if (!replica.cutOff) return null;
  return {
    cause: "replica_cut_off",
    detail:
      `replica ${replica.name} of ${site} has no session with Keeper (it is read-only)${
        heard(replica)
      }, so it ` +
      "cannot know what it lacks: bring its Keeper back up",
  };
}

/**
 * Why the replica cannot be believed; null: at the second look it held everything that its site held at the first.
 *
 * @param first the same as `second` if there was one look only: then whatever is under way stands against it
 * @param partitionId only what concerns this partition counts; null: the whole table
 */
export function doubt(
  first: Sight,
  second: Sight,
  side: Side,
  partitionId: string | null = null,
): Doubt | null {
  const { replica, log } = second;
  const atOnce = doubtAtOnce(second, side);
  if (atOnce !== null || replica === null) return atOnce;
  const who = `replica ${replica.name} of ${SITE[side]}`;
  if (log === null || log.error !== "") {
    const why = log === null ? "" : `: ${shorten(log.error)}`;
    return {
      cause: "replica_cut_off",
      detail: `${who} cannot ask Keeper what it lacks${heard(replica)}${why}; bring its Keeper back up`,
    };
  }
  return damaged(who, second) ?? lost(log, replica, side) ?? unpulled(who, first.log ?? log, log, replica) ??
    waiting(who, hasPulled(first) ? first : null, second, partitionId) ??
    suspected(who, first, replica) ??
    mutating(who, second);
}

const SITE: Readonly<Record<Side, string>> = { active: "the active site", here: "this site" };

/** Rows that are gone at the replica for good, and perhaps nowhere else. */
function damaged(who: string, { broken }: Sight): Doubt | null {
  const [one] = broken;
  if (!one) return null;
  return {
    cause: "parts_lost",
    detail:
      `${who} has ${
        counted(broken.length, "damaged part")
      } that it has not got from another replica (${one.part}` +
      `${
        one.since === 0 ? "" : `, put aside ${iso(one.since)}`
      }): bring back a replica that holds the rows, or ALTER TABLE … DROP DETACHED PART … ` +
      "SETTINGS allow_drop_detached = 1 once nobody needs them",
  };
}

/** Rows that are gone at all replicas. Here they are missing rows like others, which the active site may still have. */
function lost({ lostParts }: KeeperLog, { path }: Replica, side: Side): Doubt | null {
  if (side === "here" || lostParts === 0) return null;
  return {
    cause: "parts_lost",
    detail:
      `${counted(lostParts, "part")} of the table ${
        lostParts === 1 ? "was" : "were"
      } lost at the active site: ` +
      "no replica holds the rows any more. Compare the sites by hand, copy back what only this site has, then set " +
      `${path}/lost_part_count in its Keeper to 0`,
  };
}

/** Entries of the log that it has not read, so that it does not even know what it lacks. */
function unpulled(who: string, before: KeeperLog, { last, next }: KeeperLog, replica: Replica): Doubt | null {
  const since = replica.pulledAt === 0 ? "it never did" : `it last did ${iso(replica.pulledAt)}`;
  const why = replica.pullError === "" ? "" : `: ${shorten(replica.pullError)}`;
  const detail = (entries: string) =>
    `${who} has not pulled ${entries} of the table's log from Keeper (${since})${why}; SYSTEM SYNC REPLICA brings it up ` +
    "to date, or says what stops it";
  // A log without any entry and one whose first entry was not pulled look alike.
  if (before.last === 0 && next === 0) {
    const stopped = replica.pulledAt === 0 && replica.pullError !== "";
    return last > 0 || stopped ? { cause: "replica_behind", detail: detail("the first entry") } : null;
  }
  if (next > before.last) return null;
  return { cause: "replica_behind", detail: detail(counted(Math.max(1, last - next + 1), "entry")) };
}

/** What it knows that it lacks. @param first null: whatever it knows of now */
function waiting(
  who: string,
  first: Sight | null,
  second: Sight,
  partitionId: string | null,
): Doubt | null {
  const before = new Set((first ?? second).entries.map(({ node }) => node));
  const open = second.entries.filter(({ node, part }) =>
    before.has(node) && (partitionId === null || part === "" || part.startsWith(`${partitionId}_`))
  );
  const [oldest] = open.toSorted((a, b) => a.since - b.since);
  if (!oldest) return null;
  const what = oldest.part === "" ? oldest.type : `${oldest.part} (${oldest.type})`;
  const why = oldest.why === "" ? "" : `: ${shorten(oldest.why)}`;
  return {
    cause: "replica_behind",
    detail: `${who} waits for ${what} since ${iso(oldest.since)}${
      open.length > 1 ? `, and for ${open.length - 1} more` : ""
    }${why}`,
  };
}

/** Rows that it shows and is about to change or delete, although other replicas may have done so. */
function mutating(who: string, { mutations }: Sight): Doubt | null {
  const [one] = mutations;
  if (!one) return null;
  const why = one.why === "" ? "" : `: ${shorten(one.why)}`;
  return {
    cause: "mutating",
    detail: `${who} has not finished ${counted(mutations.length, "mutation")} of the table (${one.id} of ${
      iso(one.since)
    }, ${counted(one.partsToDo, "part")} to do)${why}; the table is compared when that is done`,
  };
}

function suspected(who: string, first: Sight, { partsToCheck }: Replica): Doubt | null {
  if (partsToCheck === 0 || first.replica?.partsToCheck === 0) return null;
  return {
    cause: "parts_lost",
    detail: `${who} suspects ${counted(partsToCheck, "part")} to be damaged, and is still checking`,
  };
}

/** Whether both are replicas of one table in one Keeper, as far as their names say so. */
export function mayBeSameTable(here: Sight, there: Sight): boolean {
  const [a, b] = [here.replica, there.replica];
  return a !== null && b !== null && a.path === b.path && a.name !== b.name &&
    knows(here, b.name) && knows(there, a.name);
}

function knows({ log }: Sight, name: string): boolean {
  return log !== null && log.replicas.includes(name);
}

export function sameTable({ path, name }: Replica, there: Replica): Doubt {
  return {
    cause: "same_table",
    detail:
      `both sites hold replicas of one table (${path} in one Keeper: ${name} here, ${there.name} at the active ` +
      "site), which replicates itself: nothing is copied. Exclude the table; where each site does have a Keeper of its own, " +
      "name replicas in LOCAL_CH_URL and REMOTE_CH_URL that are called alike",
  };
}

export function mayNotLook(denied: string, side: Side): Doubt {
  return {
    cause: "replica_hidden",
    detail: `ch-sync cannot tell whether ${SITE[side]} holds rows that it does not see yet: ${
      shorten(denied)
    }`,
  };
}

/** Since when it may know nothing new. */
function heard({ pulledAt }: Replica): string {
  return pulledAt === 0 ? "" : ` (it last read the table's log ${iso(pulledAt)})`;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

function counted(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return `${grouped(count)} ${what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`}`;
}
