/** Looks at the replicas that are read and at the queues of both sites, twice where something is under way. */
import { type Finding, finding } from "../../model/report.ts";
import { ONE_ADDRESS_EACH, type PickedReplicas, type SiteReplicas } from "../../model/replica_pick.ts";
import type { Look } from "../../model/replication.ts";
import { type TableId, tableName, type TablePair } from "../../model/table.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Discovery } from "../tables/discovery.ts";
import { type Doubt, doubt, mayNotLook, type Side } from "./believe.ts";
import { lookAtReplica } from "./look_at_replica.ts";
import { heldAgainst, type Sight } from "./sight.ts";
import { type Distributed, doubtsOfQueues, type KnownQueues, queuesAt } from "./queued.ts";
import { type Doubts, idOf, isReplicated, type Looked, sightAt } from "./looked.ts";
import { nameSameTables } from "./same_table.ts";

/** Milliseconds between looks: a replica that keeps up has done within a second or two what it knew at the first one. */
const PAUSES_MS = [100, 400, 1000, 1500];

const SIDES: readonly Side[] = ["here", "active"];

export interface LookOptions {
  /** Only what concerns this partition counts; null: the whole table. */
  readonly partitionId: string | null;
  /** Nothing may be under way now; else what was under way at the first look must be done. */
  readonly strict: boolean;
}

/** Everything, where nothing is about to be written. */
export const WHOLE: LookOptions = { partitionId: null, strict: false };

const NONE: Doubts = { tables: new Map(), others: [] };

/**
 * Which of these tables a replica that is read cannot be believed about, or are one table at both sites, or have rows on
 * their way. Sites without Replicated and Distributed tables are asked nothing.
 *
 * @param picked what is known of the replicas that were picked a moment ago, which are not asked at once again; default: nothing
 */
export async function lookAtSites(
  { here, there, signal }: Readers,
  pairs: readonly TablePair[],
  discovery: Pick<Discovery, "queues" | "compared">,
  options: LookOptions = WHOLE,
  picked: PickedReplicas = ONE_ADDRESS_EACH,
): Promise<Doubts> {
  const { queues } = discovery;
  const replicated = pairs.filter((pair) => SIDES.some((side) => isReplicated(pair, side)));
  if (replicated.length + queues.here.distributed.length + queues.there.distributed.length === 0) return NONE;
  // Each server is looked at once, however many shards the other site has.
  const firstOfEach = (
    site: ReadableSite,
    side: Side,
    one: SiteReplicas | null,
    each: readonly SiteReplicas[],
  ) =>
    (site.shards ?? [site]).map((reader, at) => {
      const known = site.shards ? each[at] ?? null : one;
      const look = lookBefore(known, asked(replicated, queues, side)) ??
        lookAt(reader, side, replicated, queues);
      const which = side === "here" ? `shard ${at + 1} of this site: ` : `shard ${at + 1}: `;
      return { reader, look, name: site.shards ? which : "" };
    });
  const ours = firstOfEach(here, "here", picked.local, picked.localShards);
  const theirs = firstOfEach(there, "active", picked.remote, picked.shards);
  // Each with each, as any of them may hold a replica of the very same table.
  const looked = await Promise.all(ours.flatMap((own) =>
    theirs.map(async (other) =>
      await judgeLooks(
        { here: own.reader, there: other.reader, signal },
        pairs,
        discovery,
        { ...options, names: { here: own.name, active: other.name } },
        await both(own.look, other.look),
      )
    )
  ));
  const others = looked.flatMap(({ others }) => others);
  return {
    // Of several shards the first one is told of.
    tables: new Map(looked.toReversed().flatMap(({ tables }) => [...tables])),
    others: [...new Map(others.map((found) => [`${found.table} ${found.detail}`, found])).values()],
  };
}

/** Both sites, or a shard of each. */
interface Readers extends Pick<CheckPorts, "signal"> {
  readonly here: ReadableSite;
  readonly there: ReadableSite;
}

interface JudgeOptions extends LookOptions {
  /** What texts call a shard, before they say what was found of it; empty: its site is one. */
  readonly names: Readonly<Record<Side, string>>;
}

async function both(here: Promise<Look> | Look, there: Promise<Look> | Look): Promise<Looked> {
  const [atHere, atThere] = await Promise.all([here, there]);
  return new Map([["here", atHere], ["active", atThere]]);
}

/** The look by which a replica was picked, if it saw all of these tables; null: there was none. */
function lookBefore(site: SiteReplicas | null, { replicated, distributed }: Asked): Look | null {
  if (site === null) return null;
  const names = [...replicated.map(tableName), ...distributed.map(({ name }) => name)];
  return names.every((name) => site.seen.has(name)) ? site.look : null;
}

async function judgeLooks(
  ports: Readers,
  pairs: readonly TablePair[],
  { queues, compared }: Pick<Discovery, "queues" | "compared">,
  options: JudgeOptions,
  first: Looked,
): Promise<Doubts> {
  const replicated = pairs.filter((pair) => SIDES.some((side) => isReplicated(pair, side)));
  const held = new Map<string, Sight>();
  /** What a table was held against at the looks before this one, and is from now on. */
  const against = (looked: Looked, pair: TablePair, side: Side): Sight | null => {
    const now = sightAt(looked, pair, side);
    if (now === null || options.strict) return now;
    const before = held.get(`${side} ${pair.name}`);
    const sight = before ? heldAgainst(before, now) : now;
    held.set(`${side} ${pair.name}`, sight);
    return sight;
  };
  let doubts = judge(against, first, pairs, queues, compared, options);
  for (const pause of PAUSES_MS) {
    if (!mayPass(doubts) || ports.signal.aborted) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    const doubted = pairs.filter(({ name }) => doubts.tables.has(name));
    const again = doubted.filter((pair) => replicated.includes(pair));
    const now = await both(
      lookAt(ports.here, "here", again, queues),
      lookAt(ports.there, "active", again, queues),
    );
    doubts = judge(against, now, doubted, queues, compared, options);
  }
  return await nameSameTables(ports, replicated, first, doubts);
}

async function lookAt(
  site: ReadableSite,
  side: Side,
  pairs: readonly TablePair[],
  queues: Discovery["queues"],
): Promise<Look> {
  const { replicated, distributed } = asked(pairs, queues, side);
  return await lookAtReplica(site, { replicated, distributed: distributed.length > 0 });
}

/** What a site is asked about. */
interface Asked {
  readonly replicated: readonly TableId[];
  readonly distributed: readonly Distributed[];
}

function asked(pairs: readonly TablePair[], queues: Discovery["queues"], side: Side): Asked {
  const replicated = pairs.filter((pair) => isReplicated(pair, side)).map((pair) => idOf(pair, side));
  return { replicated, distributed: queuesOf(queues, side).distributed };
}

function judge(
  against: (looked: Looked, pair: TablePair, side: Side) => Sight | null,
  last: Looked,
  pairs: readonly TablePair[],
  queues: Discovery["queues"],
  compared: ReadonlySet<string>,
  { partitionId, names }: JudgeOptions,
): Doubts {
  const tables = new Map<string, Finding>();
  const others: Finding[] = [];
  for (const side of SIDES) {
    const add = (name: string, { cause, detail }: Doubt) => {
      if (!tables.has(name)) tables.set(name, finding(name, null, cause, `${names[side]}${detail}`));
    };
    const { facts } = last.get(side)!;
    if (facts === null) continue;
    const denied = "denied" in facts ? mayNotLook(facts.denied, side) : null;
    for (const pair of pairs.filter((pair) => isReplicated(pair, side))) {
      const now = sightAt(last, pair, side);
      const found = now ? doubt(against(last, pair, side) ?? now, now, side, partitionId) : denied;
      if (found) add(pair.name, found);
    }
    const known = queuesOf(queues, side);
    const waiting = "denied" in facts
      ? known.distributed.map(({ name, target }) => ({ queue: name, told: target, ...denied! }))
      : queuesAt(facts.queues, side, null);
    const queued = doubtsOfQueues(waiting, side, pairs, known, compared);
    for (const [name, found] of queued.tables) add(name, found);
    others.push(...queued.others.map((found) => ({ ...found, detail: `${names[side]}${found.detail}` })));
  }
  return { tables, others };
}

/** Whether some of it may be over in a moment. */
function mayPass({ tables, others }: Doubts): boolean {
  return [...tables.values(), ...others].some(({ cause }) =>
    cause !== "replica_cut_off" && cause !== "replica_hidden" && cause !== "mutating"
  );
}

function queuesOf(queues: Discovery["queues"], side: Side): KnownQueues {
  return side === "here" ? queues.here : queues.there;
}
