/** What each name server says about the failover record. */
import type { Examination } from "../model/examination.ts";
import type { DnsSettings, Settings } from "../model/settings.ts";
import type { ActiveSite } from "../model/site.ts";
import { failed, ok, warning } from "./graded.ts";

/** Asks one name server; null: the system's own resolver. */
export type AskDns = (
  server: DnsSettings["server"],
) => Promise<
  { readonly active: ActiveSite; readonly unexpected: readonly string[]; readonly problem: string | null }
>;

/** @param servers of /etc/resolv.conf, for settings that name none */
export async function examineDns(
  { dns, activeSite }: Pick<Settings, "dns" | "activeSite">,
  servers: readonly string[],
  ask: AskDns,
): Promise<Examination[]> {
  if (activeSite !== "unknown") {
    const detail = `DNS is not asked, because ACTIVE_SITE=${activeSite} is set`;
    return [
      warning(
        "DNS",
        detail,
        "set ACTIVE_SITE=auto once the drill is over, or ch-sync will not notice a failover",
      ),
    ];
  }
  const asked = dns.server
    ? [dns.server]
    : servers.length > 0
    ? servers.map((host) => ({ host, port: 53 }))
    : [null];
  const answers = await Promise.all(asked.map(async (server) => ({ server, answer: await ask(server) })));
  const name = (server: DnsSettings["server"]) => server ? `name server ${server.host}` : "DNS";
  const found = answers.map(({ server, answer: { active, unexpected, problem } }): Examination => {
    if (active !== "unknown") {
      return ok(name(server), `${dns.record} names the ${active} site as the active one`);
    }
    const detail = unexpected.length > 0
      ? `${dns.record} is ${
        unexpected.join(", ")
      }, which is neither PRIMARY_IP=${dns.primaryIp} nor DR_IP=${dns.drIp}`
      : problem ?? `${dns.record} names no site`;
    const silent = unexpected.length === 0 && problem !== null;
    return failed(
      name(server),
      detail,
      silent
        ? `see that the name server is up, that UDP and TCP get to its port ${
          server?.port ?? 53
        }, and that DNS_RECORD and DNS_SERVER are right`
        : "correct DNS_RECORD, PRIMARY_IP, DR_IP, DNS_SERVER or the record itself",
    );
  });
  const said = new Set(answers.map(({ answer }) => answer.active).filter((active) => active !== "unknown"));
  if (said.size > 1) {
    found.push(
      failed(
        "DNS",
        "the name servers disagree about which site is active",
        "wait for the record's TTL, or fix the zone",
      ),
    );
  }
  return found;
}

/** The name servers of a resolv.conf. */
export function nameServersOf(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!.replace(/%.*/, ""));
}
