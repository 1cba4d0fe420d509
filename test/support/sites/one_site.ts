/** One real ClickHouse site, for tests of statements that need no second one. */
import { type Site, startSite, startTogether, type TwoSitesOptions } from "./two_sites.ts";

export interface OneSite extends AsyncDisposable {
  readonly site: Site;
}

/** Starts it in a directory of its own, which goes when it is disposed of, or does not start. */
export async function startOneSite(
  options: TwoSitesOptions["dr"] & Pick<TwoSitesOptions, "users"> = {},
): Promise<OneSite> {
  const { users, ...more } = options;
  const together = await startTogether("ch-sync-site-", (directory) => [
    startSite(`${directory}/dr`, "canary-dr-pw", users ? { users } : {}, more),
  ]);
  const [site] = together.sites as [Site];
  return { site, [Symbol.asyncDispose]: () => together[Symbol.asyncDispose]() };
}
