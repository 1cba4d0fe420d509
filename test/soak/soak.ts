/** Two sites, two daemons, one collector and a lot of trouble; in the end every row is counted. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import { type ChSync, environmentOf, installChSync, type Running } from "../support/program/ch_sync.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { stagingTables } from "../support/program/endings.ts";
import { onBoth } from "../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";
import { Collector, pause } from "./collector.ts";
import { Ledger, SITES } from "./ledger.ts";
import { ADDRESSES, Trouble } from "./trouble.ts";

export interface SoakFigures {
  readonly minutes: number;
  readonly rows: number;
  readonly rowsWithGaps: number;
  readonly troubles: Readonly<Record<string, number>>;
  readonly readyVerdicts: number;
  readonly settledByHand: number;
  readonly megabytes: Readonly<Record<"start" | "end", number>>;
  /** Rows lost or doubled, and verdicts that were wrong: none, or the soak has failed. */
  readonly wrong: readonly string[];
}

const SETTLE_SECONDS = 10;
const TABLES = ["d.plain", "d.viewed"];
/** A check may have begun this long before it was recorded. */
const LONGEST_CHECK_MS = 15_000;

const ENVIRONMENT = {
  ACTIVE_SITE: "auto",
  CHECK_INTERVAL: "2",
  SETTLE_SECONDS: String(SETTLE_SECONDS),
  FAILBACK_CLEAN_CHECKS: "2",
  CONNECT_TIMEOUT_MS: "1000",
};
const table = (name: string) =>
  `CREATE TABLE ${name} (ts DateTime64(3, 'UTC'), batch UInt32, n UInt32, host LowCardinality(String)) ` +
  "ENGINE = MergeTree PARTITION BY toStartOfTenMinutes(ts) ORDER BY (host, ts)";
const ROLLUP = "SELECT toStartOfMinute(ts) AS minute, count() AS requests FROM d.viewed GROUP BY minute";

export async function soak(minutes: number, say: (text: string) => void): Promise<SoakFigures> {
  const config = { query_log: { database: "system", table: "query_log", flush_interval_milliseconds: 500 } };
  await using pair = await startTwoSites({ primary: { config }, dr: { config } });
  const sites: Readonly<Record<SiteName, Site>> = pair;
  await onBoth(
    pair,
    "CREATE DATABASE d",
    ...TABLES.map(table),
    "CREATE TABLE d.minutes (minute DateTime('UTC'), requests UInt64) ENGINE = SummingMergeTree ORDER BY minute",
    `CREATE MATERIALIZED VIEW d.to_minutes TO d.minutes AS ${ROLLUP}`,
  );
  await using dns = await startDnsServer({ kind: "addresses", ips: [ADDRESSES.primary] });
  const installed = async (role: SiteName) =>
    await installChSync({
      ...environmentOf(role, sites[role], sites[otherSite(role)]),
      ...ENVIRONMENT,
      DNS_SERVER: dns.address,
      PRIMARY_IP: ADDRESSES.primary,
      DR_IP: ADDRESSES.dr,
    });
  await using atPrimary = await installed("primary");
  await using atDr = await installed("dr");
  const installations: Readonly<Record<SiteName, ChSync>> = { primary: atPrimary, dr: atDr };
  const daemons: Record<SiteName, Running> = { primary: atPrimary.start([]), dr: atDr.start([]) };
  const ledger = new Ledger();
  const trouble = new Trouble({
    sites,
    dns,
    async killDaemon(site) {
      daemons[site].child.kill("SIGKILL");
      await daemons[site].finished;
      daemons[site] = installations[site].start([]);
    },
  });
  const percent = { dropped: 10, doubled: 5, delayed: 20 };
  const longestDelay = SETTLE_SECONDS * 300;
  const collector = new Collector({ sites, ledger, tables: TABLES, percent, longestDelay });
  const stop = new AbortController();
  let holding = false;
  const writing = collector.run(stop.signal, () => holding);
  const troubling = trouble.run(stop.signal, 6000);
  const wrong: string[] = [];
  let readyVerdicts = 0;
  let settledByHand = 0;
  const judged = new Set<string>();
  await pause(10_000);
  const start = memory(daemons);

  const end = performance.now() + minutes * 60_000;
  let told = 0;
  while (performance.now() < end && wrong.length === 0) {
    await pause(500);
    const verdict = await readyVerdict(installations, trouble.active);
    if (verdict !== null && !judged.has(verdict.id)) {
      judged.add(verdict.id);
      const [passive, active] = [sites[otherSite(trouble.active)], sites[trouble.active]];
      try {
        for (const name of TABLES) wrong.push(...await ledger.refute(passive, active, name, verdict.before));
        readyVerdicts++;
      } catch {
        // A server was killed meanwhile.
      }
    }
    for (const site of SITES) {
      if (trouble.down.size > 0 || !await hasOpenFeed(sites[site])) continue;
      holding = true;
      await collector.idle();
      if (await settleByHand(sites[site]).catch(() => false)) settledByHand++;
      holding = false;
    }
    if (performance.now() - told < 30_000) continue;
    told = performance.now();
    say(`${ledger.rows} rows, ${readyVerdicts} times READY, ${JSON.stringify(trouble.counts)}`);
  }
  stop.abort();
  await Promise.all([writing, troubling]);
  const atEnd = memory(daemons);
  for (const site of SITES) {
    daemons[site].child.kill("SIGTERM");
    await daemons[site].finished;
  }
  say("Everything is at rest: both directions are repaired, and every row is counted");
  await pause(SETTLE_SECONDS * 1000 + 1000);
  await converge(installations, sites, dns);
  for (const site of SITES) {
    for (const name of TABLES) {
      wrong.push(
        ...(await ledger.compare(sites[site], name, Date.now())).map((text) => `${site} ${name}: ${text}`),
      );
    }
  }
  for (const site of SITES) {
    const [rolled, rows] = [
      await scalar(sites[site], "SELECT sum(requests) FROM d.minutes"),
      await scalar(sites[site], "SELECT count() FROM d.viewed"),
    ];
    const unsure = ledger.uncertain(site);
    if (Math.abs(rolled - rows) > unsure) {
      wrong.push(
        `${site}: the rollup counts ${rolled} of ${rows} rows, and ${unsure} were written without an answer`,
      );
    }
  }
  return {
    minutes,
    rows: ledger.rows,
    rowsWithGaps: ledger.gaps,
    troubles: trouble.counts,
    readyVerdicts,
    settledByHand,
    megabytes: { start, end: atEnd },
    wrong,
  };
}

/** A verdict of the daemon at the passive site, and the time up to which it speaks of rows. */
async function readyVerdict(installations: Readonly<Record<SiteName, ChSync>>, active: SiteName) {
  const state = await installations[otherSite(active)].state().catch(() => null);
  if (!state?.failback_ready || state.active_site !== active) return null;
  const last = String(state.last_check);
  return { id: last, before: Date.parse(last) - SETTLE_SECONDS * 1000 - LONGEST_CHECK_MS };
}

async function scalar({ query }: Site, sql: string): Promise<number> {
  return Number(await query(sql));
}

async function hasOpenFeed({ query }: Site): Promise<boolean> {
  const open = "SELECT count() FROM system.tables WHERE name LIKE '\\_chsync%s' AND comment != ''";
  return await query(open).then((count) => count !== "0\n", () => false);
}

/** What docs/recovery.md says: the rows are in the table, so the rollup is made anew from it. */
async function settleByHand(site: Site): Promise<boolean> {
  for (const name of (await stagingTables(site)).trim().split("\n").filter((name) => name.endsWith("s"))) {
    await site.query("TRUNCATE TABLE d.minutes");
    await site.query(`INSERT INTO d.minutes ${ROLLUP}`);
    await site.query(`DROP TABLE d.${name} SYNC`);
    return true;
  }
  return false;
}

/** One direction, then the other, as often as it takes until neither misses anything. */
async function converge(
  installations: Readonly<Record<SiteName, ChSync>>,
  sites: Readonly<Record<SiteName, Site>>,
  dns: { answer: unknown },
): Promise<void> {
  for (const active of [...SITES, ...SITES]) {
    dns.answer = { kind: "addresses", ips: [ADDRESSES[active]] };
    const passive = otherSite(active);
    for (let tries = 1;; tries++) {
      const { code, stderr } = await installations[passive].run(["--once"]);
      if (code === 0) break;
      if (tries === 10) throw new Error(`${passive} never became whole:\n${stderr}`);
      if (/: views: /.test(stderr)) await settleByHand(sites[passive]);
      await pause(SETTLE_SECONDS * 1000 / 2);
    }
  }
}

/** Megabytes that the larger one of the daemons holds. */
function memory(daemons: Readonly<Record<SiteName, Running>>): number {
  return Math.max(...SITES.map((site) => {
    const status = Deno.readTextFileSync(`/proc/${daemons[site].child.pid}/status`);
    return Math.round(Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1] ?? 0) / 1024);
  }));
}
