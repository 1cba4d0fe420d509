/** The two sites, and which of them the failover record names. */

/** One of the two ClickHouse sites that receive the same telemetry. */
export type SiteName = "primary" | "dr";

/** The site that the failover record names; `unknown` when it names none, both, or does not answer. */
export type ActiveSite = SiteName | "unknown";

/** The site that is not `site`. */
export function otherSite(site: SiteName): SiteName {
  return site === "primary" ? "dr" : "primary";
}
