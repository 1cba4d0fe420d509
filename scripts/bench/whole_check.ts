/** A whole check, and whether it repaired what was made to be missing. */
import { checkSites, type CheckSitesOptions, reasonsOf } from "../../test/support/sites/check_sites.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";

/** @param gaps partitions that lack rows @throws {Error} unless just so many were repaired */
export async function repairGaps(
  sites: TwoSites,
  gaps: number,
  options: CheckSitesOptions = {},
): Promise<void> {
  const reasons = Object.values(reasonsOf(await checkSites(sites, options)));
  const repaired = reasons.filter((reason) => reason.endsWith("repaired")).length;
  if (repaired !== gaps) throw new Error(`${repaired} of ${gaps} gaps were repaired: ${reasons}`);
}
