/** What real collectors were given and where it stands: each event by its id, each row by the delivery that brought it. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import type { Event } from "../collectors/generator.ts";
import { SITES } from "./site.ts";

/**
 * By event, how often each of its deliveries stands at a site. A delivery is one row that a collector wrote, and begins with the name of
 * the site that it was written to; ch-sync copies it with the row.
 */
export type Sighting = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface FeedFigures {
  readonly events: number;
  /** Rows that collectors wrote, at each site. */
  readonly delivered: Readonly<Record<SiteName, number>>;
  /** Of them, those beyond the first of an event: written again after no answer. */
  readonly again: Readonly<Record<SiteName, number>>;
  /** Of them, those that came later than the settle window, or were not seen before. */
  readonly late: Readonly<Record<SiteName, number>>;
  /** Rows that stand more often than any site was given them, as they came late to where ch-sync had copied them to. */
  readonly copiedBeforeLate: number;
  /** Events that collectors took and never wrote anywhere. */
  readonly nowhere: number;
}

interface Entry {
  readonly at: number;
  taken: boolean;
  /** Unix milliseconds at which so many rows were seen first. */
  readonly seen: Readonly<Record<SiteName, { readonly rows: number; readonly when: number }[]>>;
}

export class FeedLedger {
  readonly #events = new Map<string, Entry>();
  /** When a delivery was seen first at the site that it was for, in unix milliseconds. */
  readonly #arrived = new Map<string, number>();
  readonly #settle: number;

  /** @param settle milliseconds after which a row that is not there counts as missing */
  constructor(settle: number) {
    this.#settle = settle;
  }

  get size(): number {
    return this.#events.size;
  }

  /** Before they are sent. */
  note(events: readonly Event[]): void {
    for (const { id, at } of events) {
      this.#events.set(id, { at, taken: false, seen: { primary: [], dr: [] } });
    }
  }

  /** The collector has them on its disk. */
  taken(events: readonly Event[]): void {
    for (const { id } of events) this.#events.get(id)!.taken = true;
  }

  /** What stood at a site at this time at the latest, or some of it. */
  saw(site: SiteName, sighting: Sighting, when: number): void {
    for (const [id, deliveries] of sighting) {
      for (const delivery of deliveries.keys()) {
        if (isOf(delivery, site) && !this.#arrived.has(delivery)) this.#arrived.set(delivery, when);
      }
      const seen = this.#events.get(id)?.seen[site];
      const rows = sum(deliveries);
      if (seen && rows > (seen.at(-1)?.rows ?? 0)) seen.push({ rows, when });
    }
  }

  /**
   * A verdict READY at the passive site: it must hold, as often, what stood at the active one before the check and does so still.
   *
   * @param through unix milliseconds: what the verdict says that it speaks of
   * @param began when its check began, in unix milliseconds
   * @returns what is missing at the passive site; empty: the verdict was right
   */
  refute(
    active: SiteName,
    [here, there]: readonly [Sighting, Sighting],
    { through, began }: { readonly through: number; readonly began: number },
  ): string[] {
    return [...there].flatMap(([id, deliveries]) => {
      const entry = this.#events.get(id);
      if (!entry || entry.at >= through) return [];
      const before = entry.seen[active].findLast(({ when }) => when < began)?.rows ?? 0;
      const wanted = Math.min(before, sum(deliveries));
      const found = sum(here.get(id));
      if (found >= wanted) return [];
      return [
        `READY through ${new Date(through).toISOString()}, and event ${id} of ${
          new Date(entry.at).toISOString()
        } ` +
        `stood ${wanted} times at ${active} and ${found} times at ${otherSite(active)}`,
      ];
    });
  }

  /**
   * Holds both sites, which repaired everything, against what collectors wrote.
   *
   * @returns what is wrong; empty: nothing
   */
  compare(sites: Readonly<Record<SiteName, Sighting>>): string[] {
    const wrong: string[] = [];
    for (const name of SITES) {
      for (const id of sites[name].keys()) {
        if (!this.#events.has(id)) wrong.push(`unknown: event ${id} is at ${name}, and nobody sent it`);
      }
    }
    for (const [id, entry] of this.#events) {
      const { held, rows, given, late } = this.#account(id, sites);
      const said = `event ${id} of ${new Date(entry.at).toISOString()} is there as ${
        JSON.stringify({ primary: [...held.primary ?? []], dr: [...held.dr ?? []] })
      }`;
      for (const name of SITES) {
        if ([...held[name]?.values() ?? []].some((times) => times > 1)) {
          wrong.push(`doubled at ${name}: ${said}`);
        }
        if (rows[name] === 0 && entry.seen[name].length > 0) wrong.push(`lost at ${name}: ${said}`);
        if (rows[name] > Math.max(given.primary, given.dr) + late.primary + late.dr) {
          wrong.push(`more at ${name} than any collector wrote: ${said}`);
        }
      }
      const told = SITES.some((name) => rows[name] === 0 && entry.seen[name].length > 0);
      if (rows.primary !== rows.dr && !told) wrong.push(`lost at one site: ${said}`);
    }
    return wrong;
  }

  figures(sites: Readonly<Record<SiteName, Sighting>>): FeedFigures {
    const all = [...this.#events].map(([id, { taken }]) => ({ taken, ...this.#account(id, sites) }));
    type Account = typeof all[number];
    const added = (of: (one: Account) => number) => all.reduce((total, one) => total + of(one), 0);
    const each = (of: (one: Account, name: SiteName) => number) => ({
      primary: added((one) => of(one, "primary")),
      dr: added((one) => of(one, "dr")),
    });
    return {
      events: all.length,
      delivered: each(({ given }, name) => given[name]),
      again: each(({ given }, name) => Math.max(0, given[name] - 1)),
      late: each(({ late }, name) => late[name]),
      copiedBeforeLate: added(({ rows, given }) =>
        Math.max(0, rows.primary - Math.max(given.primary, given.dr))
      ),
      nowhere: all.filter(({ taken, rows }) => taken && rows.primary + rows.dr === 0).length,
    };
  }

  /** Rows of an event at each site, and what collectors gave each of them. */
  #account(id: string, sites: Readonly<Record<SiteName, Sighting>>) {
    const { at } = this.#events.get(id)!;
    const held = { primary: sites.primary.get(id), dr: sites.dr.get(id) };
    const deliveries = [...new Set(SITES.flatMap((name) => [...held[name]?.keys() ?? []]))];
    const number = (name: SiteName, counts: (delivery: string) => boolean) =>
      deliveries.filter((delivery) => isOf(delivery, name) && counts(delivery)).length;
    const isLate = (delivery: string) => (this.#arrived.get(delivery) ?? Infinity) > at + this.#settle;
    const each = (of: (name: SiteName) => number) => ({ primary: of("primary"), dr: of("dr") });
    return {
      held,
      rows: each((name) => sum(held[name])),
      given: each((name) => number(name, () => true)),
      late: each((name) => number(name, isLate)),
    };
  }
}

function isOf(delivery: string, site: SiteName): boolean {
  return delivery.startsWith(`${site} `);
}

function sum(deliveries: ReadonlyMap<string, number> | undefined): number {
  return [...deliveries?.values() ?? []].reduce((total, times) => total + times, 0);
}
