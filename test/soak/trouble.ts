/** What goes wrong while both sites are written to: servers and daemons die, the role flips, names are in doubt. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import type { DnsServer } from "../support/receivers/dns_server.ts";
import type { Site } from "../support/sites/two_sites.ts";
import { pause } from "./collector.ts";

export interface TroubleOptions {
  readonly sites: Readonly<Record<SiteName, Site>>;
  readonly dns: DnsServer;
  /** Kills a daemon, and starts it again. */
  readonly killDaemon: (site: SiteName) => Promise<void>;
}

export const ADDRESSES = { primary: "192.0.2.1", dr: "192.0.2.2" } as const;

export class Trouble {
  readonly #options: TroubleOptions;
  readonly counts: Record<string, number> = {};
  active: SiteName = "primary";
  /** Servers that do not run at the moment. */
  readonly down = new Set<SiteName>();

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** One piece of trouble after the other until the signal; in the end everything runs again. */
  async run(signal: AbortSignal, every: number): Promise<void> {
    const kinds = [
      this.#killServer,
      this.#killServer,
      this.#killDaemon,
      this.#killDaemon,
      this.#flip,
      this.#doubt,
    ];
    while (!signal.aborted) {
      await pause(Math.random() * 2 * every);
      if (signal.aborted) break;
      await kinds[Math.floor(Math.random() * kinds.length)]!.call(this);
    }
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  async #killServer(): Promise<void> {
    const site = any();
    this.#count(`${site === this.active ? "active" : "passive"} server killed`);
    this.down.add(site);
    await this.#options.sites[site].server.kill();
    await pause(Math.random() * 3000);
    await this.#options.sites[site].restart();
    this.down.delete(site);
  }

  async #killDaemon(): Promise<void> {
    this.#count("ch-sync killed");
    await this.#options.killDaemon(Math.random() < 0.8 ? otherSite(this.active) : this.active);
  }

  /** The name server answers with nothing or with both, then with the other site. */
  async #flip(): Promise<void> {
    this.#count("role flipped");
    const { dns } = this.#options;
    dns.answer = Math.random() < 0.5
      ? { kind: "failure", code: "SERVFAIL" }
      : { kind: "addresses", ips: Object.values(ADDRESSES) };
    await pause(Math.random() * 2000);
    this.active = otherSite(this.active);
    dns.answer = { kind: "addresses", ips: [ADDRESSES[this.active]] };
  }

  async #doubt(): Promise<void> {
    this.#count("name server silent");
    const { dns } = this.#options;
    const before = dns.answer;
    dns.answer = { kind: "silence" };
    await pause(Math.random() * 4000);
    dns.answer = before;
  }
}

function any(): SiteName {
  return Math.random() < 0.5 ? "primary" : "dr";
}
