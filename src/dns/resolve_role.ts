/** Asking DNS which site is active. */
import type { Settings } from "../model/settings.ts";
import type { ActiveSite } from "../model/site.ts";
import { decideRole } from "./decide_role.ts";

/**
 * Milliseconds after which silence counts as no answer. Deno's resolver asks each name server twice and waits for
 * a second each time, but for 15 s without a signal (measured with 2.9.6).
 */
const DNS_TIMEOUT_MS = 3000;

export interface ResolvedRole {
  readonly active: ActiveSite;
  readonly unexpected: readonly string[];
  /** Why there is no answer, in words; null: there was one. */
  readonly problem: string | null;
}

/** Resolves the failover record, unless `ACTIVE_SITE` overrides it. What DNS does wrong is data, not an error. */
export async function resolveRole(
  { dns, activeSite }: Pick<Settings, "dns" | "activeSite">,
  timeoutMs = DNS_TIMEOUT_MS,
): Promise<ResolvedRole> {
  if (activeSite !== "unknown") return { active: activeSite, unexpected: [], problem: null };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const addresses = await Deno.resolveDns(dns.record, dns.primaryIp.includes(":") ? "AAAA" : "A", {
      ...(dns.server ? { nameServer: { ipAddr: dns.server.host, port: dns.server.port } } : {}),
      signal: abort.signal,
    });
    const problem = addresses.length === 0 ? noAddress(dns.record) : null;
    const decision = decideRole(addresses, dns);
    const both = decision.active === "unknown" && addresses.length > decision.unexpected.length;
    return { ...decision, problem: both ? `${dns.record} names both sites` : problem };
  } catch (error) {
    return {
      active: "unknown",
      unexpected: [],
      problem: describe(error, dns.record, abort.signal.aborted),
    };
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown, record: string, aborted: boolean): string {
  if (aborted || error instanceof Deno.errors.TimedOut) {
    return `no name server answered for ${record} in time`;
  }
  if (error instanceof Deno.errors.NotFound) return noAddress(record);
  return `${record}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
}

/** Deno says the same where the name does not exist, has no address, or the name server failed. */
function noAddress(record: string): string {
  return `${record} has no address, or its name server failed`;
}
