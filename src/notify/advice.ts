/** What an operator does about the reasons that keep a site from being ready. */
import { ALL_REASONS, type Reason, REASONS } from "../model/reason.ts";

/** Reasons in one message, at most; the gravest come first. */
const MOST = 3;

/** What to do about these reasons, in one line that ends with a space; empty: there is no advice. */
export function advise(reasons: readonly Reason[]): string {
  const wanted = new Set(reasons);
  const said = ALL_REASONS.filter((reason) => wanted.has(reason) && REASONS[reason].advice !== null);
  return said.slice(0, MOST).map((reason) => `${reason}: ${REASONS[reason].advice}. `).join("");
}
