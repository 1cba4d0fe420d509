/** The end of every check: whether what was found at its beginning is still so. */
import { errorText } from "../../text/error_text.ts";
import type { Settings } from "../../model/settings.ts";
import type { ServerFacts } from "../../model/site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { SiteFacts } from "./open_sites.ts";

/**
 * Why a check was not completed after all: this site has become the active one, or a server was started anew meanwhile, which may
 * have lost rows that had been compared, or a site cannot be asked any more; null: nothing of this.
 */
export async function findChanged(
  { here, there, role }: Pick<CheckPorts, "here" | "there" | "role">,
  before: Pick<SiteFacts, "here" | "there">,
  { settleSeconds, role: own }: Pick<Settings, "settleSeconds" | "role">,
): Promise<string | null> {
  const { active } = await role.resolve();
  if (active === own) return `the active site is ${active} now: it was the other one when the check began`;
  try {
    const [hereNow, thereNow] = await Promise.all([here.facts(settleSeconds), there.facts(settleSeconds)]);
    if (ranAs(hereNow) === ranAs(before.here) && ranAs(thereNow) === ranAs(before.there)) return null;
    const site = ranAs(hereNow) === ranAs(before.here) ? "the active site" : "this site";
    return `a server of ${site} was started anew in mid-check, and may lack rows that had been compared; the next check begins anew`;
  } catch (error) {
    return errorText(error);
  }
}

/** Stands for the run of the server, or of that of each shard. */
function ranAs({ shards, runs }: ServerFacts): string {
  return (shards?.map(({ runs }) => runs[0]) ?? [runs[0]]).join();
}
