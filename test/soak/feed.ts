/** Two real OpenTelemetry collectors, each with a queue on disk for each site, feed a night of clusters with logs. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import { Collector as RealCollector, type Target } from "../collectors/collector.ts";
import { type Event, send } from "../collectors/generator.ts";
import { OTEL_LOGS } from "../support/data/otel.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { again, pause } from "./collector.ts";
import { type FeedFigures, FeedLedger, type Sighting } from "./feed_ledger.ts";
import { FEED_TABLE, heldBy, heldByEach, together } from "./sighting.ts";
import { SITES, type SoakSite, type SoakSites } from "./site.ts";
import { placed, QUEUE } from "./tables.ts";

/** Each site fills it for itself: with the site's name, which the collector's connection tells, and what tells rows apart. */
const DELIVERY = "delivery String DEFAULT concat(getSetting('log_comment'), ' ', toString(generateUUIDv4()))";
export const IGNORED = `${FEED_TABLE}.delivery`;

/** Milliseconds from one request to a collector to the next, and the most events of one. */
const PACE = { every: 1500, events: 15 };
const GIVES_UP_AFTER_SECONDS = 2;
const LOOK_EVERY_MS = 2000;
/** How far back a look goes for what came newly. */
const NEW_MS = 300_000;
const DRAINED_WITHIN_MS = 300_000;

export async function createFeedTables(site: SoakSite): Promise<void> {
  const local = OTEL_LOGS.replace("otel.otel_logs (", `${FEED_TABLE} (${DELIVERY}, `);
  const before =
    `CREATE TABLE otel.otel_logs AS ${FEED_TABLE} ENGINE = Distributed(site, otel, otel_logs_local, rand()) ${QUEUE}`;
  for (const { query } of site.servers) {
    await query("CREATE DATABASE otel");
    await query(placed(site, FEED_TABLE, local));
    if (site.keeper !== null) await query(before);
  }
}

/** In unix milliseconds: what it speaks of, when its check began, and how far back it is held against both sites. */
export interface Verdict {
  readonly through: number;
  readonly began: number;
  readonly since: number;
}

export class Feed implements AsyncDisposable {
  readonly #sites: SoakSites;
  readonly #collectors: readonly RealCollector[];
  readonly #room: AsyncDisposable;
  readonly ledger: FeedLedger;
  #number = 0;

  private constructor(
    sites: SoakSites,
    collectors: readonly RealCollector[],
    room: AsyncDisposable,
    settle: number,
  ) {
    this.#sites = sites;
    this.#collectors = collectors;
    this.#room = room;
    this.ledger = new FeedLedger(settle);
  }

  /**
   * Makes their tables and starts them.
   *
   * @param program as `buildCollector()` made it
   * @param settle milliseconds of the settle window
   */
  static async start(program: string, sites: SoakSites, settle: number): Promise<Feed> {
    await Promise.all(SITES.map((name) => createFeedTables(sites[name])));
    const room = await temporaryDirectory();
    const collectors = (["first", "last"] as const).map((name) =>
      new RealCollector({
        program,
        folder: `${room.path}/${name}`,
        targets: { primary: targetOf(sites.primary, name), dr: targetOf(sites.dr, name) },
        batches: "queue",
        timeout: 20,
        // One throws away what a site does not take: ch-sync brings it from the other one.
        givesUpAfter: name === "first" ? 0 : GIVES_UP_AFTER_SECONDS,
        createsTables: false,
      })
    );
    const feed = new Feed(sites, collectors, room, settle);
    await Promise.all(collectors.map((one) => one.start()));
    return feed;
  }

  /** Sends to both, and looks what comes, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const sending = this.#collectors.map(async (collector, at) => {
      while (!signal.aborted) {
        await this.#send(collector, at);
        await pause(PACE.every);
      }
    });
    const looking = async () => {
      while (!signal.aborted) {
        await this.#look();
        await pause(LOOK_EVERY_MS);
      }
    };
    await Promise.all([...sending, looking()]);
  }

  /** Each kills one of them and starts it again, which what is on its disk survives. */
  get restarts(): readonly ((down: () => Promise<void>) => Promise<void>)[] {
    return this.#collectors.map((collector) => async (down) => {
      await collector.kill();
      await down();
      await again(() => collector.start());
    });
  }

  /** @returns what is missing at the passive site that said READY; throws while a server is down */
  async refute(active: SiteName, verdict: Verdict) {
    const [here, there] = await Promise.all(
      [otherSite(active), active].map((name) => this.#held(name, verdict.since)),
    );
    return this.ledger.refute(active, [here!, there!], verdict);
  }

  /** Waits until no queue holds anything for a site, and ends the collectors. @returns what is wrong; empty: nothing */
  async drain(): Promise<string[]> {
    const wrong = await this.#emptied();
    for (const one of this.#collectors) await one.stop();
    return wrong;
  }

  async #emptied(): Promise<string[]> {
    const over = performance.now() + DRAINED_WITHIN_MS;
    for (let empty = 0; empty < 3;) {
      await pause(1000);
      await this.#look();
      const queues = this.#collectors.map(async (one) => {
        try {
          return sum(await Promise.all(SITES.map((name) => one.queued(name))));
        } catch {
          // It ended by itself.
          await one.kill();
          await again(() => one.start());
          return 1;
        }
      });
      const waiting = await Promise.all(queues);
      empty = waiting.every((requests) => requests === 0) ? empty + 1 : 0;
      if (performance.now() > over) return [`the queues of the collectors did not drain: ${waiting.join()}`];
    }
    return [];
  }

  /** @returns what is wrong at the servers of both sites, and what the collectors did */
  async count(): Promise<{ readonly wrong: readonly string[]; readonly figures: FeedFigures }> {
    const [primary, dr] = await Promise.all(SITES.map((name) => heldByEach(this.#sites[name])));
    const wrong: string[] = [];
    for (let at = 0; at < Math.max(primary!.length, dr!.length); at++) {
      const both = { primary: primary![at] ?? primary![0]!, dr: dr![at] ?? dr![0]! };
      wrong.push(
        ...this.ledger.compare(both).map((text) => `${FEED_TABLE}, replica ${at + 1}: ${text}`),
      );
    }
    return { wrong, figures: this.ledger.figures({ primary: primary![0]!, dr: dr![0]! }) };
  }

  async [Symbol.asyncDispose]() {
    for (const one of this.#collectors) await one[Symbol.asyncDispose]();
    await this.#room[Symbol.asyncDispose]();
  }

  async #send(collector: RealCollector, at: number): Promise<void> {
    const count = Math.ceil(PACE.events * (0.2 + 0.8 * Math.random()));
    // No two events have one time: the key of their table is little else.
    const now = 2 * Math.floor(Date.now() / 2) + at;
    const events = Array.from({ length: count }, (_, n): Event => ({
      id: `${++this.#number}`,
      kind: "log",
      at: now - 2 * n,
    }));
    this.ledger.note(events);
    try {
      await send(collector.url, events);
      this.ledger.taken(events);
    } catch {
      // It was killed: nobody knows whether it has them.
    }
  }

  /** What stands anywhere at a site stands there, whichever servers are down. */
  async #look(): Promise<void> {
    await Promise.all(SITES.map(async (name) => {
      const shards = await Promise.all(this.#sites[name].shards.map(async (shard) => {
        const held = await Promise.all(
          shard.map((server) => heldBy(server, Date.now() - NEW_MS).catch((): Sighting => new Map())),
        );
        return together(held, Math.max);
      }));
      this.ledger.saw(name, together(shards, (a, b) => a + b), Date.now());
    }));
  }

  /** What a site holds, whichever replica of a shard has it. */
  async #held(name: SiteName, since: number): Promise<Sighting> {
    const shards = await Promise.all(
      this.#sites[name].shards.map(async (shard) =>
        together(await Promise.all(shard.map((server) => heldBy(server, since))), Math.max)
      ),
    );
    return together(shards, (a, b) => a + b);
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** One collector writes to the first server of each site and waits for the shards, the other to the last one and its queue. */
function targetOf(site: SoakSite, which: "first" | "last"): Target {
  const server = site.servers.at(which === "first" ? 0 : -1)!;
  const { user, password } = server.endpoint;
  const parameters = { log_comment: site.name, async_insert: "0" };
  const login = { port: server.tcpPort, user, password };
  if (site.keeper === null) return { ...login, logs: FEED_TABLE.split(".")[1]!, parameters };
  return {
    ...login,
    parameters: { ...parameters, distributed_foreground_insert: which === "first" ? "1" : "0" },
  };
}
