/** What an operator does about each reason that keeps a site from being ready: a line of the README's table of reasons. */
import type { Reason } from "../model/reason.ts";

/** Reasons in one message at most; the weightiest come first. */
const MOST = 3;

/** In the order in which they are said. Reasons that do no harm are not here. */
const ADVICE: Readonly<Partial<Record<Reason, string>>> = {
  shrunk: "find out what removed the rows at the active site, and rely on neither site before",
  failed: "mend what the log names",
  independent: "compare some rows by hand; if they are different events, accept them",
  recurring: "find what removes the repaired rows here",
  views: "settle the rows that are kept aside, as the log says",
  drifted: "run the statements that --dry-run prints, after you read them",
  aggregated: "decide which site is right for that partition",
  deleted: "delete the rows at both sites, or APPLY DELETED MASK here",
  unstable: "MATERIALIZE the column that --dry-run names",
  filtered: "remove the row policy or limit that hides rows from ch-sync's user",
  unsupported: "do what --dry-run says, or exclude the table",
  new: "create the table here, or exclude it",
  mutating: "wait for the mutation, or kill one that is stuck",
  backfilling: "wait until the collectors' queues are empty",
  missing: "look at the log, and whether repairs are paused",
  partial: "look at the log, and whether repairs are paused",
};

/** What to do about these reasons, in one line with a blank at its end; empty: nothing is known. */
export function advise(reasons: readonly Reason[]): string {
  const wanted = new Set(reasons);
  const said = Object.entries(ADVICE).filter(([reason]) => wanted.has(reason as Reason));
  const lines = said.slice(0, MOST).map(([reason, advice]) => `${reason}: ${advice}`);
  return lines.map((line) => `${line}. `).join("");
}
