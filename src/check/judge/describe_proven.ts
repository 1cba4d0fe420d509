/** What the report says about a partition that was proven at an earlier check. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { Reason } from "../../model/reason.ts";
import type { Table } from "../../model/table.ts";
import { counted } from "../../text/readable.ts";

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
  const one = surplus === 1n;
  const stay = one ? "it stays" : "they stay";
  return byKey
    ? `${counted(surplus, "key")} ${
      one ? "exists only here, or is" : "exist only here, or are"
    } newer here; ${stay}`
    : `${counted(surplus, "row")} ${one ? "exists" : "exist"} only here; ${stay}`;
}
