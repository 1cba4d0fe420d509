/** Two sites, two collectors that write to both, a ch-sync at each, and a ledger that holds every verdict against the truth. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import { type FaultyLink, startFaultyLink } from "../support/links/faulty_link.ts";
import { type ChSync, environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { until } from "../support/program/endings.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { Collector, type Manners } from "./collector.ts";
import { type Event, send, twoHoursOf } from "./generator.ts";
import { type Account, type Held, held, Ledger } from "./ledger.ts";

export const SITES = ["primary", "dr"] as const satisfies readonly SiteName[];

/** ch-sync's default, and what the README speaks of. */
export const SETTLE_SECONDS = 600;

const ADDRESSES: Readonly<Record<SiteName, string>> = { primary: "192.0.2.1", dr: "192.0.2.2" };
/** Events that a sender puts into one request. */
const REQUEST = 70;

export interface Check {
  readonly code: number;
  readonly ready: boolean;
  /** The report. */
  readonly said: string;
  /** Rows that it added to the passive site, as its state says. */
  readonly copied: number;
}

export interface Stand extends AsyncDisposable {
  readonly sites: Readonly<Record<SiteName, Site>>;
  /** The way of both collectors to each site. */
  readonly links: Readonly<Record<SiteName, FaultyLink>>;
  /** One batches in its queue, on disk, the other by the processor `batch`, in memory. */
  readonly collectors: readonly [Collector, Collector];
  /** One more, which whoever asks for it disposes of. */
  collector(name: string, more: Manners): Collector;
  readonly chSync: Readonly<Record<SiteName, ChSync>>;
  readonly ledger: Ledger;
  /** READY while rows were missing, and rows that a check doubled: none, or ch-sync is wrong. */
  readonly wrong: readonly string[];
  readonly active: SiteName;
  /** Names another site as the active one, in DNS. */
  flip(): void;
  /** Writes events down and sends them, half of them to each of these collectors. */
  send(events: readonly Event[], to?: readonly Collector[]): Promise<void>;
  /** Waits until no request waits in the queues of these collectors for these sites, and the last one has arrived. */
  drained(phase: string, collectors?: readonly Collector[], sites?: readonly SiteName[]): Promise<void>;
  /** One check at the passive site. What it adds and a verdict READY are held against the ledger. */
  check(environment?: Record<string, string>): Promise<Check>;
  /**
   * The passive site is down while two hours of events are sent; both collectors are stopped, with what they hold for it in
   * their queues, before it is up again.
   *
   * @param from unix milliseconds of the first event
   */
  outage(phase: string, from: number, events: number): Promise<void>;
  account(phase?: string): Promise<Account>;
  /** Events of a phase at a site. */
  held(site: SiteName, phase: string): Promise<Held>;
}

export async function startStand(program: string): Promise<Stand> {
  await using unlessMoved = new AsyncDisposableStack();
  const room = unlessMoved.use(await temporaryDirectory());
  const sites: Readonly<Record<SiteName, Site>> = unlessMoved.use(await startTwoSites());
  const dns = unlessMoved.use(await startDnsServer({ kind: "addresses", ips: [ADDRESSES.primary] }));
  const link = (site: SiteName) => unlessMoved.use(startFaultyLink(sites[site].tcpPort));
  const links = { primary: link("primary"), dr: link("dr") };
  const target = (site: SiteName) => {
    const { user, password } = sites[site].endpoint;
    return { port: links[site].port, user, password };
  };
  const targets = { primary: target("primary"), dr: target("dr") };
  const collector = (name: string, more: Manners) =>
    new Collector({ program, folder: `${room.path}/${name}`, targets, ...more });
  const collectors = [
    unlessMoved.use(collector("a", { batches: "queue" })),
    unlessMoved.use(collector("b", { batches: "processor" })),
  ] as const;
  const install = async (role: SiteName) =>
    unlessMoved.use(
      await installChSync({
        ...environmentOf(role, sites[role], sites[otherSite(role)]),
        ACTIVE_SITE: "auto",
        DNS_SERVER: dns.address,
        PRIMARY_IP: ADDRESSES.primary,
        DR_IP: ADDRESSES.dr,
        // The first clean check is READY: so every one is held against the ledger.
        FAILBACK_CLEAN_CHECKS: "1",
        SETTLE_SECONDS: String(SETTLE_SECONDS),
      }),
    );
  const chSync = { primary: await install("primary"), dr: await install("dr") };
  const ledger = new Ledger();
  const wrong: string[] = [];
  let active: SiteName = "primary";
  const all = unlessMoved.move();
  const stand: Stand = {
    sites,
    links,
    collectors,
    collector,
    chSync,
    ledger,
    wrong,
    get active() {
      return active;
    },
    flip() {
      active = otherSite(active);
      dns.answer = { kind: "addresses", ips: [ADDRESSES[active]] };
    },
    async send(events, to = collectors) {
      ledger.note(events);
      for (let at = 0, turn = 0; at < events.length; at += REQUEST, turn++) {
        await send(to[turn % to.length]!.url, events.slice(at, at + REQUEST));
      }
    },
    async drained(phase, of = collectors, to = SITES) {
      let before = "";
      await until("an empty queue", async () => {
        const queues = await Promise.all(of.flatMap((one) => to.map((site) => one.queued(site))));
        // What a batch gathers is in no queue yet, and what an INSERT carries is in none any more: both change what is held.
        const now = JSON.stringify(
          await Promise.all(to.map(async (site) => (await held(sites[site], phase)).size)),
        );
        const rests = queues.every((requests) => requests === 0) && now === before;
        before = now;
        if (!rests) await new Promise((resolve) => setTimeout(resolve, 400));
        return rests;
      }).catch((error) => {
        throw new Error(`${phase}: ${error instanceof Error ? error.message : error}`);
      });
    },
    async check(environment = {}) {
      const passive = otherSite(active);
      const began = Date.now();
      const synced = async () => Number((await chSync[passive].state())?.rows_synced ?? 0);
      const [before, holdings] = [await synced(), await held(sites[passive])];
      const settle = Number(environment.SETTLE_SECONDS ?? SETTLE_SECONDS);
      const { code, stdout, stderr } = await chSync[passive].run(["--once"], environment);
      const state = await chSync[passive].state();
      const ready = state?.failback_ready === true;
      const [here, there] = [await held(sites[passive]), await held(sites[active])];
      wrong.push(...ledger.doubled(holdings, here, there));
      if (ready) wrong.push(...ledger.refute(here, there, began - settle * 1000));
      return { code, ready, said: stdout + stderr, copied: await synced() - before };
    },
    async outage(phase, from, events) {
      const passive = otherSite(active);
      await sites[passive].server.kill();
      await stand.send(twoHoursOf(phase, from, events));
      await until(
        "their arrival at the active site",
        async () => (await held(sites[active], phase)).size === events,
      );
      for (const collector of collectors) await collector.stop();
      await sites[passive].restart();
    },
    account: (phase) => ledger.account(sites, phase),
    held: (site, phase) => held(sites[site], phase),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
  return stand;
}
