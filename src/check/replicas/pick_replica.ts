/** Which of several replicas of a site is read: the one with the fewest tables about which it cannot be believed. */
import type { MemberServer, MemberTable, SiteReplicas } from "../../model/replica_pick.ts";
import type { Look, Replica } from "../../model/replication.ts";
import type { StagingTable } from "../../model/staging.ts";
import { tableName } from "../../model/table.ts";
import { type Doubt, doubt, mayNotLook, type Side } from "./believe.ts";
import { heldAgainst, type Sight, sightOf } from "./sight.ts";

/** What one address of a site said. */
export interface Member {
  readonly url: string;
  /** Null: it does not answer, for the reason that `silent` tells. */
  readonly server: MemberServer | null;
  readonly silent: string;
  /** Those that are not excluded, by `tableName`. */
  readonly tables: ReadonlyMap<string, MemberTable>;
  /** Staging tables whose rows may be in a table and not in all of its views: of this site. */
  readonly feeds: readonly StagingTable[];
  /** What the last look at each table is held against, by `tableName`. */
  readonly against: ReadonlyMap<string, Sight>;
  readonly last: Look;
}

/** Why it cannot be believed, about how many tables. */
export interface MemberDoubts {
  readonly count: number;
  /** About the first of them; null: about none. */
  readonly why: string | null;
  /** Whether some of it may be over in a moment. */
  readonly mayPass: boolean;
}

/** The tables that count, as replicas: Replicated ones, by name. */
export function replicasOf({ tables, last: { facts } }: Member): Map<string, Replica | null> {
  const known = facts === null || "denied" in facts ? null : facts.replicas;
  return new Map(
    [...tables].filter(([, { engine }]) => engine.startsWith("Replicated"))
      .map(([name]) => [name, known?.get(name) ?? null]),
  );
}

/** What stands against one member. @param members all that answered */
export function doubtsAbout(member: Member, members: readonly Member[], side: Side): MemberDoubts {
  const { against, last, tables } = member;
  const replicas = replicasOf(member);
  if (last.facts !== null && "denied" in last.facts) {
    return { count: Infinity, why: mayNotLook(last.facts.denied, side).detail, mayPass: false };
  }
  const found: [string, Doubt][] = [];
  for (const name of replicas.keys()) {
    const now = seen(last, name);
    const doubted = doubt(against.get(name) ?? now, now, side);
    if (doubted) found.push([name, doubted]);
  }
  const paths = new Set([...replicas.values()].map((replica) => replica?.path));
  const lacking = new Set(
    members.flatMap((other) => [...replicasOf(other)]).flatMap(([name, replica]) =>
      replica && !paths.has(replica.path) && !tables.has(name) ? [name] : []
    ),
  );
  const [one] = found;
  const [lacked] = lacking;
  return {
    count: found.length + lacking.size,
    why: one ? `${one[0]}: ${one[1].detail}` : lacked ? `it does not have ${lacked}` : null,
    mayPass: found.some(([, { cause }]) => cause !== "replica_cut_off" && cause !== "replica_hidden"),
  };
}

/** The member as it is after another look. */
export function afterLook(member: Member, last: Look): Member {
  const against = new Map(
    [...replicasOf({ ...member, last }).keys()].map((name) => {
      const now = seen(last, name);
      const before = member.against.get(name);
      return [name, before ? heldAgainst(before, now) : now] as const;
    }),
  );
  return { ...member, against, last };
}

function seen({ facts, logs }: Look, name: string) {
  const known = facts === null || "denied" in facts ? NOTHING : facts;
  return sightOf(name, known, logs.get(name) ?? null);
}

const NOTHING = {
  replicas: new Map(),
  entries: new Map(),
  broken: new Map(),
  mutations: new Map(),
  queues: new Map(),
};

export interface Choice {
  /** Which one is read: the first in order where none is better, or none answers. */
  readonly picked: Member;
  readonly others: readonly { readonly url: string; readonly passedOver: string | null }[];
  readonly remarks: SiteReplicas["remarks"];
}

/** @param members in the order of the configuration, one at least */
export function choose(members: readonly Member[], side: Side): Choice {
  const answering = members.filter(({ server }) => server !== null);
  const judged = members.map((member, at) => {
    const doubts = member.server === null ? null : doubtsAbout(member, answering, side);
    return { member, at, doubts };
  });
  const [best] = judged.toSorted((a, b) =>
    Number(a.doubts === null) - Number(b.doubts === null) ||
    compare(a.doubts?.count ?? 0, b.doubts?.count ?? 0) || a.at - b.at
  );
  const { member: picked } = best!;
  const remarks = judged.map(({ member, doubts }) => {
    const doubted = doubts === null || doubts.count === Infinity ? null : doubts.count;
    return { url: member.url, remark: remarkOn(member, doubts), doubted };
  });
  const others = judged.filter(({ member }) => member !== picked).map((one) => ({
    url: one.member.url,
    // One that comes later is only told of where it could not have been read.
    passedOver: one.at < best!.at || one.doubts === null ? remarks[one.at]!.remark : null,
  }));
  return { picked, others, remarks };
}

function remarkOn({ silent }: Member, doubts: MemberDoubts | null): string | null {
  if (doubts === null) return `it does not answer: ${silent}`;
  const { why, count } = doubts;
  return why !== null && count > 1 && count < Infinity ? `${why}; and as much of ${count - 1} more` : why;
}

/** Not by subtraction: two of them may be infinite. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Names of a member's tables, as maps of tables have them. */
export function byName(tables: readonly MemberTable[]): Map<string, MemberTable> {
  return new Map(tables.map((table) => [tableName(table.id), table]));
}
