/** One real ClickHouse site, for tests of statements that need no second one. */
import { type Site, startSite, type TwoSitesOptions } from "./two_sites.ts";

export interface OneSite extends AsyncDisposable {
  readonly site: Site;
}

/** Starts it in a directory of its own, which goes when it is disposed of. */
export async function startOneSite(
  options: TwoSitesOptions["dr"] & Pick<TwoSitesOptions, "users"> = {},
): Promise<OneSite> {
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-site-" });
  const { users, ...more } = options;
  const site = await startSite(`${directory}/dr`, "canary-dr-pw", users ? { users } : {}, more);
  return {
    site,
    async [Symbol.asyncDispose]() {
      await site.server.stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
