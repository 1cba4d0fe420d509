/** Two sites, two daemons, one collector and a lot of trouble; in the end every row is counted. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import { counted } from "../../src/text/readable.ts";
import { type ChSync, installChSync, type Running } from "../support/program/ch_sync.ts";
import { type DnsServer, startDnsServer } from "../support/receivers/dns_server.ts";
import { Collector, pause } from "./collector.ts";
import { Feed, IGNORED } from "./feed.ts";
import { Ledger } from "./ledger.ts";
import { memory, repairs, type SoakFigures, versionsOf } from "./figures.ts";
import { converge, countAll, type Installations } from "./reckoning.ts";
import { hasOpenFeed, isAtOdds, makeAnew, settleByHand } from "./rollup.ts";
import { addressesOf, type Engines, type NightKind, SITES, type SoakSites, startSoakSites } from "./site.ts";
import { isDouble, isLoss, Tally } from "./tally.ts";
import { atRest, createTables, heldAnywhere, TABLES } from "./tables.ts";
import { ADDRESSES, Trouble } from "./trouble.ts";

/** In clusters more: a collector's row waits for a server that was killed, and may be copied once the window is over. */
const SETTLE_SECONDS = { servers: 10, clusters: 30 } as const satisfies Readonly<Record<NightKind, number>>;
/** Milliseconds by which writes are late at most, well within each window. */
const LONGEST_DELAY_MS = 3000;
/** How far back a verdict is held against both sites: what is older, those before it were held against. */
const JUDGED_MS = 1_200_000;
/** How long a partition of the clusters takes rows, and is young. */
const [PARTITION_MS, YOUNG_MS] = [600_000, 90_000];
/** A write without an answer may be done this much later than the time of its rows: a server tries on while Keeper is away. */
const LATE_MS = 60_000;

const ENVIRONMENT = {
  ACTIVE_SITE: "auto",
  CHECK_INTERVAL: "2",
  // So that as many verdicts as can be are held against the ledger.
  FAILBACK_CLEAN_CHECKS: "1",
  CONNECT_TIMEOUT_MS: "1000",
  LOG_TIMES: "always",
};

/** What a machine of two cores can bear: milliseconds from batch to batch, and the most rows of one; and of trouble. */
const PACE = {
  servers: {
    writes: { every: 250, rows: 100 },
    trouble: { lanes: 1, every: 6000, longest: 6000, storm: 60_000, round: 60_000 },
  },
  clusters: {
    writes: { every: 1500, rows: 40 },
    trouble: { lanes: 2, every: 7000, longest: 6000, storm: 100_000, round: 240_000 },
  },
} as const satisfies Readonly<Record<NightKind, unknown>>;

export interface SoakOptions {
  readonly kind: NightKind;
  readonly minutes: number;
  /** Sites of another version than that of all tests. */
  readonly engines: Engines;
  /** A real collector's; null: none feeds the night. */
  readonly program: string | null;
  /** An existing folder in which the daemons' logs are left; null: nowhere. */
  readonly logs: string | null;
  readonly say: (text: string) => void;
}

export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const { kind, minutes, logs, say } = options;
  const settle = SETTLE_SECONDS[kind] * 1000;
  await using sites = await startSoakSites(kind, options.engines);
  const tables = TABLES[kind];
  await Promise.all(SITES.map((name) => createTables(sites[name], kind)));
  await using feed = options.program === null ? null : await Feed.start(options.program, sites, settle);
  await using dns = await startDnsServer({ kind: "addresses", ips: [ADDRESSES.primary] });
  await using atPrimary = await installed("primary", sites, dns, settle, feed !== null);
  await using atDr = await installed("dr", sites, dns, settle, feed !== null);
  const installations: Installations = { primary: atPrimary, dr: atDr };
  const daemons: Record<SiteName, Running> = { primary: atPrimary.start([]), dr: atDr.start([]) };
  const end = async (name: SiteName, signal: Deno.Signal) => {
    daemons[name].child.kill(signal);
    const { stderr } = await daemons[name].finished;
    if (logs !== null) await Deno.writeTextFile(`${logs}/${name}.log`, stderr, { append: true });
  };
  const ledger = new Ledger(tables);
  const { writes, trouble: pace } = PACE[kind];
  const trouble = new Trouble({
    ...pace,
    sites,
    dns,
    restarts: feed?.restarts ?? [],
    async killDaemon(name) {
      await end(name, "SIGKILL");
      daemons[name] = installations[name].start([]);
    },
  });
  const percent = { dropped: 10, doubled: 5, delayed: 20 };
  const collector = new Collector({
    ...writes,
    sites,
    ledger,
    tables,
    percent,
    longestDelay: LONGEST_DELAY_MS,
  });
  const stop = new AbortController();
  let holding = false;
  const writing = collector.run(stop.signal, () => holding);
  const troubling = trouble.run(stop.signal);
  const feeding = feed?.run(stop.signal);
  const wrong: string[] = [];
  const falseReady: string[] = [];
  const notReady = new Tally();
  let readyVerdicts = 0;
  let settledByHand = 0;
  const judged = new Set<string>();
  await pause(10_000);
  const start = memory(daemons);

  const over = performance.now() + minutes * 60_000;
  let told = 0;
  while (performance.now() < over && falseReady.length === 0) {
    await pause(500);
    const { active } = trouble;
    const state = await installations[otherSite(active)].state().catch(() => null);
    notReady.note(state, active);
    const verdict = readyVerdict(state, active, settle);
    if (verdict !== null && !judged.has(verdict.id)) {
      judged.add(verdict.id);
      try {
        for (const table of tables) {
          const both = await Promise.all(
            [otherSite(active), active].map((name) => heldAnywhere(sites[name], table, verdict.since)),
          );
          falseReady.push(
            ...ledger.refute(table, active, [both[0]!, both[1]!], { ...verdict, late: LATE_MS }),
          );
        }
        falseReady.push(...await feed?.refute(active, verdict) ?? []);
        readyVerdicts++;
      } catch {
        // A server is down.
      }
    }
    for (const name of kind === "servers" ? SITES : []) {
      const server = sites[name].servers[0]!;
      if (trouble.anything) continue;
      const state = await installations[name].state().catch(() => null);
      const isOpen = await hasOpenFeed(server);
      const odd = `${name} ${state?.last_check}`;
      if (!isOpen && (!isAtOdds(state) || judged.has(odd))) continue;
      judged.add(odd);
      holding = true;
      await collector.idle();
      const settling = isOpen ? settleByHand(server) : makeAnew(server).then(() => true);
      if (await settling.catch(() => false)) settledByHand++;
      holding = false;
    }
    if (performance.now() - told < 30_000) continue;
    told = performance.now();
    say(
      `${counted(ledger.rows, "row")} and ${counted(feed?.ledger.size ?? 0, "event")}, READY ${
        counted(readyVerdicts, "time")
      }, kept from it by ${notReady}; trouble: ${JSON.stringify(trouble.counts)}`,
    );
  }
  // What was written twice is much of a partition of a few rows, which ch-sync then takes for one whose shards are copies.
  if (kind === "clusters") await pause(Math.max(0, YOUNG_MS - Date.now() % PARTITION_MS));
  stop.abort();
  await Promise.all([writing, troubling, feeding]);
  wrong.push(...await feed?.drain() ?? []);
  const atEnd = memory(daemons);
  await Promise.all(SITES.map((name) => end(name, "SIGTERM")));
  say("Everything is at rest: both directions are repaired, and every row is counted");
  for (const name of SITES) await atRest(sites[name]);
  await pause(settle + 1000);
  wrong.push(...await converge(installations, sites, dns, kind));
  wrong.push(...await countAll(sites, kind, ledger));
  const fed = await feed?.count();
  wrong.push(...fed?.wrong ?? []);
  const [lost, doubled] = [wrong.filter(isLoss).length, wrong.filter(isDouble).length];
  return {
    minutes,
    engines: await versionsOf(sites),
    rows: ledger.rows + (fed?.figures.events ?? 0),
    rowsWithGaps: ledger.gaps,
    troubles: trouble.counts,
    repairs: await repairs(installations),
    readyVerdicts,
    notReady: notReady.counts,
    feed: fed?.figures ?? null,
    settledByHand,
    megabytes: { start, end: atEnd },
    lost,
    doubled,
    falseReady: falseReady.length,
    other: wrong.length - lost - doubled,
    wrong: [...falseReady, ...wrong],
  };
}

async function installed(
  role: SiteName,
  sites: SoakSites,
  dns: DnsServer,
  settle: number,
  feeds: boolean,
): Promise<ChSync> {
  return await installChSync({
    ...addressesOf(sites[role], sites[otherSite(role)]),
    ...ENVIRONMENT,
    SETTLE_SECONDS: String(settle / 1000),
    ...feeds ? { IGNORE_COLUMNS: IGNORED } : {},
    DNS_SERVER: dns.address,
    PRIMARY_IP: ADDRESSES.primary,
    DR_IP: ADDRESSES.dr,
  });
}

type State = Readonly<Record<string, unknown>> | null;

/** A verdict of the daemon at the passive site: the time up to which it speaks of rows, and when its check began. */
function readyVerdict(state: State, active: SiteName, settle: number) {
  if (!state?.["failback_ready"] || state["active_site"] !== active) return null;
  const through = Date.parse(String(state["verified_through"]));
  return {
    id: String(state["last_check"]),
    through,
    began: through + settle,
    since: through - JUDGED_MS,
  };
}
