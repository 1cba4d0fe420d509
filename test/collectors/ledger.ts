/** What was sent, and where each event is: the truth against which both sites and every verdict are held. */
import type { SiteName } from "../../src/model/site.ts";
import type { Site } from "../support/sites/two_sites.ts";
import { type Event, ID, type Kind } from "./generator.ts";

/** Where the exporter stores an event, and which column holds its id. */
const STORED: Readonly<Record<Kind, readonly [table: string, attributes: string]>> = {
  log: ["otel_logs", "LogAttributes"],
  span: ["otel_traces", "SpanAttributes"],
  gauge: ["otel_metrics_gauge", "Attributes"],
  sum: ["otel_metrics_sum", "Attributes"],
  histogram: ["otel_metrics_histogram", "Attributes"],
  exponential_histogram: ["otel_metrics_exponential_histogram", "Attributes"],
  summary: ["otel_metrics_summary", "Attributes"],
};

export const TABLES = Object.values(STORED).map(([table]) => `otel.${table}`);

/** How often each event is at a site. */
export type Held = ReadonlyMap<string, number>;

/** Events by what both sites hold of them. */
export interface Account {
  readonly events: number;
  /** At each site exactly once. */
  readonly once: number;
  /** At neither site. */
  readonly nowhere: number;
  /** At one site and not at the other. */
  readonly onlyAt: Readonly<Record<SiteName, number>>;
  /** Rows beyond the first of each event. */
  readonly extra: Readonly<Record<SiteName, number>>;
  /** As often at one site as at the other. */
  readonly alike: number;
}

export class Ledger {
  readonly #events = new Map<string, Event>();

  /** Writes down events before they are sent. */
  note(events: readonly Event[]): void {
    for (const event of events) this.#events.set(event.id, event);
  }

  get size(): number {
    return this.#events.size;
  }

  /** Where the events of a phase, or all of them, are now. */
  async account(sites: Readonly<Record<SiteName, Site>>, phase = ""): Promise<Account> {
    const [primary, dr] = await Promise.all([held(sites.primary), held(sites.dr)]);
    const events = [...this.#events.keys()].filter((id) => id.startsWith(phase));
    const of = (where: Held, id: string) => where.get(id) ?? 0;
    const number = (is: (p: number, d: number) => boolean) =>
      events.filter((id) => is(of(primary, id), of(dr, id))).length;
    const extra = (where: Held) => events.reduce((sum, id) => sum + Math.max(0, of(where, id) - 1), 0);
    return {
      events: events.length,
      once: number((p, d) => p === 1 && d === 1),
      nowhere: number((p, d) => p === 0 && d === 0),
      onlyAt: { primary: number((p, d) => p > 0 && d === 0), dr: number((p, d) => d > 0 && p === 0) },
      extra: { primary: extra(primary), dr: extra(dr) },
      alike: number((p, d) => p === d),
    };
  }

  /** Events that are more often at the passive site, after a check, than either site held them before. */
  doubled(before: Held, after: Held, active: Held): string[] {
    return [...after].filter(([id, times]) => times > Math.max(before.get(id) ?? 0, active.get(id) ?? 0))
      .map(([id, times]) => `${id} was ${before.get(id) ?? 0} times here, and is ${times} times here now`);
  }

  /**
   * A verdict READY at the passive site: it must hold what the active one holds, as often.
   *
   * @param before unix milliseconds: the verdict speaks of older events only
   * @returns what is missing at the passive site; empty: the verdict was right
   */
  refute(passive: Held, active: Held, before: number): string[] {
    return [...active].filter(([id, times]) =>
      (this.#events.get(id)?.at ?? Infinity) < before && (passive.get(id) ?? 0) < times
    ).map(([id, times]) => `READY, and ${id} is ${times} times there and ${passive.get(id) ?? 0} times here`);
  }
}

/** Counts the events of a site by their ids, those of one phase or all. */
export async function held(site: Site, phase = ""): Promise<Held> {
  const each = Object.values(STORED).map(([table, attributes]) =>
    `SELECT ${attributes}['${ID}'] AS id FROM otel.${table} WHERE startsWith(id, '${phase}')`
  );
  const rows = await site.rows<{ id: string; times: number }>(
    `SELECT id, toUInt32(count()) AS times FROM (${each.join(" UNION ALL ")}) GROUP BY id`,
  );
  return new Map(rows.map(({ id, times }) => [id, times]));
}
