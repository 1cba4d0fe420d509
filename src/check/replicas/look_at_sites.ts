/** Looks at the replicas that are read and at the queues of both sites, twice where something is under way. */
import { type Finding, finding } from "../../model/report.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import type { Discovery } from "../tables/discovery.ts";
import { type Doubt, doubt, mayNotLook, type Side } from "./believe.ts";
import { lookAtReplica } from "./look_at_replica.ts";
import { heldAgainst, type Sight } from "./sight.ts";
import { type Distributed, queued } from "./queued.ts";
import { type Doubts, idOf, isReplicated, type Look, type Looked, sightAt } from "./looked.ts";
import { nameSameTables } from "./same_table.ts";

/** Milliseconds between looks: a replica that keeps up has done within a second or two what it knew at the first one. */
const PAUSES_MS = [100, 400, 1000, 1500];

const SIDES: readonly Side[] = ["here", "active"];

/** Both sites, or a shard of each. */
export interface Readers extends Pick<CheckPorts, "signal"> {
  readonly here: ReadableSite;
  readonly there: ReadableSite;
}

export interface LookOptions {
  /** Only what concerns this partition counts; null: the whole table. */
  readonly partitionId: string | null;
  /** Nothing may be under way now; else what was under way at the first look must be done. */
  readonly strict: boolean;
  /** Whether Keeper is asked too, which costs more than all the rest. */
  readonly keeper: boolean;
}

const WHOLE: LookOptions = { partitionId: null, strict: false, keeper: true };

const NONE: Doubts = { tables: new Map(), others: [] };

/**
 * Which of these tables a replica that is read cannot be believed about, or are one table at both sites, or have rows on
 * their way. Sites without Replicated and Distributed tables are asked nothing.
 */
export async function lookAtSites(
  { here, there, signal }: Readers,
  pairs: readonly TablePair[],
  discovery: Pick<Discovery, "distributed" | "compared">,
  options: LookOptions = WHOLE,
): Promise<Doubts> {
  const [ours, theirs] = [here.shards ?? [here], there.shards ?? [there]];
  // Each with each, as any of them may hold a replica of the very same table.
  const looked = await Promise.all(ours.flatMap((own, at) =>
    theirs.map((other, place) => {
      const names = {
        here: here.shards ? `shard ${at + 1} of this site: ` : "",
        active: there.shards ? `shard ${place + 1}: ` : "",
      };
      return lookAtShard({ here: own, there: other, signal }, pairs, discovery, options, names);
    })
  ));
  const others = looked.flatMap(({ others }) => others);
  return {
    // Of several shards the first one is told of.
    tables: new Map(looked.toReversed().flatMap(({ tables }) => [...tables])),
    others: [...new Map(others.map((found) => [`${found.table} ${found.detail}`, found])).values()],
  };
}

/** What texts call a shard, before they say what was found of it; empty: its site is one. */
type ShardNames = Readonly<Record<Side, string>>;

async function lookAtShard(
  ports: Readers,
  pairs: readonly TablePair[],
  { distributed, compared }: Pick<Discovery, "distributed" | "compared">,
  options: LookOptions,
  names: ShardNames,
): Promise<Doubts> {
  const replicated = pairs.filter((pair) => SIDES.some((side) => isReplicated(pair, side)));
  if (replicated.length + distributed.here.length + distributed.there.length === 0) return NONE;
  const look = async (tables: readonly TablePair[]): Promise<Looked> => {
    const both = SIDES.map(async (side) =>
      [side, await lookAt(ports, side, tables, distributed, options)] as const
    );
    return new Map(await Promise.all(both));
  };
  const first = await look(replicated);
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
  let doubts = judge(against, first, pairs, distributed, compared, options, names);
  for (const pause of PAUSES_MS) {
    if (!mayPass(doubts) || ports.signal.aborted) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    const doubted = pairs.filter(({ name }) => doubts.tables.has(name));
    const now = await look(doubted.filter((pair) => replicated.includes(pair)));
    doubts = judge(against, now, doubted, distributed, compared, options, names);
  }
  return await nameSameTables(ports, replicated, first, doubts);
}

async function lookAt(
  ports: Pick<Readers, "here" | "there">,
  side: Side,
  pairs: readonly TablePair[],
  distributed: Discovery["distributed"],
  { keeper }: LookOptions,
): Promise<Look> {
  const site = side === "here" ? ports.here : ports.there;
  const tables = pairs.filter((pair) => isReplicated(pair, side)).map((pair) => idOf(pair, side));
  return await lookAtReplica(site, side, {
    replicated: tables,
    distributed: queuesOf(distributed, side).length > 0,
    keeper,
  });
}

function judge(
  against: (looked: Looked, pair: TablePair, side: Side) => Sight | null,
  last: Looked,
  pairs: readonly TablePair[],
  distributed: Discovery["distributed"],
  compared: ReadonlySet<string>,
  { partitionId }: LookOptions,
  names: ShardNames,
): Doubts {
  const tables = new Map<string, Finding>();
  const others: Finding[] = [];
  for (const side of SIDES) {
    const told = (name: string, { cause, detail }: Doubt) =>
      finding(name, null, cause, `${names[side]}${detail}`);
    const add = (name: string, found: Doubt) => {
      if (!tables.has(name)) tables.set(name, told(name, found));
    };
    const { facts } = last.get(side)!;
    if (facts === null) continue;
    const denied = "denied" in facts ? mayNotLook(facts.denied, side) : null;
    for (const pair of pairs.filter((pair) => isReplicated(pair, side))) {
      const now = sightAt(last, pair, side);
      const found = now ? doubt(against(last, pair, side) ?? now, now, side, partitionId) : denied;
      if (found) add(pair.name, found);
    }
    for (const { name: queue, target } of queuesOf(distributed, side)) {
      const waiting = "denied" in facts ? null : facts.queues.get(queue);
      if (waiting === undefined) continue;
      const found = waiting ? queued(queue, waiting, side) : denied!;
      const pair = pairs.find((pair) => tableName(idOf(pair, side)) === target);
      if (pair) add(pair.name, found);
      else if (target === null || !compared.has(target)) {
        others.push(told(queue, found));
      }
    }
  }
  return { tables, others };
}

/** Whether some of it may be over in a moment. */
function mayPass({ tables, others }: Doubts): boolean {
  return [...tables.values(), ...others].some(({ cause }) =>
    cause !== "replica_cut_off" && cause !== "replica_hidden" && cause !== "mutating"
  );
}

function queuesOf(distributed: Discovery["distributed"], side: Side): readonly Distributed[] {
  return side === "here" ? distributed.here : distributed.there;
}
