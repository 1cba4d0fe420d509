/** Running one check between two real sites, without the process around it. */
import type { HashAgreements } from "../../../src/check/tables/agree_on_hashes.ts";
import { runCheck } from "../../../src/check/check.ts";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { Observer } from "../../../src/check/ports/observer.ts";
import { Connection } from "../../../src/clickhouse/http/connection.ts";
import type { Patience } from "../../../src/clickhouse/http/statement_watch.ts";
import type { Within } from "../../../src/model/check_scope.ts";
import type { CheckReport, Finding } from "../../../src/model/report.ts";
import type { Settings } from "../../../src/model/settings.ts";
import type { ActiveSite } from "../../../src/model/site.ts";
import { NO_STEADY_ROLE, type SteadyRole } from "../../../src/verdict/steady_role.ts";
import { memoryChanges } from "../../../src/check/memory/remember.ts";
import { NO_MEMORY, sitesOver } from "../../../src/run/connect.ts";
import { pickReplicas } from "../../../src/run/pick_replicas.ts";
import { MemoryFile } from "../../../src/state/memory_file.ts";
import { settingsOf } from "./settings.ts";
import type { TwoSites } from "./two_sites.ts";

export interface CheckSitesOptions {
  readonly settings?: Partial<Settings>;
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
  readonly within?: Within;
  readonly verify?: boolean;
  readonly accepted?: readonly string[];
  /** Tells two installations apart that share the sites. */
  readonly installation?: string;
  /** What earlier checks learned of the servers' hashes; default: nothing. */
  readonly agreements?: HashAgreements;
  /** Directory in which checks leave their memory for the next one. Default: nothing is remembered. */
  readonly memory?: string;
  /** What earlier checks found of the roles; default: nothing. */
  readonly steady?: SteadyRole;
  /** Whether counts will not do; default: they will not. */
  readonly deep?: boolean;
  readonly observer?: Partial<Observer>;
  /** Who is active, asked again before each repair; default: always the primary. */
  readonly active?: () => ActiveSite;
  readonly signal?: AbortSignal;
  readonly patience?: Patience;
  /** Replaces ports, to do damage between two steps of a real check. */
  readonly wrap?: (ports: CheckPorts) => CheckPorts;
}

/** The settings of the DR site, which is passive unless `overrides` says otherwise. */
export function drSettings(sites: TwoSites, overrides: Partial<Settings> = {}): Settings {
  return settingsOf({
    local: sites.dr.writer,
    remote: sites.primary.reader,
    remoteNative: { host: sites.primary.host, port: sites.primary.tcpPort, secure: false },
    ...overrides,
  });
}

/** One check from the DR site; throws nothing that `runCheck` does not. */
export async function checkSites(sites: TwoSites, options: CheckSitesOptions = {}): Promise<CheckReport> {
  const configured = drSettings(sites, options.settings);
  const installation = options.installation ?? "0123abcd";
  const checkId = `${installation}${crypto.randomUUID().slice(0, 8)}`;
  const signal = options.signal ?? new AbortController().signal;
  const redact = (text: string) => text;
  const { settings, replicas } = await pickReplicas({ settings: configured, redact, checkId, signal });
  const open = (site: "local" | "remote", url = settings[site].url) =>
    new Connection({
      site,
      endpoint: { ...settings[site], url },
      queryIdPrefix: `ch-sync-dr-${checkId}`,
      redact,
      signal,
      ...(options.patience ? { patience: options.patience } : {}),
    });
  const [local, remote] = [open("local"), open("remote")];
  const more = settings.shards.slice(1).map(([replica]) => open("remote", replica!.url));
  const moreLocal = settings.localShards.slice(1).map(([replica]) => open("local", replica!.url));
  const memory = options.memory === undefined ? null : await MemoryFile.open(options.memory, "test");
  const ports: CheckPorts = {
    ...sitesOver({ local, remote, more, moreLocal }, settings, checkId, fetch, replicas),
    role: {
      resolve: () =>
        Promise.resolve({ active: options.active?.() ?? "primary", unexpected: [], problem: null }),
    },
    observer: {
      roleKnown() {},
      checkingTable() {},
      tablesFound() {},
      judged() {},
      planned() {},
      repairing() {},
      written() {},
      copied() {},
      apart() {},
      repaired() {},
      warn() {},
      ...options.observer,
    },
    memory: memory ??
      NO_MEMORY,
    repairsWait: () => Promise.resolve(null),
    signal,
  };
  try {
    const report = await runCheck(options.wrap?.(ports) ?? ports, {
      settings,
      replicas,
      dryRun: options.dryRun ?? false,
      only: options.only ? new Set(options.only) : null,
      ...options.within ? { within: options.within } : {},
      verify: options.verify ?? false,
      accepted: new Set(options.accepted),
      installation,
      agreements: options.agreements ?? new Map(),
      deep: options.deep ?? true,
      steady: options.steady ?? NO_STEADY_ROLE,
      now: new Date(),
    });
    if (!options.dryRun) await memory?.commit(memoryChanges(report));
    // A front has no users that it could show.
    return Deno.env.has("CH_SYNC_SITE_ENGINES")
      ? { ...report, warnings: report.warnings.filter((one) => !one.includes(" site only, user: ")) }
      : report;
  } finally {
    memory?.[Symbol.dispose]();
    await Promise.all([local, remote, ...more, ...moreLocal].map((connection) => connection.close()));
  }
}

/** Acts once, between comparison and repair: a check asks at its beginning who is active, and right before it repairs. */
export function beforeRepair(act: () => Promise<unknown>): NonNullable<CheckSitesOptions["wrap"]> {
  let asked = 0;
  return (ports) => ({
    ...ports,
    role: {
      async resolve() {
        if (++asked === 2) await act();
        return await ports.role.resolve();
      },
    },
  });
}

/** All findings of a report, shortened to what tests assert. */
export function findingsOf(report: CheckReport): Finding[] {
  return report.tables.flatMap(({ findings }) => findings);
}

/** `reason` or `reason, repaired` by `table partition`. */
export function reasonsOf(report: CheckReport): Record<string, string> {
  return Object.fromEntries(
    findingsOf(report).map(({ table, partitionId, reason, repaired }) => [
      [table, partitionId].filter(Boolean).join(" "),
      repaired ? `${reason}, repaired` : reason,
    ]),
  );
}

/** The same of those that were not repaired. */
export function leftOpen(report: CheckReport): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reasonsOf(report)).filter(([, reason]) => !reason.endsWith(", repaired")),
  );
}
