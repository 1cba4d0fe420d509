/** What was written where: the truth against which both sites are held. */
import type { SiteName } from "../../src/model/site.ts";
import type { Site } from "../support/sites/two_sites.ts";

/** Rows that one INSERT carries: each site takes all of them or none. */
export interface Batch {
  readonly number: number;
  readonly rows: number;
  /** Unix milliseconds: the time of its rows. */
  readonly at: number;
}

/** How often a site has taken a batch. An INSERT whose answer is lost may have been taken, or not. */
interface Written {
  sure: number;
  possible: number;
}

/** What a site holds of a batch: how many of its rows, and how often the rarest and the most frequent of them. */
interface Held {
  readonly rows: number;
  readonly least: number;
  readonly most: number;
}

export const SITES = ["primary", "dr"] as const satisfies readonly SiteName[];

export class Ledger {
  readonly #batches = new Map<
    number,
    { readonly batch: Batch; readonly written: Record<SiteName, Written> }
  >();

  open(batch: Batch): void {
    const none = (): Written => ({ sure: 0, possible: 0 });
    this.#batches.set(batch.number, { batch, written: { primary: none(), dr: none() } });
  }

  sent(number: number, site: SiteName): void {
    this.#batches.get(number)!.written[site].possible++;
  }

  taken(number: number, site: SiteName): void {
    this.#batches.get(number)!.written[site].sure++;
  }

  get rows(): number {
    return [...this.#batches.values()].reduce((sum, { batch }) => sum + batch.rows, 0);
  }

  /** Rows of which nobody knows whether this site took them: its views may have missed them. */
  uncertain(site: SiteName): number {
    return [...this.#batches.values()].reduce(
      (sum, { batch, written }) => sum + batch.rows * (written[site].possible - written[site].sure),
      0,
    );
  }

  /** Rows that some site was never given. */
  get gaps(): number {
    return [...this.#batches.values()].filter(({ written }) =>
      SITES.some((site) => written[site].possible === 0)
    )
      .reduce((sum, { batch }) => sum + batch.rows, 0);
  }

  /**
   * Holds a site that repaired everything against what was written: every row that any site surely has, as often as
   * there, and no row more often than it was written anywhere.
   *
   * @param before only batches of this time or older, in unix milliseconds
   * @returns what is wrong; empty: nothing
   */
  async compare(site: Site, table: string, before: number): Promise<string[]> {
    const held = await holdings(site, table);
    const wrong: string[] = [];
    for (const { batch, written } of this.#batches.values()) {
      const found = held.get(batch.number) ?? { rows: 0, least: 0, most: 0 };
      const least = Math.max(...SITES.map((name) => written[name].sure));
      const most = Math.max(...SITES.map((name) => written[name].possible));
      const said = `batch ${batch.number} of ${batch.rows} rows, written ${
        JSON.stringify(written)
      }, is here as ${JSON.stringify(found)}`;
      if (found.most > most) wrong.push(`doubled: ${said}`);
      if (batch.at > before || least === 0) continue;
      if (found.rows < batch.rows || found.least < least) wrong.push(`lost: ${said}`);
    }
    return wrong;
  }

  /**
   * A verdict READY at the passive site: whatever the active one holds of that time must be there.
   *
   * @returns what is missing at the passive site; empty: the verdict was right
   */
  async refute(passive: Site, active: Site, table: string, before: number): Promise<string[]> {
    const [there, here] = await Promise.all([holdings(active, table), holdings(passive, table)]);
    return [...there].flatMap(([number, { rows, most }]) => {
      const batch = this.#batches.get(number)?.batch;
      const found = here.get(number) ?? { rows: 0, least: 0, most: 0 };
      if (!batch || batch.at > before || (found.rows >= rows && found.most >= most)) return [];
      return [`READY, and batch ${number} of ${rows} rows is here as ${JSON.stringify(found)}`];
    });
  }
}

async function holdings(site: Site, table: string): Promise<Map<number, Held>> {
  const rows = await site.rows<{ batch: number; rows: number; least: number; most: number }>(
    `SELECT batch, toUInt32(count()) AS rows, toUInt32(min(c)) AS least, toUInt32(max(c)) AS most FROM (` +
      `SELECT batch, n, count() AS c FROM ${table} GROUP BY batch, n) GROUP BY batch`,
  );
  return new Map(rows.map(({ batch, ...held }) => [batch, held]));
}
