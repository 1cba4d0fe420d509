/** From the text of a state file to a state, or to what is wrong with it. */
import { FRESH_STATE, type State } from "../model/state.ts";

export type ParsedState =
  | { readonly kind: "state"; readonly state: State }
  | { readonly kind: "corrupt"; readonly problem: string }
  /** Written by a newer ch-sync, so it must be left alone. */
  | { readonly kind: "newer"; readonly version: number };

type Check = (value: unknown) => boolean;

const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check = (value) => typeof value === "boolean";
const text: Check = (value) => typeof value === "string";
const textOrNull: Check = (value) => value === null || text(value);
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const time: Check = (value) =>
  value === null || (typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value)));
const counts: Check = (value) =>
  isRecord(value) &&
  Object.values(value).every((table) =>
    isRecord(table) &&
    Object.entries(table).every(([reason, number]) => /^[a-z_]+$/.test(reason) && count(number))
  );

const textByName: Check = (value) => isRecord(value) && Object.values(value).every(text);
const textsByTable: Check = (value) => isRecord(value) && Object.values(value).every(texts);

function isHoldings(value: unknown): boolean {
  if (!isRecord(value) || !instant(value.compared_through) || !time(value.through) || !lacks(value)) {
    return false;
  }
  const { tables, unknown } = value;
  return Array.isArray(tables) &&
    tables.every((one) => isRecord(one) && text(one.table) && instant(one.through) && lacks(one)) &&
    Array.isArray(unknown) && unknown.every((one) => isRecord(one) && text(one.table) && text(one.why));
}

const instant: Check = (value) => value !== null && time(value);

function lacks({ missing, from, to }: Record<string, unknown>): boolean {
  return count(missing) && time(from) && time(to);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const FIELDS: Readonly<Record<keyof State, Check>> = {
  version: (value) => value === 1,
  last_check: time,
  last_sync: time,
  consecutive_clean: count,
  clean_since: time,
  failback_ready: flag,
  ready_until: time,
  ready_undone: time,
  active_site: (value) => value === "primary" || value === "dr" || value === "unknown",
  tables_checked: count,
  tables_with_gaps: count,
  partitions_synced: count,
  rows_synced: count,
  new_tables_detected: texts,
  last_error: textOrNull,
  config_digest: text,
  gap_tables: texts,
  partitions_checked: count,
  partitions_proven: count,
  partitions_counted: count,
  oldest_digest: time,
  verified_through: time,
  reasons: counts,
  causes: textsByTable,
  refused: texts,
  replicas_read: textByName,
  unreachable: texts,
  told_not_ready: time,
  waits_for_neighbour: flag,
  steady_checks: count,
  holds: (value) => value === null || isHoldings(value),
  installation: (value) => typeof value === "string" && /^[0-9a-f]{0,16}$/.test(value),
};

/** Fields that came with later versions: a file of an older ch-sync may lack them. */
const LATER_FIELDS: ReadonlySet<string> = new Set<keyof State>([
  "version",
  "clean_since",
  "ready_undone",
  "config_digest",
  "gap_tables",
  "partitions_checked",
  "partitions_proven",
  "partitions_counted",
  "oldest_digest",
  "verified_through",
  "reasons",
  "causes",
  "refused",
  "replicas_read",
  "unreachable",
  "told_not_ready",
  "waits_for_neighbour",
  "steady_checks",
  "holds",
  "installation",
]);

/**
 * Takes only the fields it knows, each checked. One that is wrong makes the file corrupt, and so does one that every
 * version has written and that is absent. Never throws.
 */
export function parseState(content: Uint8Array): ParsedState {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return { kind: "corrupt", problem: content.length === 0 ? "it is empty" : "it is not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "corrupt", problem: "it holds no JSON object" };
  }
  const fields = { ...value } as Record<string, unknown>;
  if (count(fields.version) && (fields.version as number) > FRESH_STATE.version) {
    return { kind: "newer", version: fields.version as number };
  }
  for (const [name, check] of Object.entries(FIELDS)) {
    if (!Object.hasOwn(fields, name)) {
      if (!LATER_FIELDS.has(name)) return { kind: "corrupt", problem: `it lacks ${name}` };
      fields[name] = FRESH_STATE[name as keyof State];
    }
    if (!check(fields[name])) return { kind: "corrupt", problem: `${name} has a value that it cannot have` };
  }
  const known = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, fields[name]]));
  const state = known as unknown as State;
  if (state.failback_ready && (state.ready_until === null || state.consecutive_clean === 0)) {
    return {
      kind: "corrupt",
      problem: "failback_ready is true without ready_until or without a clean check",
    };
  }
  return { kind: "state", state };
}
