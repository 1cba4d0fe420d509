/** Whether the addresses of the sites belong to the roles that they are given. */
import type { Examination } from "../model/examination.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite, type SiteName } from "../model/site.ts";
import { canonicalIp } from "../text/canonical_ip.ts";
import { warning } from "./graded.ts";

/** A warning where a URL holds the address that is said to be the other site's: with roles changed about, rows go into the active site. */
export function examineRole(
  { role, dns, local, remote }: Pick<Settings, "role" | "dns" | "local" | "remote">,
): Examination[] {
  const addressOf = (site: SiteName) => canonicalIp(site === "primary" ? dns.primaryIp : dns.drIp);
  const other = otherSite(role);
  const wrong = ([["LOCAL_CH_URL", local.url, other], ["REMOTE_CH_URL", remote.url, role]] as const)
    .filter(([, url, site]) =>
      canonicalIp(new URL(url).hostname.replace(/^\[|\]$/g, "")) === addressOf(site)
    );
  return wrong.map(([name, , site]) =>
    warning(
      "role",
      `${name} holds the address of the ${site} site (${
        site === "primary" ? "PRIMARY_IP" : "DR_IP"
      }), and ROLE=${role}`,
      "correct ROLE, or the addresses: as it is, rows would be copied into the wrong site",
    )
  );
}
