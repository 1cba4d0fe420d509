/** What was written where: the truth against which both sites are held. */
import type { SiteName } from "../../src/model/site.ts";
import { SITES } from "./site.ts";
import type { Held, NightTable } from "./tables.ts";

/** Rows of one time that are written together. */
export interface Batch {
  readonly number: number;
  readonly rows: number;
  /** Unix milliseconds: the time of its rows. */
  readonly at: number;
}

/** How often a site was given a batch, and when it said that it had taken it. Without an answer it may have, some of it, or not. */
interface Written {
  sent: number;
  /** Unix milliseconds. */
  readonly taken: number[];
}

/** By table and site. */
type Entries = Map<string, Record<SiteName, Written>>;

export class Ledger {
  readonly #tables: readonly NightTable[];
  readonly #batches = new Map<number, { readonly batch: Batch; readonly written: Entries }>();

  constructor(tables: readonly NightTable[]) {
    this.#tables = tables;
  }

  open(batch: Batch): void {
    const none = (): Written => ({ sent: 0, taken: [] });
    const written: Entries = new Map(this.#tables.map(({ name }) => [name, { primary: none(), dr: none() }]));
    this.#batches.set(batch.number, { batch, written });
  }

  sent(number: number, table: NightTable, site: SiteName): void {
    for (const entry of this.#entries(number, table, site)) entry.sent++;
  }

  taken(number: number, table: NightTable, site: SiteName): void {
    for (const entry of this.#entries(number, table, site)) entry.taken.push(Date.now());
  }

  /** Of the table itself, and of those that its views fill. */
  #entries(number: number, { name }: NightTable, site: SiteName): Written[] {
    const { written } = this.#batches.get(number)!;
    return this.#tables.filter((table) => table.name === name || table.from === name)
      .map((table) => written.get(table.name)![site]);
  }

  /** Of all tables. */
  get rows(): number {
    return this.#sum(() => true);
  }

  /** Rows of which nobody knows whether this site took them: its views may have missed them. */
  uncertain(site: SiteName, table: string): number {
    return [...this.#batches.values()].reduce((sum, { batch, written }) => {
      const { sent, taken } = written.get(table)![site];
      return sum + batch.rows * (sent - taken.length);
    }, 0);
  }

  /** Rows that some site was never given. */
  get gaps(): number {
    return this.#sum((written) => SITES.some((site) => written[site].sent === 0));
  }

  #sum(counts: (written: Record<SiteName, Written>) => boolean): number {
    return [...this.#batches.values()].reduce(
      (sum, { batch, written }) => sum + batch.rows * [...written.values()].filter(counts).length,
      0,
    );
  }

  /**
   * Holds a site that repaired everything against what was written: every row that any site surely has, as often as
   * there, and no row more often than it was written anywhere.
   *
   * @returns what is wrong; empty: nothing
   */
  compare(held: Held, table: NightTable): string[] {
    const wrong: string[] = [];
    for (const { batch, written } of this.#batches.values()) {
      const sites = written.get(table.name)!;
      const often = (times: (written: Written) => number) =>
        once(table, Math.max(...SITES.map((site) => times(sites[site]))));
      const { least, most, more } = summed(batch, held.get(batch.number));
      const said = `batch ${batch.number} of ${batch.rows} rows, of ${
        new Date(batch.at).toISOString()
      }, written ${JSON.stringify(sites)}, is here as ${JSON.stringify(held.get(batch.number) ?? [])}`;
      if (most > often(({ sent }) => sent)) wrong.push(`doubled: ${said}`);
      if (more) wrong.push(`more: ${said}`);
      if (least < often(({ taken }) => taken.length)) wrong.push(`lost: ${said}`);
    }
    for (const number of held.keys()) {
      if (!this.#batches.has(number)) wrong.push(`unknown: batch ${number} is here, and nobody wrote it`);
    }
    return wrong;
  }

  /**
   * A verdict READY at the passive site: it must hold what the active one had taken by then, and what it holds of longer ago.
   *
   * @param through unix milliseconds: what the verdict says that it speaks of
   * @param began when its check began, in unix milliseconds
   * @param since unix milliseconds: of older rows nothing was looked at
   * @param late milliseconds by which writes without an answer may come later than their time
   * @returns what is missing at the passive site; empty: the verdict was right
   */
  refute(
    table: NightTable,
    active: SiteName,
    [here, there]: readonly [Held, Held],
    { through, began, late, since }: {
      readonly through: number;
      readonly began: number;
      readonly late: number;
      readonly since: number;
    },
  ): string[] {
    return [...this.#batches.values()].flatMap(({ batch, written }) => {
      if (batch.at >= through || batch.at < since) return [];
      const sure = written.get(table.name)![active].taken.filter((at) => at < began).length;
      const wanted = once(table, sure);
      const found = here.get(batch.number) ?? [];
      const seen = batch.at < through - late ? there.get(batch.number) ?? [] : [];
      const isThere = (n: number) => (found[n] ?? 0) >= Math.max(wanted, seen[n] ?? 0);
      if (Array.from({ length: batch.rows }, (_, n) => n).every(isThere)) return [];
      return [
        `READY through ${
          new Date(through).toISOString()
        }, and ${table.name} has batch ${batch.number} of ${batch.rows} rows, ` +
        `of ${new Date(batch.at).toISOString()}, ${wanted} times taken, as ${
          JSON.stringify(found)
        }, the active site as ${JSON.stringify(there.get(batch.number) ?? [])}`,
      ];
    });
  }
}

function once({ merges }: NightTable, times: number): number {
  return merges ? Math.min(times, 1) : times;
}

/** How often the rarest and the most frequent of its rows is held, and whether there are rows that nobody wrote. */
function summed({ rows }: Batch, held: readonly number[] = []) {
  const times = Array.from({ length: rows }, (_, n) => held[n] ?? 0);
  return { least: Math.min(...times), most: Math.max(...times), more: held.length > rows };
}
