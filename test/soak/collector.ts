/** Writes the same telemetry to both sites all the time, as badly as collectors do: dropped, doubled, delayed. */
import type { SiteName } from "../../src/model/site.ts";
import type { Site } from "../support/sites/two_sites.ts";
import type { Batch, Ledger } from "./ledger.ts";
import { SITES, type SoakSite, type SoakSites } from "./site.ts";
import type { NightTable, Way } from "./tables.ts";

export interface CollectorOptions {
  readonly sites: SoakSites;
  readonly ledger: Ledger;
  readonly tables: readonly NightTable[];
  /** Of a hundred writes to one site: how many are lost, done twice, and late. */
  readonly percent: { readonly dropped: number; readonly doubled: number; readonly delayed: number };
  /** Milliseconds: longer delays would end after the settle window, and look like rows of their own. */
  readonly longestDelay: number;
  /** Milliseconds between two batches, and the most rows of one. */
  readonly every: number;
  readonly rows: number;
}

/** An INSERT that takes longer is given up: nobody knows whether it was done. */
const PATIENCE_MS = 2000;

/** Each write is one of its own, also where a server has the very same rows: replicas pass over those. */
const AGAIN = "insert_deduplicate=0";

const PARAMETERS: Readonly<Record<Way, string>> = {
  local: "async_insert=0",
  all: "async_insert=0&distributed_foreground_insert=1",
  queue: "async_insert=0&distributed_foreground_insert=0",
};

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
      await pause(this.#options.every);
    }
    await this.idle();
  }

  /** Waits for all writes under way. */
  async idle(): Promise<void> {
    while (this.#late.size > 0) await Promise.all(this.#late);
  }

  #writeOne(): void {
    const { ledger, percent, longestDelay, rows: most } = this.#options;
    const rows = Math.ceil(most * (0.2 + 0.8 * Math.random()));
    const batch = { number: ++this.#batches, rows, at: Date.now() };
    ledger.open(batch);
    for (const site of SITES) {
      if (chance(percent.dropped)) continue;
      for (let left = chance(percent.doubled) ? 2 : 1, again = false; left > 0; left--, again = true) {
        const delay = chance(percent.delayed) ? Math.random() * longestDelay : 0;
        const writing = pause(delay).then(() => this.#write(batch, site, again)).finally(() =>
          this.#late.delete(writing)
        );
        this.#late.add(writing);
      }
    }
  }

  /** All tables get the same rows, each by a way and a server of its own, as those of several collectors would. */
  async #write(batch: Batch, name: SiteName, again: boolean): Promise<void> {
    const { sites, ledger, tables } = this.#options;
    await Promise.all(
      tables.filter(({ from }) => from === null).map(async (table) => {
        ledger.sent(batch.number, table, name);
        const ways = waysInto(sites[name], table, again);
        if (await insert(any(sites[name].servers), table, batch, any(ways), again)) {
          ledger.taken(batch.number, table, name);
        }
      }),
    );
  }
}

/** A single server has no table before its own one. */
function waysInto({ keeper }: SoakSite, { ways }: NightTable, again: boolean): readonly Way[] {
  if (keeper === null) return ["local"];
  return again ? ways.filter((way) => way !== "queue") : ways;
}

/** @returns whether the server says that it has taken the rows */
async function insert(
  { url, endpoint: { user, password } }: Site,
  { name }: NightTable,
  { number, rows, at }: Batch,
  way: Way,
  again: boolean,
): Promise<boolean> {
  const time = `toDateTime64('${new Date(at).toISOString().slice(0, -1)}', 3, 'UTC')`;
  const into = way === "local" ? name : `${name}_all`;
  try {
    const response = await fetch(`${url}/?${PARAMETERS[way]}${again ? `&${AGAIN}` : ""}`, {
      method: "POST",
      body: `INSERT INTO ${into} SELECT ${time}, ${number}, number, 'host-${
        number % 7
      }' FROM numbers(${rows})`,
      headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await response.text();
    return response.ok;
  } catch {
    // The server is down, or was killed in the middle of it.
    return false;
  }
}

function chance(percent: number): boolean {
  return Math.random() * 100 < percent;
}

export function any<Value>(values: readonly Value[]): Value {
  return values[Math.floor(Math.random() * values.length)]!;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Whatever kept it from a start may be gone a moment later: its port, or a busy machine. */
export async function again(start: () => Promise<void>): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries === 5) throw error;
      await pause(2000);
    }
  }
}
