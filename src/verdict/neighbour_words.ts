/** Whether it is safe for ClickHouse and for what vm-sync keeps, in the words of every page, command and message. */
import type { NeighbourState, NeighbourVerdict, ReadNeighbour } from "../model/neighbour.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";
import { isReady } from "./failback_words.ts";

/** Milliseconds by which clocks may differ. */
const CLOCK_STEP_MS = 60_000;

/**
 * Milliseconds after which no verdict of vm-sync counts, whatever it says itself. Its READY counts for two of its intervals, as that of
 * ch-sync does; an hour allows for intervals of half an hour, six times the default. Only where ch-sync itself checks more rarely may its
 * neighbour, too: nobody can wait for both to be fresher than ch-sync is.
 */
const LONGEST_MS = 3_600_000;

/** The verdict of vm-sync, if it still counts. Whatever is in doubt makes it not ready. */
export function neighbourVerdict(
  read: ReadNeighbour,
  { active_site }: Pick<State, "active_site">,
  { checkIntervalSeconds }: Pick<Settings, "checkIntervalSeconds">,
  now: Date,
): NeighbourVerdict {
  const not = (...reasons: string[]): NeighbourVerdict => ({ ready: false, until: null, reasons });
  if (read.kind === "problem") return not(`its state cannot be read: ${read.problem} (NEIGHBOUR_STATE_FILE)`);
  const { state } = read;
  const twice = 2000 * checkIntervalSeconds;
  const until = countsUntil(state, twice);
  if (until === null) return not("it has completed no check yet");
  if (Date.parse(state.last_check!) > now.getTime() + CLOCK_STEP_MS) {
    return not(`its last check, at ${state.last_check}, lies in the future`);
  }
  const old = now.getTime() > until;
  const reasons = [
    ...old ? [`its last check, at ${state.last_check}, is too old: is it running?`] : [],
    ...state.active_site === "unknown"
      ? ["it does not know the active site"]
      : active_site !== "unknown" && state.active_site !== active_site
      ? [`it sees ${state.active_site} as the active site, ch-sync ${active_site}`]
      : [],
    ...state.failback_ready ? [] : [notReady(state)],
  ];
  return reasons.length > 0
    ? not(...reasons)
    : { ready: true, until: new Date(until).toISOString(), reasons };
}

/** Milliseconds since 1970; null: no check was completed. */
function countsUntil(
  { last_check, failback_ready, ready_until }: NeighbourState,
  twice: number,
): number | null {
  if (last_check === null) return null;
  const checked = Date.parse(last_check);
  // Where it does not say how long it counts, it is taken to check as often as ch-sync.
  const own = failback_ready && ready_until !== null ? Date.parse(ready_until) : checked + twice;
  return Math.min(own, checked + Math.max(LONGEST_MS, twice));
}

function notReady({ consecutive_clean, last_error }: NeighbourState): string {
  const clean = consecutive_clean === null ? "" : `, clean checks in a row: ${consecutive_clean}`;
  return `it says NOT READY${clean}${last_error === null ? "" : `; its last error: ${last_error}`}`;
}

/** What holds for ClickHouse and its neighbour together. */
export interface BothVerdict {
  readonly safe: boolean;
  /** One line. */
  readonly headline: string;
  /** Why it is not safe for both; none where it is. */
  readonly reasons: readonly string[];
}

/** @param now decides whether ch-sync's own verdict still counts */
export function bothVerdict(state: State, neighbour: NeighbourVerdict, now: Date): BothVerdict {
  const own = isReady(state, now);
  const said = `ch-sync: ${word(own)}; vm-sync: ${word(neighbour.ready)}`;
  if (own && neighbour.ready) {
    const until = [state.ready_until!, neighbour.until!].toSorted()[0];
    return { safe: true, headline: `SAFE FOR BOTH until ${until} (${said})`, reasons: [] };
  }
  return {
    safe: false,
    headline: `NOT SAFE FOR BOTH (${said})`,
    reasons: neighbour.reasons.map((text) => `vm-sync: ${text}`),
  };
}

function word(ready: boolean): string {
  return ready ? "ready" : "not ready";
}
