/** The beginning of every check: who is active, do both sites answer, which servers are they, what do their clocks say. */
import { errorText } from "../../text/error_text.ts";
import { findHttpProblem, findNativeProblem, findTwice, nativeAddress } from "./one_server.ts";
import type { Moment } from "../../model/scope.ts";
import { ONE_ADDRESS_EACH, type PickedReplicas } from "../../model/replica_pick.ts";
import type { Settings } from "../../model/settings.ts";
import type { CheckOutcome, CheckReport } from "../../model/report.ts";
import { type ActiveSite, isFar, otherSite, type SiteName } from "../../model/site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ServerFacts } from "../../model/site.ts";

/** Whether a check can begin, or how it ends at once. */
export type CheckOpening =
  | { readonly outcome: "open"; readonly active: SiteName; readonly pingMs: number }
  | Pick<CheckReport, "active" | "outcome" | "error" | "unreachable"> & {
    readonly outcome: Exclude<CheckOutcome, "completed">;
  };

/** Only a site that is known to be passive goes on, and only if both sites answer. */
export async function openCheck(ports: CheckPorts, settings: Settings): Promise<CheckOpening> {
  const { active, why } = await resolveRole(ports);
  ports.observer.roleKnown(active, settings.role);
  if (active === "unknown") {
    return { active, outcome: "role_unknown", error: `the active site is unknown: ${why}`, unreachable: [] };
  }
  const { unreachable, problems, pingMs } = await findUnreachable(ports, settings);
  if (active !== otherSite(settings.role)) return { active, outcome: "standby", error: null, unreachable };
  if (unreachable.length === 0) return { active, outcome: "open", pingMs };
  const error = `no answer from the ${unreachable.join(" and the ")} ClickHouse: ${problems.join("; ")}`;
  return { active, outcome: "site_unreachable", error, unreachable };
}

/** Asks who is active, and warns about odd answers. `why`: what the answer was, where it tells nothing. */
async function resolveRole({ role, observer }: CheckPorts): Promise<{ active: ActiveSite; why: string }> {
  const { active, unexpected, problem } = await role.resolve();
  for (const ip of unexpected) observer.warn(`DNS returned unexpected IP: ${ip}`);
  if (active === "unknown") {
    observer.warn("Could not determine active site from DNS");
    if (problem) observer.warn(problem);
  }
  const why = problem ?? `DNS names ${unexpected.join(", ")}, neither PRIMARY_IP nor DR_IP`;
  return { active, why };
}

/** Of a site, of all its shards. */
export function urlOf(url: string, shards: Settings["shards"]): string {
  return shards.length === 0 ? url : shards.map(([replica]) => replica?.url).join(",");
}

/** Sites that do not answer `/ping`, each with a warning and its problem, and the milliseconds that the other one took. */
async function findUnreachable(
  { here, there, observer }: CheckPorts,
  { local: own, localShards, remote: other, shards }: Pick<
    Settings,
    "local" | "remote" | "shards" | "localShards"
  >,
): Promise<{ unreachable: ("local" | "remote")[]; problems: string[]; pingMs: number }> {
  const timed = async () => {
    const asked = performance.now();
    return { problem: await there.ping(), pingMs: performance.now() - asked };
  };
  const [local, { problem: remote, pingMs: first }] = await Promise.all([here.ping(), timed()]);
  // The first one opens a connection, and may have come at a busy moment.
  const pingMs = remote === null && isFar({ pingMs: first })
    ? Math.min(first, (await timed()).pingMs)
    : first;
  const sites = [
    ["local", "Local", urlOf(own.url, localShards), local],
    ["remote", "Remote", urlOf(other.url, shards), remote],
  ] as const;
  const silent = sites.flatMap(([site, word, url, problem]) => {
    if (problem === null) return [];
    observer.warn(`${word} ClickHouse unhealthy: ${url}`);
    observer.warn(`The ${site} site's /ping: ${problem}`);
    return [{ site, problem }];
  });
  return {
    unreachable: silent.map(({ site }) => site),
    problems: silent.map(({ problem }) => problem),
    pingMs,
  };
}

/** Seconds by which the servers' clocks may differ: far more than NTP leaves, or than asking both takes. */
const MAX_CLOCK_SKEW = 300;

/**
 * Why a check was not completed after all: a replica that was picked for it does not answer any more; null: both do. What failed
 * because of that is no finding about the tables, and the next check picks another one.
 */
export async function findDied(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  { local, remote, shards, localShards }: PickedReplicas,
): Promise<string | null> {
  for (const [site, ofSite, where] of [[there, shards, ""], [here, localShards, " of this site"]] as const) {
    const lost = ofSite.length === 0 ? null : await site.ping();
    if (lost !== null) {
      return `${lost}: it stopped answering in mid-check${where}, and the next check begins anew`;
    }
  }
  for (const [site, replica, where] of [[here, local, "this"], [there, remote, "the other"]] as const) {
    const problem = replica && await site.ping();
    if (replica && problem !== null) {
      return `${replica.url} of ${where} site stopped answering in mid-check (${problem}); the next check reads another replica`;
    }
  }
  return null;
}

type OpenSettings = Pick<
  Settings,
  "settleSeconds" | "local" | "remote" | "remoteNative" | "remoteCollection" | "shards" | "localShards"
>;

/** What both servers say of themselves, and the instants that follow from it. */
export interface SiteFacts {
  readonly moment: Moment;
  readonly here: ServerFacts;
  readonly there: ServerFacts;
}

/**
 * The facts of both servers and the literal instants of the check, by the older of their clocks: two reads of a partition
 * that still fills up would never agree without one limit for both.
 *
 * @throws if both URLs lead to the same server, which would agree with itself for ever, or one of them to several; if the
 *   clocks differ so much that rows which one of them calls young could be left out for ever
 */
export async function readFacts(
  ports: CheckPorts,
  settings: OpenSettings,
  replicas: PickedReplicas = ONE_ADDRESS_EACH,
): Promise<SiteFacts> {
  const { settleSeconds } = settings;
  // Before one server is asked by two names at once.
  const twice = findTwice(replicas, null, settings);
  if (twice !== null) throw new Error(twice);
  const [here, there] = await Promise.all([
    ports.here.facts(settleSeconds),
    ports.there.facts(settleSeconds),
  ]);
  const problem = findHttpProblem(here, there, settings) ?? findTwice(replicas, { here, there }, settings);
  if (problem !== null) throw new Error(problem);
  const skew = Math.abs(here.now - there.now);
  if (skew > MAX_CLOCK_SKEW) {
    const ahead = here.now > there.now ? "local" : "remote";
    throw new Error(
      `The clocks of the two ClickHouse servers differ by ${skew} seconds (the ${ahead} one is ahead), so nobody can say which rows ` +
        "are settled; set them right (NTP)",
    );
  }
  const now = Math.min(here.now, there.now);
  return {
    here,
    there,
    moment: {
      now,
      settledBefore: now - settleSeconds,
      settledBeforeDay: Math.min(here.settledBeforeDay, there.settledBeforeDay),
    },
  };
}

/**
 * Proves that this site's server reads the very server whose digests its answers are held against, and that this one takes the
 * settings that make statements exact.
 *
 * @throws if it cannot read it, or reads another one, or one that holds settings fast
 */
export async function proveNativeRoad(
  ports: Pick<CheckPorts, "here">,
  { here, there }: Pick<SiteFacts, "here" | "there">,
  settings: OpenSettings,
): Promise<void> {
  // Side by side, as the sites may be far apart; what is wrong with the first of them is told.
  const [ownRoads, taken] = [proveOwnRoads(ports.here, here, settings), ports.here.untakenSettings()];
  for (const later of [ownRoads, taken]) later.catch(() => {});
  const problems = await Promise.all((there.shards ?? [there]).map(async ({ runs: [remote = ""] }, shard) => {
    const address = settings.shards[shard]?.[0];
    const own = address
      ? { ...settings, remote: { ...settings.remote, url: address.url }, remoteNative: address.native }
      : settings;
    try {
      const leadsTo = await ports.here.leadsTo({ local: runsOf(here)[0] ?? "", remote }, shard);
      const problem = findNativeProblem(leadsTo, own);
      return problem === null ? null : new Error(problem);
    } catch (cause) {
      const unread = `the local server cannot read the remote one through ${nativeAddress(own)}`;
      return new Error(`${unread}: ${errorText(cause)}`, { cause });
    }
  }));
  const problem = problems.find((problem) => problem !== null);
  if (problem) throw problem;
  await ownRoads;
  const untaken = await taken;
  if (untaken !== null) throw new Error(untaken);
}

/** Of each shard, or of the one server. */
function runsOf({ shards, runs }: ServerFacts): readonly string[] {
  return shards?.map(({ runs }) => runs[0] ?? "") ?? runs;
}

/** The same of the addresses by which the first shard of this site reads the others, and writes to them. */
async function proveOwnRoads(
  site: CheckPorts["here"],
  facts: ServerFacts,
  { localShards }: Pick<Settings, "localShards">,
): Promise<void> {
  const problems = await Promise.all(localShards.map(async ([address], shard) => {
    const [local = "", run = ""] = [runsOf(facts)[0], runsOf(facts)[shard]];
    const { host, port } = address!.native;
    const where = `${host}:${port}, the native address of shard ${shard + 1} of this site,`;
    try {
      const leadsTo = await site.leadsToShard({ local, remote: run }, shard);
      if (leadsTo.length > 0 && leadsTo.every((one) => one === "remote")) return null;
    } catch (cause) {
      const unread = `shard 1 of this site cannot read ${where} as LOCAL_CH_USER`;
      return new Error(`${unread}: ${errorText(cause)}`, { cause });
    }
    return new Error(
      `${where} does not lead to the server of ${
        address!.url
      }: correct LOCAL_CH_HOST and LOCAL_CH_PORT, by which the servers ` +
        "of this site reach each other, past whatever balances between them",
    );
  }));
  const problem = problems.find((problem) => problem !== null);
  if (problem) throw problem;
}
