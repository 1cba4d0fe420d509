/** When what was proven of a table still counts. */
import type { Fingerprints, RememberedTable } from "../../model/memory.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { Discovery } from "../tables/discovery.ts";
import { PROOF_AGES } from "./choose_reading.ts";

/**
 * SHA-256, in hexadecimal, of everything besides its parts that makes the rows of a table what they are: which tables
 * they are, columns with their defaults (which old parts read), how they are hashed, what expires, and what merges do.
 */
export async function proofKey(
  { here, there, deletes }: TablePair,
): Promise<string> {
  const identity = [here, there].map(({ uuid, columns, sortingKey, mergeRule }) => [
    uuid,
    sortingKey,
    mergeRule,
    columns.map(({ name, type, comparedAs, defaultKind, defaultExpression, expiry }) => [
      name,
      type,
      comparedAs,
      defaultKind,
      defaultExpression,
      expiry.rules,
    ]),
  ]);
  const bytes = new TextEncoder().encode(JSON.stringify([identity, deletes]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** What tells whether any part of a table has changed at either site; empty: it has none. */
export function fingerprintsOf({ name, there }: TablePair, summaries: Discovery["summaries"]): Fingerprints {
  return {
    here: summaries.here.get(name)?.fingerprint ?? "",
    there: summaries.there.get(tableName(there.id))?.fingerprint ?? "",
  };
}

/** Whether nothing of a table has to be looked at: every partition is proven, and no part of either side has changed. */
export function isUnchanged(
  table: RememberedTable,
  key: string,
  fingerprints: Fingerprints,
  now: number,
): boolean {
  const { whole, proofKey, fingerprintHere, fingerprintActive, oldestDigest, partitions } = table;
  const same = whole && proofKey === key && fingerprintHere === fingerprints.here &&
    fingerprintActive === fingerprints.there;
  if (oldestDigest === null) return same && partitions === 0;
  return same && oldestDigest <= now && now - oldestDigest < PROOF_AGES;
}
