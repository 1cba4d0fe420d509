/** When what was proven of a table still counts. */
import type { RememberedTable, TableIdentity } from "../../model/memory.ts";
import type { MergeRule } from "../../model/merge_rule.ts";
import { PROOF_AGES } from "../../model/proof_age.ts";
import { isHashedByDictionary, tableName, type TablePair } from "../../model/table.ts";
import type { Discovery } from "../tables/discovery.ts";

/** What the memory will know the table by, as it is before it is examined. */
export async function identityOf(
  pair: TablePair,
  summaries: Discovery["summaries"],
): Promise<TableIdentity> {
  return { uuid: pair.here.uuid, proofKey: await proofKey(pair), ...fingerprintsOf(pair, summaries) };
}

/**
 * SHA-256, in hexadecimal, of everything besides its parts that makes the rows of a table what they are: which tables
 * they are, columns with their defaults (which old parts read), how they are hashed, what expires, and what merges do.
 */
async function proofKey({ here, there, deletes }: TablePair): Promise<string> {
  const identity = [here, there].map(({ uuid, columns, sortingKey, mergeRule }) => [
    uuid,
    sortingKey,
    mergeRule,
    columns.map(({ name, type, comparedAs, defaultKind, defaultExpression, expiry, ignored }) => [
      name,
      type,
      comparedAs,
      defaultKind,
      defaultExpression,
      expiry.rules,
      // States were told apart by their values alone once, and not all numbers were added up.
      ...isAddedUp(mergeRule, type) ? ["states and numbers"] : [],
      // What was proven before there were such columns still is.
      ...ignored ? ["ignored"] : [],
      // Its text alone, by which it was proven once, does not tell a number from a text.
      ...comparedAs === "text" && /\bJSON\b/.test(type) ? ["types of paths"] : [],
      // Rows were hashed otherwise once: sums of both would be of no table.
      ...expiry.rules.length === 0 && isHashedByDictionary(type, comparedAs) ? ["by dictionary"] : [],
    ]),
  ]);
  const bytes = new TextEncoder().encode(JSON.stringify([identity, deletes]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** What tells whether any part of a table has changed at either site; empty: it has none. */
export function fingerprintsOf(
  { name, there }: TablePair,
  summaries: Discovery["summaries"],
): Pick<TableIdentity, "fingerprintHere" | "fingerprintActive"> {
  return {
    fingerprintHere: summaries.here.get(name)?.fingerprint ?? "",
    fingerprintActive: summaries.there.get(tableName(there.id))?.fingerprint ?? "",
  };
}

/** Null: nothing is remembered of the table, or it was another one under this name. */
export function recognise(last: RememberedTable | null, { uuid }: TableIdentity): RememberedTable | null {
  return last?.uuid === uuid ? last : null;
}

/** Whether nothing of a table has to be looked at: every partition is proven, and no part of either side has changed. */
export function isUnchanged(remembered: RememberedTable, identity: TableIdentity, now: number): boolean {
  const { whole, checkedAt, proofKey, fingerprintHere, fingerprintActive, oldestDigest, partitions } =
    remembered;
  const same = whole && proofKey === identity.proofKey && fingerprintHere === identity.fingerprintHere &&
    fingerprintActive === identity.fingerprintActive;
  if (oldestDigest === null) return same && partitions === 0;
  // None of its digests is newer than the check that remembered it, or a clock was set back.
  return same && checkedAt <= now && oldestDigest <= now && now - oldestDigest < PROOF_AGES;
}

function isAddedUp({ kind }: MergeRule, type: string): boolean {
  return (kind === "sum" || kind === "aggregate") &&
    /AggregateFunction\(|^(?:LowCardinality|(?:Nullable\()?Bool)/.test(type);
}
