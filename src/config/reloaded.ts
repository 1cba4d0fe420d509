/** What of a configuration that was read again counts at once, and what only after a restart. */
import type { Settings } from "../model/settings.ts";

/** Fields that a process keeps: where its state, its lock and its page are. */
const AT_RESTART = { stateFile: "STATE_FILE", status: "the status page (STATUS_…)" } as const;

export interface Reloaded {
  /** What the next check runs with. */
  readonly settings: Settings;
  /** What was changed and waits for a restart. */
  readonly atRestart: readonly string[];
  /** Whether `settings` are other ones than before. */
  readonly changed: boolean;
}

/** @param before what counts now */
export function reloaded(before: Settings, read: Settings): Reloaded {
  const { stateFile, status } = before;
  const settings = { ...read, stateFile, status };
  const fields = Object.keys(AT_RESTART) as (keyof typeof AT_RESTART)[];
  return {
    settings,
    atRestart: fields.filter((field) => !same(before[field], read[field])).map((field) => AT_RESTART[field]),
    changed: !same(before, settings),
  };
}

/** Whether this variable is one of those fields. */
export function waitsForRestart(variable: string): boolean {
  return variable === "STATE_FILE" || variable.startsWith("STATUS_");
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
