/** Which site the failover record names. */
import type { DnsSettings } from "../model/settings.ts";
import type { ActiveSite } from "../model/site.ts";
import { canonicalIp } from "../text/canonical_ip.ts";

export interface RoleDecision {
  readonly active: ActiveSite;
  /** Addresses that belong to neither site, which somebody should look at. */
  readonly unexpected: readonly string[];
}

/**
 * Exactly one of the two addresses names the active site; none or both leave it unknown. Other addresses beside it are
 * only reported.
 */
export function decideRole(
  addresses: readonly string[],
  { primaryIp, drIp }: Pick<DnsSettings, "primaryIp" | "drIp">,
): RoleDecision {
  const found = new Set(addresses.map(canonicalIp));
  const [primary, dr] = [found.has(canonicalIp(primaryIp)), found.has(canonicalIp(drIp))];
  const unexpected = addresses.filter((ip) =>
    ![primaryIp, drIp].some((known) => canonicalIp(known) === canonicalIp(ip))
  );
  return { active: primary === dr ? "unknown" : primary ? "primary" : "dr", unexpected };
}
