/** The end of every check: whether what was found at its beginning is still so. */
import { errorText } from "../../text/error_text.ts";
import type { Settings } from "../../model/settings.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { SiteFacts } from "./open_sites.ts";

/**
 * Why a check was not completed after all: this site has become the active one, or a server was started anew meanwhile, which may
 * have lost rows that had been compared, or a site cannot be asked any more; null: nothing of this.
 */
export async function findChanged(
  { here, there, role }: Pick<CheckPorts, "here" | "there" | "role">,
  before: Pick<SiteFacts, "here" | "there">,
  own: Settings["role"],
): Promise<string | null> {
  const { active } = await role.resolve();
  if (active === own) return `the active site is ${active} now: it was the other one when the check began`;
  try {
    const [hereNow, thereNow] = await Promise.all([here.run(), there.run()]);
    const [sameHere, sameThere] = [hereNow === before.here.runs[0], thereNow === before.there.runs[0]];
    if (sameHere && sameThere) return null;
    const site = sameHere ? "the active site" : "this site";
    return `a server of ${site} was started anew in mid-check, and may lack rows that had been compared; the next check begins anew`;
  } catch (error) {
    return errorText(error);
  }
}
