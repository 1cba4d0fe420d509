/** Two installations at the same target: only one of them brings rows into a partition at a time. */
import type { Claim } from "../../model/staging.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decodeClaim, listMarks, markStaging } from "./leftover_statements.ts";

/** Tries, and the longest pause between two of them in milliseconds, where another one claims the partition too. */
const TRIES = 5;
const PAUSE_MS = 1000;

/**
 * Claims a partition by a mark on the own staging table. Whoever marks first and looks for others' marks afterwards
 * cannot be passed over by one who does the same: at least one of two sees the other, and takes its mark back. The
 * claim ends with the staging table; that of a ch-sync which died ends when its table is found to be abandoned, and
 * then it can attach nothing any more.
 *
 * @returns the name of the staging table of another one that brings rows into the partition now; null: none
 */
export async function claimPartition(
  connection: Connection,
  staging: TableId,
  claim: Claim,
): Promise<string | null> {
  for (let tries = 1;; tries++) {
    await connection.command(markStaging(staging, { ...claim, attach: true }));
    const marks = await connection.rows<{ name: string; comment: string }>(listMarks(staging));
    const other = marks.find(({ comment }) => {
      const mark = decodeClaim(comment);
      return mark?.table === claim.table && mark.partition === claim.partition;
    });
    if (!other) return null;
    await connection.command(markStaging(staging, null));
    if (tries === TRIES) return other.name;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS));
  }
}
