/** Where rows of a table belong among the shards of this site, and the table function that puts them there. */
import type { NativeAddress } from "../../model/settings.ts";
import type { TableId } from "../../model/table.ts";
import { identifier, literal } from "./quoting.ts";
import { type RemoteAccess, spelled } from "./remote_table.ts";

export interface Placement {
  /** Of the shards in their order, each as often as it weighs. */
  readonly addresses: readonly NativeAddress[];
  /** SQL of a whole number, by which a row's shard is picked. */
  readonly key: string;
}

/** A cluster as one server of it has it in its configuration. */
export interface WeighedNode {
  readonly cluster: string;
  /** From 1 on. */
  readonly shard: number;
  readonly weight: number;
  /** Whether it is the server that was asked, as far as it knows. */
  readonly own: boolean;
}

/** Addresses that a call names at most. */
const MOST = 1000;

/**
 * The shards of a cluster in its order, each as often as it weighs; null: they are not just the shards of this site, or it
 * cannot be told which is which.
 *
 * @param nodes what each shard of this site has in `system.clusters`, in the order of `addresses`
 */
export function weighed(
  cluster: string,
  nodes: readonly (readonly WeighedNode[])[],
  addresses: readonly NativeAddress[],
): NativeAddress[] | null {
  const places = new Map<number, { readonly address: NativeAddress; readonly weight: number }>();
  for (const [at, seen] of nodes.entries()) {
    const own = seen.filter((node) => node.cluster === cluster && node.own);
    const [mine] = own;
    if (!mine || own.some(({ shard }) => shard !== mine.shard) || places.has(mine.shard)) return null;
    places.set(mine.shard, { address: addresses[at]!, weight: mine.weight });
  }
  const all = nodes.flatMap((seen) => seen.filter((node) => node.cluster === cluster));
  if (all.some(({ shard }) => !places.has(shard))) return null;
  const inOrder = [...places].toSorted(([a], [b]) => a - b).map(([, place]) => place);
  const total = inOrder.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0 || total > MOST) return null;
  return inOrder.flatMap(({ address, weight }) => Array.from({ length: weight }, () => address));
}

/** Whether a function that is called in a sharding key may return something else each time. */
export function isSteady(key: string, unsteady: ReadonlySet<string>): boolean {
  const called = [...key.matchAll(/\b(\w+)\s*\(/g)].map(([, name = ""]) => name.toLowerCase());
  return called.every((name) => !unsteady.has(name));
}

/** Types by which ClickHouse picks a shard: not NULL, no text, no date. */
export function picksShards(type: string): boolean {
  return /^U?Int(8|16|32|64)$/.test(type);
}

/**
 * The same with each shard once: rows that two weights of one shard take are sent to it side by side, and come there in any
 * order. The key is taken modulo the weights as ClickHouse takes it: without its sign.
 *
 * @param type of the key, one that picks shards
 */
export function inOneOrder({ addresses, key }: Placement, type: string): Placement {
  const shards = [...new Set(addresses)];
  if (shards.length === addresses.length) return { addresses, key };
  const unsigned = type.startsWith("U") ? `(${key})` : `reinterpretAsU${type}(${key})`;
  const takes = addresses.map((address) => shards.indexOf(address));
  return { addresses: shards, key: `[${takes.join(", ")}][${unsigned} % ${addresses.length} + 1]` };
}

/**
 * `FUNCTION remote('d1,d1,d2', db, staging, 'user', 'password', (key))`, or `remoteSecure(…)`, after `INSERT INTO`. The key is in brackets of its
 * own: no text in it stands where a password may.
 */
export function placing(
  { credentials: { user, password } }: RemoteAccess,
  { addresses, key }: Placement,
  { database, name }: TableId,
): string {
  const args = [
    literal(addresses.map(spelled).join(",")),
    `${identifier(database)}, ${identifier(name)}`,
    literal(user),
    literal(password),
    `(${key})`,
  ];
  const call = addresses.some(({ secure }) => secure) ? "remoteSecure" : "remote";
  return `FUNCTION ${call}(${args.join(", ")})`;
}
