/** The beginning of every check: who is active, do both sites answer, which tables are there. */
import type { Moment } from "../../model/scope.ts";
import type { Settings } from "../../model/settings.ts";
import type { CheckOutcome, CheckReport } from "../../model/report.ts";
import { type ActiveSite, otherSite, type SiteName } from "../../model/site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ServerFacts } from "../../model/site.ts";

/** Whether a check can begin, or how it ends at once. */
export type Opened =
  | { readonly outcome: "open"; readonly active: SiteName }
  | Pick<CheckReport, "active" | "outcome" | "error" | "unreachable"> & {
    readonly outcome: Exclude<CheckOutcome, "completed">;
  };

/** Only the passive site, which knows that it is, goes on, and only where both sites answer. */
export async function openCheck(ports: CheckPorts, settings: Settings): Promise<Opened> {
  const active = await resolveRole(ports);
  ports.observer.roleKnown(active, settings.role);
  if (active === "unknown") {
    return { active, outcome: "role_unknown", error: "the active site is unknown", unreachable: [] };
  }
  const unreachable = await findUnreachable(ports, settings);
  if (active !== otherSite(settings.role)) return { active, outcome: "standby", error: null, unreachable };
  if (unreachable.length === 0) return { active, outcome: "open" };
  const error = `no answer from the ${unreachable.join(" and the ")} ClickHouse`;
  return { active, outcome: "site_unreachable", error, unreachable };
}

/** Asks who is active, and says what looked odd. */
async function resolveRole({ role, observer }: CheckPorts): Promise<ActiveSite> {
  const { active, unexpected, problem } = await role.resolve();
  for (const ip of unexpected) observer.warn(`DNS returned unexpected IP: ${ip}`);
  if (active === "unknown") {
    observer.warn("Could not determine active site from DNS");
    if (problem) observer.warn(problem);
  }
  return active;
}

/** Sites that do not answer `/ping`, each with a warning. */
async function findUnreachable(
  { here, there, observer }: CheckPorts,
  settings: Pick<Settings, "local" | "remote">,
): Promise<("local" | "remote")[]> {
  const [local, remote] = await Promise.all([here.ping(), there.ping()]);
  const problems = [["local", "Local", settings.local.url, local], [
    "remote",
    "Remote",
    settings.remote.url,
    remote,
  ]];
  return (problems as ["local" | "remote", string, string, string | null][]).flatMap(
    ([site, word, url, problem]) => {
      if (problem === null) return [];
      observer.warn(`${word} ClickHouse unhealthy: ${url}`);
      observer.warn(`The ${site} site's /ping: ${problem}`);
      return [site];
    },
  );
}

/** Seconds that the servers' clocks may differ: far more than NTP leaves, and asking both takes. */
const MAX_CLOCK_SKEW = 300;

export interface OpenSites {
  readonly moment: Moment;
  readonly hereFacts: ServerFacts;
  readonly thereFacts: ServerFacts;
}

/**
 * The facts of both servers and the literal instants of the check, by the older of their clocks (trap 15).
 *
 * @throws where both URLs lead to the same server, which would agree with itself for ever, and where the clocks differ
 *   so much that rows which one of them calls young could be left out for ever, and where the other server does not take
 *   the settings that make statements exact
 */
export async function readFacts({ here, there }: CheckPorts, settleSeconds: number): Promise<OpenSites> {
  const [hereFacts, thereFacts] = await Promise.all([here.facts(settleSeconds), there.facts(settleSeconds)]);
  if (hereFacts.identity === thereFacts.identity) {
    throw new Error(
      "LOCAL_CH_URL and REMOTE_CH_URL lead to the same ClickHouse server; correct one of them",
    );
  }
  // A server that cannot be reached sends nothing: each table says so.
  const untaken = await here.untakenSettings().catch(() => null);
  if (untaken !== null) throw new Error(untaken);
  const skew = Math.abs(hereFacts.now - thereFacts.now);
  if (skew > MAX_CLOCK_SKEW) {
    throw new Error(
      `The clocks of the two ClickHouse servers differ by ${skew} seconds, so nobody can say which rows are settled; ` +
        "set them right (NTP)",
    );
  }
  const now = Math.min(hereFacts.now, thereFacts.now);
  return {
    hereFacts,
    thereFacts,
    moment: {
      now,
      settledBefore: now - settleSeconds,
      settledBeforeDay: Math.min(hereFacts.settledBeforeDay, thereFacts.settledBeforeDay),
    },
  };
}
