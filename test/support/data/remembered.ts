/** What a memory file may hold, where only that it holds something matters. */
import type { RememberedPartition, RememberedTable } from "../../../src/model/memory.ts";

/** A table without rows, proven as a whole. */
export const EMPTY_TABLE: RememberedTable = {
  uuid: "u",
  checkedAt: 1,
  settledBefore: 1,
  settledBeforeDay: 1,
  proofKey: "k",
  fingerprintHere: "",
  fingerprintActive: "",
  whole: true,
  oldestDigest: null,
  partitions: 0,
  rowsActive: 0n,
  city: 0n,
};

/** A partition of as many rows at both sites, without a proof. */
export function rememberedPartition(
  rows: bigint,
  digestedAt: RememberedPartition["digestedAt"] = null,
): RememberedPartition {
  return {
    rowsHere: rows,
    rowsActive: rows,
    quiet: true,
    arrivedAt: null,
    repair: null,
    digestedAt,
    proof: null,
  };
}
