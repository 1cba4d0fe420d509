/** Writes the same telemetry to both sites all the time, as badly as collectors do: dropped, doubled, delayed. */
import type { SiteName } from "../../src/model/site.ts";
import type { Site } from "../support/sites/two_sites.ts";
import { type Ledger, SITES } from "./ledger.ts";

export interface CollectorOptions {
  readonly sites: Readonly<Record<SiteName, Site>>;
  readonly ledger: Ledger;
  readonly tables: readonly string[];
  /** Of a hundred writes to one site: how many are lost, done twice, and late. */
  readonly percent: { readonly dropped: number; readonly doubled: number; readonly delayed: number };
  /** Milliseconds: longer delays would end after the settle window, and look like rows of their own. */
  readonly longestDelay: number;
}

const PAUSE_MS = 250;
/** An INSERT that takes longer is given up: nobody knows whether it was done. */
const PATIENCE_MS = 2000;

export class Collector {
  readonly #options: CollectorOptions;
  readonly #late = new Set<Promise<void>>();
  #batches = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Goes on until the signal, and until the last delayed write is done. */
  async run(signal: AbortSignal, paused: () => boolean): Promise<void> {
    while (!signal.aborted) {
      if (!paused()) this.#writeOne();
      await pause(PAUSE_MS);
    }
    await this.idle();
  }

  /** Waits for all writes under way. */
  async idle(): Promise<void> {
    while (this.#late.size > 0) await Promise.all(this.#late);
  }

  #writeOne(): void {
    const { ledger, percent, longestDelay } = this.#options;
    const batch = { number: ++this.#batches, rows: 20 + Math.floor(Math.random() * 80), at: Date.now() };
    ledger.open(batch);
    for (const site of SITES) {
      if (chance(percent.dropped)) continue;
      for (let times = chance(percent.doubled) ? 2 : 1; times > 0; times--) {
        const delay = chance(percent.delayed) ? Math.random() * longestDelay : 0;
        const writing = pause(delay).then(() => this.#write(batch, site)).finally(() =>
          this.#late.delete(writing)
        );
        this.#late.add(writing);
      }
    }
  }

  /** All tables get the same rows; a batch counts as taken once all of them have it. */
  async #write(
    { number, rows, at }: { number: number; rows: number; at: number },
    site: SiteName,
  ): Promise<void> {
    const { sites, ledger, tables } = this.#options;
    ledger.sent(number, site);
    const { url, endpoint: { user, password } } = sites[site];
    const headers = { authorization: `Basic ${btoa(`${user}:${password}`)}` };
    const time = `toDateTime64('${new Date(at).toISOString().slice(0, -1)}', 3, 'UTC')`;
    let done = 0;
    for (const table of tables) {
      const body = `INSERT INTO ${table} SELECT ${time}, ${number}, number, 'host-${
        number % 7
      }' FROM numbers(${rows})`;
      try {
        const response = await fetch(`${url}/?async_insert=0`, {
          method: "POST",
          body,
          headers,
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        await response.text();
        if (response.ok) done++;
      } catch {
        // The server is down, or was killed in the middle of it.
      }
    }
    if (done === tables.length) ledger.taken(number, site);
  }
}

function chance(percent: number): boolean {
  return Math.random() * 100 < percent;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
