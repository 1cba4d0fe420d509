/** What a running daemon knows about itself: its checks write it, its status page reads it. */
import type { Observer } from "../check/ports/observer.ts";
import { settingsDigest, sitesDigest } from "../config/settings_digest.ts";
import { askNeighbour } from "../run/ask_neighbour.ts";
import { CheckProgress } from "../run/check_progress.ts";
import type { Board } from "../model/board.ts";
import type { PastEvent, RunningCheck, RunningRepair, SiteView } from "../model/live.ts";
import type { RememberedPartitions } from "../model/memory.ts";
import { type CheckReport, replicasAt } from "../model/report.ts";
import type { RunDay } from "../model/run_day.ts";
import type { NeighbourVerdict } from "../model/neighbour.ts";
import type { Pause } from "../model/pause.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite } from "../model/site.ts";
import { FRESH_STATE, type State } from "../model/state.ts";
import { type BoardLimits, buildBoard, chooseTables, ONE_TABLE, OVERVIEW } from "../status/board.ts";
import { whyNotCompared } from "../status/why_not_compared.ts";
import { MemoryFile } from "../state/memory_file.ts";
import { KeptDays } from "./kept_days.ts";
import { readPause } from "../pause/pause_file.ts";
import { lastRepairs } from "../state/repair_record.ts";
import { counted } from "../text/readable.ts";

/** Events that are kept for the page. */
const EVENTS = 50;
/** A check may replace the memory while it is being read: then it is read again. */
const TRIES = 3;
/** Pages for which what was read is kept. */
const PAGES = 20;

export class LiveView {
  #settings: Settings;
  readonly #directory: string;
  readonly #redact: (text: string) => string;
  #state: State = FRESH_STATE;
  #report: CheckReport | null = null;
  /** Why the last check compared nothing, in words; null: it did. */
  #notCompared: string | null = null;
  readonly #progress = new CheckProgress();
  #waiting: string | null = null;
  #nextCheck: Date | null = null;
  #events: PastEvent[] = [];
  /** What was read of the memory since the last report, for the page of each table; `""`: for the overview. */
  readonly #remembered = new Map<string, Promise<ReadonlyMap<string, RememberedPartitions>>>();

  readonly #days = new KeptDays();
  #month: Promise<ReadonlyMap<string, RunDay>> | null = null;

  /** @param redact takes secrets out of texts of others; default: they stay as they are */
  constructor(settings: Settings, directory: string, redact = (text: string) => text) {
    this.#redact = redact;
    this.#settings = settings;
    this.#directory = directory;
  }

  /** Checks run with these settings from now on. */
  uses(settings: Settings): void {
    this.#settings = settings;
    this.#remembered.clear();
  }

  /** @param by who holds the lock, in words; null: nobody else does */
  waitingFor(by: string | null): void {
    this.#waiting = by;
  }

  loaded(state: State): void {
    this.#state = state;
  }

  checkBegins(now: Date): void {
    this.#progress.begins(now);
    this.#nextCheck = null;
  }

  checkEnds(result: { readonly report: CheckReport; readonly state: State } | null, nextCheck: Date): void {
    this.#progress.ends();
    this.#month = null;
    this.#nextCheck = nextCheck;
    this.#notCompared = result === null ? "the last check broke off" : whyNotCompared(result.report);
    if (result === null) return;
    this.#state = result.state;
    // A check that compared nothing knows less about the tables than the one before.
    if (result.report.outcome === "completed" || this.#report === null) {
      this.#report = result.report;
      this.#remembered.clear();
    }
  }

  /** Repairs from before this start: without them, the page would look as if nothing had ever been repaired. */
  async loadRepairs(): Promise<void> {
    for (const { time, table, partition, rows } of await lastRepairs(this.#directory, EVENTS)) {
      this.happened(`Repaired ${table} partition ${partition}: ${counted(rows, "row")}`, new Date(time));
    }
  }

  happened(text: string, at: Date): void {
    this.#events = [...this.#events, { at, text }].slice(-EVENTS);
  }

  /** Follows a check. */
  readonly observer: Partial<Observer> = {
    ...this.#progress.observer,
    repaired: (repair, outcome) => {
      void this.#progress.observer.repaired?.(repair, outcome);
      if (outcome.kind === "disproved") return;
      const where = `${repair.pair.name} partition ${repair.partitionId}`;
      const text = outcome.kind === "repaired"
        ? `Repaired ${where}: ${counted(outcome.rows, "row")}`
        : `Could not repair ${where}: ${outcome.error}`;
      this.happened(text, new Date());
    },
  };

  get settings(): Settings {
    return this.#settings;
  }
  get state(): State {
    return this.#state;
  }
  /** The last one that compared tables. */
  get report(): CheckReport | null {
    return this.#report;
  }
  get check(): RunningCheck | null {
    return this.#progress.check;
  }
  get repair(): RunningRepair | null {
    return this.check?.repair ?? null;
  }
  get waiting(): string | null {
    return this.#waiting;
  }
  get nextCheck(): Date | null {
    return this.#nextCheck;
  }
  /** Oldest first. */
  get events(): readonly PastEvent[] {
    return this.#events;
  }

  /** This site first. */
  get sites(): SiteView[] {
    const { role } = this.#settings;
    const state = this.#state;
    const known = state.last_check !== null || state.unreachable.length > 0;
    return (["local", "remote"] as const).map((side): SiteView => {
      const name = side === "local" ? role : otherSite(role);
      const facts = this.#report?.servers[side] ?? null;
      const asked = Date.parse(this.#report?.startedAt ?? "") / 1000;
      return {
        name,
        side,
        role: state.active_site === "unknown" ? "unknown" : state.active_site === name ? "active" : "passive",
        answers: known ? !state.unreachable.includes(side) : null,
        replica: state.replicas_read[side] ?? null,
        shards: shardsOf(this.#report, side),
        version: facts?.version ?? null,
        timezone: facts?.timezone ?? null,
        skewSeconds: facts ? Math.round(facts.now - asked) : null,
      };
    });
  }

  /** What holds repairs back now; null: nothing does. */
  async paused(): Promise<Pause | null> {
    return await readPause(this.#directory, new Date());
  }

  /** What vm-sync says now; null: nobody asks. */
  async neighbour(): Promise<NeighbourVerdict | null> {
    return await askNeighbour(this.#settings, this.#state, this.#redact);
  }

  /** @param table only this one, in full; null: an overview. @returns null if no check has compared tables yet */
  async board(table: string | null): Promise<Board | null> {
    const report = this.#report;
    if (report === null) return null;
    const [shown, limits] = table === null
      ? [report, OVERVIEW]
      : [{ tables: report.tables.filter((one) => one.table === table) }, ONE_TABLE];
    const known = shown.tables.length > 0 ? await this.#readOnce(table ?? "", shown, limits) : new Map();
    const why = this.#notCompared;
    return buildBoard(shown, known, this.repair, limits, why === null ? null : { at: report.startedAt, why });
  }

  /** Kept checks by day, read once after each check; without the memory there are none. */
  month(): Promise<ReadonlyMap<string, RunDay>> {
    this.#month ??= (async () => {
      try {
        using memory = await MemoryFile.open(this.#directory, "", { readOnly: true });
        return this.#days.read(memory);
      } catch {
        return new Map<string, RunDay>(); // it is being replaced, or cannot be read: the next check's may be
      }
    })();
    return this.#month;
  }

  /** Reads once after each check, however often the page is requested. */
  #readOnce(
    page: string,
    shown: Pick<CheckReport, "tables">,
    limits: BoardLimits,
  ): Promise<ReadonlyMap<string, RememberedPartitions>> {
    const known = this.#remembered.get(page);
    if (known) return known;
    if (this.#remembered.size >= PAGES) this.#remembered.clear();
    const reading = this.#read(shown, limits);
    this.#remembered.set(page, reading);
    return reading;
  }

  /** What is remembered of the tables that are shown. Without it, there are only the findings. */
  async #read(
    report: Pick<CheckReport, "tables">,
    limits: BoardLimits,
  ): Promise<ReadonlyMap<string, RememberedPartitions>> {
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        const [digest, formerDigest] = [
          await sitesDigest(this.#settings),
          await settingsDigest(this.#settings),
        ];
        using memory = await MemoryFile.open(this.#directory, digest, { readOnly: true, formerDigest });
        const found = new Map<string, RememberedPartitions>();
        for (const { table } of chooseTables(report, limits).shown) {
          found.set(table, memory.newest(table, limits.newest));
        }
        return found;
      } catch {
        // Either a check has replaced it, or it cannot be read.
      }
    }
    return new Map();
  }
}

function shardsOf(report: CheckReport | null, side: "local" | "remote"): SiteView["shards"] {
  if (report === null) return [];
  return replicasAt(report.replicas, side).map(({ addresses }) => addresses);
}
