/** What the report says about a partition that was proven at an earlier check. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { Reason } from "../../model/reason.ts";
import type { Table } from "../../model/table.ts";

export interface ProvenRemark {
  readonly reason: Reason;
  readonly detail: string;
  readonly surplus: bigint;
}

/** Null: it is simply in sync. */
export function describeProven({ traits }: Table, { proof }: RememberedPartition): ProvenRemark | null {
  if (!proof || proof.reason === null) return null;
  const { reason, surplus } = proof;
  const detail = reason === "surplus"
    ? surplusDetail(surplus, traits.mergesRows)
    : reason === "unmerged"
    ? "the sites have merged the same rows at different times"
    : "only rows past their TTL differ";
  return { reason, detail, surplus };
}

/** @param byKey the engine merges rows, so that keys were counted */
export function surplusDetail(surplus: bigint, byKey: boolean): string {
  return byKey
    ? `${surplus} keys exist only here, or are newer here; they stay`
    : `${surplus} rows exist only here; they stay`;
}
