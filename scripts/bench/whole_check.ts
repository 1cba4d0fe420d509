/** A whole check, and whether it repaired what was made to be missing. */
import type { CheckReport } from "../../src/model/report.ts";
import { checkSites, type CheckSitesOptions, reasonsOf } from "../../test/support/sites/check_sites.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";

/** The reason of each finding, and how many of them were repaired. */
export function foundIn(report: CheckReport): { reasons: readonly string[]; repaired: number } {
  const reasons = Object.values(reasonsOf(report));
  return { reasons, repaired: reasons.filter((reason) => reason.endsWith("repaired")).length };
}

/** @param gaps partitions that lack rows @throws {Error} unless just so many were repaired */
export async function repairGaps(
  sites: TwoSites,
  gaps: number,
  options: CheckSitesOptions = {},
): Promise<void> {
  const { reasons, repaired } = foundIn(await checkSites(sites, options));
  if (repaired !== gaps) throw new Error(`${repaired} of ${gaps} gaps were repaired: ${reasons}`);
}
