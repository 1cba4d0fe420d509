/** Which staging tables may go. */
import type { StagingTable } from "../model/staging.ts";

/** Seconds after which a staging table of another installation, without a statement running, is abandoned. */
const ABANDONED_AFTER = 600;

/**
 * Whether an earlier run left the table behind. What this installation staged is its own, as it holds the lock;
 * another one may be in the midst of a repair. Rows that were being fed to views are evidence: they are settled first.
 */
export function isLeftover({ checkId, ageSeconds, running }: StagingTable, installation: string): boolean {
  return checkId.startsWith(installation) || (ageSeconds > ABANDONED_AFTER && !running);
}
