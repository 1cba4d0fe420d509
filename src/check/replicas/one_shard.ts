/** Whether the addresses of a site hold replicas of the same tables: what one of them holds says nothing of others else. */
import type { PickedReplicas, SiteReplicas } from "../../model/replica_pick.ts";
import type { KeeperLog, Replica } from "../../model/replication.ts";
import { finding } from "../../model/report.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { Side } from "./believe.ts";
import { type Doubts, idOf } from "./looked.ts";
import { maybeAtAddress } from "./maybe_queued.ts";
import { type Choice, type Member, replicasOf } from "./pick_replica.ts";
import { doubtsOfQueues, queuesAt } from "./queued.ts";
import type { Discovery } from "../tables/discovery.ts";

/** Named after a UUID, which need not be one at all replicas. */
const INNER = /\.\.inner(?:_id)?\./;

/** What the members say of each other, once one was chosen. */
export function siteReplicas(
  { picked, others, remarks }: Choice,
  members: readonly Member[],
  side: Side,
): SiteReplicas {
  const answering = members.filter(({ server }) => server !== null);
  const rest = answering.filter((member) => member !== picked);
  const replicas = replicasOf(picked);
  return {
    url: picked.url,
    others,
    remarks,
    servers: answering.map(({ server }) => server!),
    identities: members.length === 1 ? new Map() : new Map(
      [...replicas].flatMap(([name, replica]) =>
        replica ? [[name, `in Keeper: ${replica.path}`] as const] : []
      ),
    ),
    replicas: new Map(
      [...replicas].flatMap(([name, replica]) =>
        replica
          ? [
            [name, {
              path: replica.path,
              name: replica.name,
              all: logOf(picked, name)?.replicas ?? null,
            }] as const,
          ]
          : []
      ),
    ),
    seen: new Set(picked.tables.keys()),
    look: picked.last,
    differing: picked.server === null || members.length === 1 ? new Map() : differing(picked, rest, side),
    queues: rest.flatMap(({ url, last: { facts } }) =>
      facts === null || "denied" in facts
        ? []
        : [...facts.queues].map(([queue, waiting]) => ({ url, queue, waiting }))
    ),
    feeds: rest.flatMap(({ url, feeds }) => feeds.map((feed) => ({ ...feed, at: url }))),
    unseen: members.filter((member) => member !== picked).flatMap((
      { url, server, silent, last: { facts } },
    ) =>
      server === null
        ? [{ url, why: `it does not answer: ${silent}` }]
        : facts !== null && "denied" in facts
        ? [{ url, why: facts.denied }]
        : []
    ),
  };
}

function differing(picked: Member, rest: readonly Member[], side: Side): Map<string, string> {
  const found = new Map<string, string>();
  const site = side === "active" ? "the active site" : "this site";
  const own = replicasOf(picked);
  for (const [name, { engine }] of picked.tables) {
    if (engine === "Distributed" || engine.startsWith("Shared")) continue;
    if (!engine.startsWith("Replicated")) {
      found.set(
        name,
        `the table is ${engine} at ${picked.url}, so every other address of ${site} has rows of its own, or none: give ` +
          "ch-sync one address of the site, make the table Replicated at all of them, or exclude it",
      );
      continue;
    }
    const replica = own.get(name);
    const problem = replica && rest.map((other) => unlike(name, picked, replica, other)).find(Boolean);
    if (problem) found.set(name, `${problem}; the addresses of ${site} must be replicas of one shard`);
  }
  const paths = new Set([...own.values()].flatMap((replica) => replica?.path ?? []));
  for (const other of rest) {
    const theirs = replicasOf(other);
    for (const [name, { engine }] of other.tables) {
      const path = theirs.get(name)?.path;
      if (engine === "Distributed" || picked.tables.has(name) || (path !== undefined && paths.has(path))) {
        continue;
      }
      if (!found.has(name)) {
        found.set(
          name,
          `the table is at ${other.url} of ${site} and not at ${picked.url}: create it there, drop it, or exclude it`,
        );
      }
    }
  }
  return found;
}

/** Why the table of this name is not one table at both; null: it is, as far as they may say. */
function unlike(name: string, picked: Member, replica: Replica, other: Member): string | null {
  const { facts } = other.last;
  if (facts !== null && "denied" in facts) return null; // whether it can be believed is another question
  const theirs = replicasOf(other);
  const same = [...theirs].find(([, one]) => one?.path === replica.path);
  if (!same || (same[0] !== name && !INNER.test(name))) {
    const there = other.tables.get(name);
    if (!there) return `the table is not at ${other.url}`;
    const one = theirs.get(name);
    if (one === null) return null; // hidden: the user lacks a right there
    return one === undefined
      ? `the table is ${there.engine} at ${other.url}, and a replica in Keeper at ${picked.url}`
      : `the table is ${one.path} in Keeper at ${other.url}, and ${replica.path} at ${picked.url}`;
  }
  const [theirName, one] = same;
  if (one!.name === replica.name) {
    return `the table is replica ${replica.name} of ${replica.path} at ${picked.url} and at ${other.url}`;
  }
  const [ours, theirLog] = [logOf(picked, name), logOf(other, theirName)];
  if (ours === null || theirLog === null) return null; // one of them is cut off from its Keeper
  return ours.replicas.includes(one!.name) && theirLog.replicas.includes(replica.name)
    ? null
    : `the table has one path (${replica.path}) at ${picked.url} and ${other.url}, and not one Keeper`;
}

/** Null: its Keeper said nothing of the table. */
function logOf({ last: { logs } }: Member, table: string): KeeperLog | null {
  const log = logs.get(table);
  return log === undefined || log.error !== "" ? null : log;
}

/**
 * What stands against tables besides what the replica says that is read: that the addresses of a site do not hold the same ones,
 * and rows that wait in queues of other servers of the site.
 */
export function doubtsOfOthers(
  doubts: Doubts,
  pairs: readonly TablePair[],
  { queues, compared }: Pick<Discovery, "queues" | "compared">,
  picked: PickedReplicas,
): Doubts {
  const tables = new Map(doubts.tables);
  const others = [...doubts.others];
  const sites = [
    ...[...picked.local ? [picked.local] : [], ...picked.localShards].map((site) => ["here", site] as const),
    ...[...picked.remote ? [picked.remote] : [], ...picked.shards].map((site) => ["active", site] as const),
  ];
  for (const [side, site] of sites) {
    const byId = new Map(pairs.map((pair) => [tableName(idOf(pair, side)), pair.name]));
    for (const [id, detail] of site.differing) {
      const name = byId.get(id);
      if (name === undefined) others.push(finding(id, null, "no_replicas", detail));
      else tables.set(name, finding(name, null, "no_replicas", detail));
    }
    for (const [id, name] of byId) {
      if (site.seen.has(id) || site.remarks.length === 1) continue;
      const detail =
        `the table was not at ${site.url} when this check began: it was created since, and perhaps not at the other ` +
        "addresses, or the server was still starting; the next check looks at all of them";
      tables.set(name, finding(name, null, "no_replicas", detail));
    }
    const known = side === "here" ? queues.here : queues.there;
    const found = [
      ...site.queues.flatMap(({ url, queue, waiting }) => queuesAt(new Map([[queue, waiting]]), side, url)),
      ...site.unseen.flatMap((unseen) => maybeAtAddress(unseen, side, known)),
    ];
    const queued = doubtsOfQueues(found, side, pairs, known, compared);
    for (const [name, found] of queued.tables) if (!tables.has(name)) tables.set(name, found);
    others.push(...queued.others);
  }
  return { tables, others };
}
