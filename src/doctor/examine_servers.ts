/** Both servers: do they answer, do their versions and clocks match, does one reach the other? */
import { nativeAddress } from "../check/open/one_server.ts";
import { proveNativeRoad, readFacts, type SiteFacts, urlOf } from "../check/open/open_sites.ts";
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { Examination } from "../model/examination.ts";
import type { PickedReplicas } from "../model/replica_pick.ts";
import type { Settings } from "../model/settings.ts";
import type { ServerFacts } from "../model/site.ts";
import { spelled } from "../clickhouse/sql/remote_table.ts";
import { failed, failedBy, ok, skipped, warning } from "./graded.ts";
import { counted } from "../text/readable.ts";

export interface Servers {
  readonly examinations: readonly Examination[];
  /** Null: at least one of them cannot be asked. */
  readonly facts: { readonly local: ServerFacts; readonly remote: ServerFacts } | null;
}

/** Seconds by which clocks may differ without a warning: asking takes time, and the answer is in whole seconds. */
const SKEW = 5;

export async function examineServers(
  ports: CheckPorts,
  settings: Settings,
  replicas: PickedReplicas,
  now: () => Date,
): Promise<Servers> {
  const found: Examination[] = [];
  const asked = await Promise.all((["local", "remote"] as const).map(async (side) => {
    const site = side === "local" ? ports.here : ports.there;
    const subject = `${side} ClickHouse`;
    const urls = urlOf(settings[side].url, side === "local" ? settings.localShards : settings.shards);
    const problem = await site.ping();
    if (problem !== null) {
      const remedy = `check the server, the network and ${side === "local" ? "LOCAL" : "REMOTE"}_CH_URL`;
      found.push(failed(subject, `${urls} does not answer: ${problem}`, remedy));
      return null;
    }
    try {
      const facts = await site.facts(settings.settleSeconds);
      found.push(
        ok(subject, `${urls} answers as version ${facts.version}; time zone ${facts.timezone}`),
      );
      found.push(...clock(side, facts, now()));
      return facts;
    } catch (error) {
      found.push(failedBy(subject, error));
      return null;
    }
  }));
  const [local, remote] = asked;
  if (!local || !remote) {
    return {
      examinations: [
        ...sorted(found),
        skipped("versions and clocks", "both servers are needed"),
        skipped("native protocol", "both servers are needed"),
      ],
      facts: null,
    };
  }
  const examinations = [...sorted(found), ...examineVersions(local, remote)];
  let facts: SiteFacts;
  try {
    facts = await readFacts(ports, settings, replicas);
  } catch (error) {
    return { examinations: [...examinations, failedBy("the pair of servers", error)], facts: null };
  }
  return { examinations: [...examinations, await native(ports, settings, facts)], facts: { local, remote } };
}

/** In a fixed order, as both are asked at the same time. */
function sorted(found: readonly Examination[]): Examination[] {
  return found.toSorted((a, b) => a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0);
}

function clock(side: "local" | "remote", facts: ServerFacts, now: Date): Examination[] {
  const skew = Math.round(facts.now - now.getTime() / 1000);
  if (Math.abs(skew) <= SKEW) return [];
  const detail = `its clock is ${counted(Math.abs(skew), "second")} ${
    skew > 0 ? "ahead of" : "behind"
  } this machine's`;
  return [
    warning(`${side} ClickHouse`, detail, "correct both clocks (NTP): rows settle by the servers' clocks"),
  ];
}

type Versioned = Pick<ServerFacts, "version">;

/** What there is to say of the pair. */
export function examineVersions(local: Versioned, remote: Versioned): Examination[] {
  const untested = [...new Set([local, remote].map(({ version }) => release(version)))]
    .filter((version) => !TESTED_VERSIONS.includes(version));
  const found: Examination[] = [];
  if (local.version !== remote.version) {
    const detail =
      `${local.version} here, ${remote.version} at the other site: ch-sync compares their hashes before it trusts them`;
    found.push(warning("versions", detail, "bring both to the same version"));
  }
  if (untested.length > 0) {
    const detail = `${untested.join(" and ")} is not among those that ch-sync is tested with (${
      TESTED_VERSIONS.join(", ")
    })`;
    found.push(
      warning("versions", detail, "watch the first repairs: ch-sync --dry-run, then --once --table DB.TABLE"),
    );
  }
  return found.length > 0 ? found : [ok("versions", `${local.version}, which ch-sync is tested with`)];
}

/** As seen by the local server, because it is the one that reads the other. */
async function native(ports: CheckPorts, settings: Settings, facts: SiteFacts): Promise<Examination> {
  try {
    await proveNativeRoad(ports, facts, settings);
  } catch (error) {
    return failedBy("native protocol", error);
  }
  const others = settings.localShards.slice(1).map(([address]) => spelled(address!.native));
  const own = others.length === 0
    ? ""
    : `, and the other shards of this site through ${others.join(" and ")}`;
  return ok(
    "native protocol",
    `the local server reads the remote one through ${nativeAddress(settings)}${own}`,
  );
}

/** Versions of ClickHouse that tests of ch-sync run with, as `year.month`: all with 26.7, the main job with the others. */
export const TESTED_VERSIONS: readonly string[] = [
  "23.10",
  "24.5",
  "24.8",
  "25.5",
  "25.8",
  "26.3",
  "26.7",
  "26.9",
];

/** `26.7` of `26.7.2.1`. */
export function release(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
