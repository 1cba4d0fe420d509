/** Whether rows may still be written here, by who is active now. */
import { otherSite, type SiteName } from "../../model/site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** Why they may not, in words; null: they may. The role may have changed since the check began. */
export async function roleChanged(source: CheckPorts["role"], role: SiteName): Promise<string | null> {
  const { active } = await source.resolve();
  return active === otherSite(role) ? null : `the active site is ${active} now, so nothing is written here`;
}
