/** What goes wrong while both sites are written to, several things at a time; each kind with what it needs. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import type { FaultyLink } from "../support/links/faulty_link.ts";
import type { DnsServer } from "../support/receivers/dns_server.ts";
import type { Site } from "../support/sites/two_sites.ts";
import { again, any, pause } from "./collector.ts";
import { SITES, type SoakSite, type SoakSites } from "./site.ts";

export interface TroubleOptions {
  readonly sites: SoakSites;
  readonly dns: DnsServer;
  /** Kills a daemon, and starts it again. */
  readonly killDaemon: (site: SiteName) => Promise<void>;
  /** Each kills a collector and starts it again, once it was down for as long as that takes. */
  readonly restarts: readonly ((down: () => Promise<void>) => Promise<void>)[];
  /** How many things go wrong at a time, at most. */
  readonly lanes: number;
  /** Milliseconds from one of them to the next, on average. */
  readonly every: number;
  /** Milliseconds for which a server is down, a link is cut, and the like. */
  readonly longest: number;
  /** Of the milliseconds of a round, how many bring trouble; in the others the sites recover, and may be READY. */
  readonly storm: number;
  readonly round: number;
}

export const ADDRESSES = { primary: "192.0.2.1", dr: "192.0.2.2" } as const;

/** A piece of trouble: to whom, and how it comes and goes again. */
interface Strike {
  /** None of these has other trouble meanwhile. */
  readonly of: readonly object[];
  readonly run: () => Promise<void>;
}

export class Trouble {
  readonly #options: TroubleOptions;
  /** By kind, how often. */
  readonly counts: Record<string, number> = {};
  active: SiteName = "primary";
  readonly #struck = new Set<object>();
  readonly #flipping: Strike;
  /** The last round in which the role was flipped first of all. */
  #flipped = -1;
  /** Kinds as often as they are to come, each with those to whom it can come. */
  readonly #kinds: readonly (readonly Strike[])[];

  constructor(options: TroubleOptions) {
    this.#options = options;
    this.#flipping = { of: [options.dns], run: () => this.#flip() };
    const { sites, dns, restarts } = options;
    const all = SITES.map((name) => sites[name]);
    const servers = all.flatMap((site) => site.servers.map((server) => ({ site, server })));
    const shards = all.flatMap((site) => site.shards.filter(({ length }) => length > 1));
    const keepers = all.flatMap(({ keeper }) => keeper ?? []);
    const killed = servers.map(({ site, server }) => ({
      of: [server],
      run: () => this.#down(site, [server]),
    }));
    const daemons = SITES.map((name) => ({ of: [sites[name]], run: () => this.#killDaemon(name) }));
    const links = all.flatMap((site) => [...site.links.values()].map((link) => [link] as const));
    const all_links = all.map((site) => [...site.links.values()]);
    const cut = (mode: "vanish" | "reset") => (ways: readonly (readonly FaultyLink[])[]) => ({
      of: ways,
      run: () => this.#cut(ways.flat(), mode),
    });
    this.#kinds = [
      killed,
      killed,
      daemons,
      daemons,
      [this.#flipping],
      [{ of: [dns], run: () => this.#doubt() }],
      links.map(cut("vanish")),
      all_links.map(cut("vanish")),
      all_links.map(cut("reset")),
      all_links.map((ways) => ({ of: ways, run: () => this.#slow(ways.flat()) })),
      servers.filter(({ site }) => site.full !== null).map(({ site, server }) => ({
        of: [server, site.links],
        run: () => this.#fill(site, server),
      })),
      all.flatMap((site) =>
        site.shards.filter((shard) => shards.includes(shard)).map((shard) => ({
          of: shard,
          run: () => this.#down(site, shard),
        }))
      ),
      keepers.map((keeper) => ({ of: [keeper], run: () => this.#killKeeper(keeper) })),
      keepers.map((keeper) => ({ of: [keeper], run: () => this.#hang(keeper) })),
      restarts.map((restart) => ({ of: [restart], run: () => this.#killCollector(restart) })),
    ].filter(({ length }) => length > 0);
  }

  /** Whether anything at all is down or broken at the moment. */
  get anything(): boolean {
    return this.#struck.size > 0;
  }

  /** One piece of trouble after the other until the signal; in the end everything runs again. */
  async run(signal: AbortSignal): Promise<void> {
    const { lanes, every, storm, round } = this.#options;
    const began = performance.now();
    await Promise.all(Array.from({ length: lanes }, async () => {
      while (!signal.aborted) {
        await pause(Math.random() * 2 * every * lanes);
        const now = performance.now() - began;
        if (now % round > storm) continue;
        const { of, run } = this.#next(Math.floor(now / round));
        if (signal.aborted || of.some((one) => this.#struck.has(one))) continue;
        for (const one of of) this.#struck.add(one);
        await run();
        for (const one of of) this.#struck.delete(one);
      }
    }));
  }

  /** Where the sites recover for long, each round tries the other role. */
  #next(number: number): Strike {
    const { storm, round } = this.#options;
    if (storm === round || number === this.#flipped) return any(any(this.#kinds));
    this.#flipped = number;
    return this.#flipping;
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  async #lasts(share = 1): Promise<void> {
    await pause(Math.random() * this.#options.longest * share);
  }

  async #down({ name }: SoakSite, servers: readonly Site[]): Promise<void> {
    const site = name === this.active ? "active" : "passive";
    this.#count(servers.length > 1 ? `${site} shard killed` : `${site} server killed`);
    await Promise.all(servers.map(({ server }) => server.kill()));
    await this.#lasts(0.5);
    await Promise.all(servers.map((server) => again(() => server.restart())));
  }

  /** A server comes back, and its disk is full; then it is not any more. */
  async #fill(site: SoakSite, server: Site): Promise<void> {
    this.#count("disk full");
    site.full = true;
    await server.server.kill();
    await again(() => server.restart());
    await this.#lasts();
    site.full = false;
    await server.server.kill();
    await again(() => server.restart());
  }

  async #killDaemon(site: SiteName): Promise<void> {
    this.#count(`ch-sync of the ${site === this.active ? "active" : "passive"} site killed`);
    await this.#options.killDaemon(site);
  }

  /** The name server answers with nothing or with both, then with the other site. */
  async #flip(): Promise<void> {
    this.#count("role flipped");
    const { dns } = this.#options;
    dns.answer = Math.random() < 0.5
      ? { kind: "failure", code: "SERVFAIL" }
      : { kind: "addresses", ips: Object.values(ADDRESSES) };
    await this.#lasts(0.3);
    this.active = otherSite(this.active);
    dns.answer = { kind: "addresses", ips: [ADDRESSES[this.active]] };
  }

  async #doubt(): Promise<void> {
    this.#count("name server silent");
    const { dns } = this.#options;
    const before = dns.answer;
    dns.answer = { kind: "silence" };
    await this.#lasts(0.6);
    dns.answer = before;
  }

  async #cut(links: readonly FaultyLink[], mode: FaultyLink["mode"]): Promise<void> {
    const what = mode === "vanish" ? "silent" : "reset";
    this.#count(links.length > 2 ? `all links to a site ${what}` : `link to a server ${what}`);
    for (const link of links) link.mode = mode;
    await this.#lasts();
    for (const link of links) link.mode = "pass";
  }

  /** A packet in ten is lost, and all of them take their time; one connection breaks in the middle. */
  async #slow(links: readonly FaultyLink[]): Promise<void> {
    this.#count("all links to a site slow, and breaking");
    for (const link of links) Object.assign(link, { delayMs: 30, lossPercent: 10, cutAfter: 20_000 });
    await this.#lasts();
    for (const link of links) Object.assign(link, { delayMs: 0, lossPercent: 0, cutAfter: Infinity });
  }

  async #killKeeper(keeper: NonNullable<SoakSite["keeper"]>): Promise<void> {
    this.#count("Keeper killed");
    await keeper.kill();
    await this.#lasts();
    await keeper.restart();
  }

  async #killCollector(restart: TroubleOptions["restarts"][number]): Promise<void> {
    this.#count("collector killed");
    await restart(() => this.#lasts(0.5));
  }

  /** Now and then for longer than the sessions with it last. */
  async #hang(keeper: NonNullable<SoakSite["keeper"]>): Promise<void> {
    this.#count("Keeper hung");
    keeper.hang();
    await this.#lasts(2);
    keeper.resume();
  }
}
