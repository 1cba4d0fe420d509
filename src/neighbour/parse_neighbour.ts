/** From the text of vm-sync's state file to what ch-sync takes of it. It is foreign text: nothing else of it goes on. */
import type { NeighbourState, ReadNeighbour } from "../model/neighbour.ts";
import { escapeControls } from "../text/escape_controls.ts";

/** Characters of its error that are shown. */
const ERROR = 200;

/** ISO 8601 in UTC, as several languages write it. */
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]00:?00)$/;

/**
 * Never throws.
 *
 * @param redact takes secrets out of a text
 */
export function parseNeighbour(content: Uint8Array, redact: (text: string) => string): ReadNeighbour {
  let fields: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return problem("it holds no JSON object");
    }
    fields = { ...value };
  } catch {
    return problem(content.length === 0 ? "it is empty" : "it is not JSON");
  }
  const { failback_ready, active_site, consecutive_clean = null, last_error = null } = fields;
  const [last_check, ready_until] = [readTime(fields.last_check), readTime(fields.ready_until ?? null)];
  if (last_check === undefined) return problem("last_check has a value that it cannot have");
  if (ready_until === undefined) return problem("ready_until has a value that it cannot have");
  if (typeof failback_ready !== "boolean") return problem("failback_ready has a value that it cannot have");
  if (active_site !== "primary" && active_site !== "dr" && active_site !== "unknown") {
    return problem("active_site has a value that it cannot have");
  }
  if (consecutive_clean !== null && !isCount(consecutive_clean)) {
    return problem("consecutive_clean has a value that it cannot have");
  }
  if (last_error !== null && typeof last_error !== "string") {
    return problem("last_error has a value that it cannot have");
  }
  const said = last_error === null ? null : shown(last_error, redact);
  const state: NeighbourState = {
    last_check,
    failback_ready,
    ready_until,
    active_site,
    consecutive_clean,
    last_error: said,
  };
  return { kind: "state", state };
}

function problem(problem: string): ReadNeighbour {
  return { kind: "problem", problem };
}

/** In the form of JavaScript; undefined: it is no time. */
function readTime(value: unknown): string | null | undefined {
  if (value === null) return null;
  if (typeof value !== "string" || !TIME.test(value)) return undefined;
  const time = Date.parse(value.replace(" ", "T"));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Secrets are looked for in the whole text: half of one is not recognised. */
function shown(text: string, redact: (text: string) => string): string {
  const line = escapeControls(redact(text).replace(/\s+/g, " ").trim());
  return line.length > ERROR ? `${line.slice(0, ERROR).toWellFormed()}…` : line.toWellFormed();
}
