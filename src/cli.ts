/** From the flags to a command, or to every mistake at once. */
import { parseArgs } from "node:util";
import { FLAGS } from "./flags.ts";
import { LONGEST_REASON } from "./pause/parse_pause.ts";
import type { Within } from "./model/check_scope.ts";
import { isWithinTables } from "./model/check_scope.ts";
import { LOG_LEVELS, type LogLevel } from "./model/settings.ts";
import { nearest } from "./text/nearest.ts";
import { parseDuration } from "./text/duration.ts";
import { parseInstant } from "./text/instant.ts";
import { type Verb, VERBS } from "./verbs.ts";

/** What all commands that check share. */
export interface CheckFlags {
  /** Null: `.env` in the working directory, if there is one. */
  readonly envFile: string | null;
  readonly json: boolean;
  /** Overrides `LOG_LEVEL`; null: does not. */
  readonly logLevel: LogLevel | null;
  /** Patterns that limit the check; empty: all tables. */
  readonly tables: readonly string[];
  /** Limits within the tables; null: none. */
  readonly within: Within | null;
  /** Every partition is digested. */
  readonly verify: boolean;
  /** The report holds statements. */
  readonly sql: boolean;
  /** Tables, or partitions of tables, for which an operator overrules a guard. */
  readonly accepted: readonly string[];
}

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | ({ readonly kind: "daemon" | "once" | "dry-run" | "status" | "doctor" | "drill" } & CheckFlags)
  /** Into this file, and its JSON beside it. */
  | ({ readonly kind: "evidence"; readonly file: string } & CheckFlags)
  /** `database.table`, perhaps with a colon and a partition behind it. */
  | ({ readonly kind: "sample"; readonly name: string } & CheckFlags)
  /** One kept check, by its number; or so many of the last ones. */
  | ({ readonly kind: "history"; readonly run: number | null; readonly count: number } & CheckFlags)
  /** For so long; null: until somebody resumes. */
  | ({ readonly kind: "pause"; readonly seconds: number | null; readonly reason: string | null } & CheckFlags)
  | ({ readonly kind: "resume" | "check" | "reload" } & CheckFlags)
  /** Tables, or partitions of tables. */
  | ({ readonly kind: "accept"; readonly names: readonly string[] } & CheckFlags)
  | { readonly kind: "mistakes"; readonly mistakes: readonly string[] };

/** Reads the arguments of the process, without those of the runtime. Never throws: mistakes are a kind of command. */
export function parseCommand(args: readonly string[]): Command {
  const { given, verb, names, mistakes } = readFlags(args);
  if (given.has("help") && mistakes.length === 0) return { kind: "help" };
  if (given.has("version") && mistakes.length === 0) return { kind: "version" };

  const modes = (["once", "dry-run", "status", "history", "doctor", "drill", "evidence", "sample"] as const)
    .filter((
      mode,
    ) => given.has(mode));
  if (modes.length > 1) mistakes.push(`${modes.map((mode) => `--${mode}`).join(" and ")} exclude each other`);
  if (verb && modes[0]) mistakes.push(`${verb.name} and --${modes[0]} exclude each other`);
  if (verb && given.has("json")) mistakes.push(`--json does not go with ${verb.name}`);
  const kind = modes[0] ?? "daemon";
  if (kind === "daemon" && !verb && given.has("json")) {
    mistakes.push(
      "--json goes with what prints something and ends: --once, --dry-run, --status and the like",
    );
  }
  const checks = kind === "once" || kind === "dry-run";
  for (const { name } of FLAGS.filter(({ group, name }) => group === "scope" && given.has(name))) {
    if (!checks) mistakes.push(`--${name} goes with --once or --dry-run only`);
  }
  const tables = given.get("table") ?? [];
  for (const table of tables.filter((table) => !/.\..|\*/s.test(table))) {
    mistakes.push(`--table=${table} must be DB.TABLE, or a pattern such as 'otel.*'`);
  }
  const [sampled = ""] = given.get("sample") ?? [];
  if (kind === "sample" && !/^[^*?]+\.[^*?]+$/s.test(sampled)) {
    mistakes.push(`--sample=${sampled} must be one DB.TABLE or DB.TABLE:PARTITION, and no pattern`);
  }
  const within = readWithin(given, mistakes);
  const accepted = given.get("accept") ?? [];
  for (const name of accepted.filter((name) => !/.\../s.test(name))) {
    mistakes.push(`--accept=${name} must be DB.TABLE or DB.TABLE:PARTITION`);
  }
  const { seconds, reason } = readPause(given, verb, mistakes);
  if (verb?.value && names.length === 0) mistakes.push(`${verb.name} needs what: ${verb.value}`);
  for (const name of names.filter((name) => !/.\../s.test(name))) {
    mistakes.push(`${name} must be DB.TABLE or DB.TABLE:PARTITION`);
  }
  const asked = given.get("history")?.[0] ?? String(LISTED_RUNS);
  const [, run, count] = /^(?:r(\d{1,9})|([1-9]\d{0,5}))$/.exec(asked) ?? [];
  if (run === undefined && count === undefined) {
    mistakes.push(`--history=${asked} must be how many checks to list, or one of them, such as r1041`);
  }
  const level = given.get("log-level")?.[0] ?? null;
  const logLevel = level === null ? null : toLogLevel(level);
  if (logLevel === undefined) mistakes.push(`--log-level=${level} must be one of ${LOG_LEVELS.join(", ")}`);
  if (mistakes.length > 0) return { kind: "mistakes", mistakes };
  const flags = {
    tables,
    within: isWithinTables(within) ? within : null,
    verify: given.has("verify"),
    sql: given.has("sql"),
    accepted,
    envFile: given.get("env-file")?.[0] ?? null,
    json: given.has("json"),
    logLevel: logLevel ?? null,
  };
  if (verb?.name === "pause") return { kind: verb.name, seconds, reason, ...flags };
  if (verb?.name === "accept") return { kind: verb.name, names, ...flags };
  if (verb) return { kind: verb.name, ...flags };
  if (kind === "evidence") return { kind, file: given.get("evidence")![0]!, ...flags };
  if (kind === "sample") return { kind, name: sampled, ...flags };
  if (kind === "history") {
    return { kind, run: run === undefined ? null : Number(run), count: Number(count ?? 1), ...flags };
  }
  return { kind, ...flags };
}

/** Checks that `--history` lists if it is not said how many. */
const LISTED_RUNS = 20;

/** What of the tables is looked at. Adds to the mistakes. */
function readWithin(given: GivenFlags["given"], mistakes: string[]): Within {
  const instant = (name: "from" | "to") => {
    const text = given.get(name)?.[0] ?? null;
    const seconds = text === null ? null : parseInstant(text);
    if (text !== null && seconds === null) {
      mistakes.push(
        `--${name}=${text} must be a date or a date and time, such as 2026-11-24 or 2026-11-24T14:00+01:00 (UTC without a zone)`,
      );
    }
    return seconds;
  };
  const [from, to] = [instant("from"), instant("to")];
  if (from !== null && to !== null && from >= to) {
    mistakes.push(
      "--to must be later than --from; a date alone is its midnight, so the day itself ends at the next one",
    );
  }
  return { from, to, partitions: given.get("partition") ?? [], open: given.has("recheck") };
}

/** Seconds that a pause may last: for longer it needs no end. */
const LONGEST_PAUSE = 30 * 86_400;

/** For how long to pause, and why. Adds to the mistakes. */
function readPause(given: GivenFlags["given"], verb: Verb | null, mistakes: string[]) {
  for (const { name } of FLAGS.filter(({ group, name }) => group === "pause" && given.has(name))) {
    if (verb?.name !== "pause") mistakes.push(`--${name} goes with pause only`);
  }
  const text = given.get("for")?.[0] ?? null;
  const seconds = text === null ? null : parseDuration(text);
  if (text !== null && (seconds === null || seconds > LONGEST_PAUSE)) {
    mistakes.push(
      `--for=${text} must be a span of time such as 30m, 2h or 1d12h, 30d at most; without it the pause has no end`,
    );
  }
  const reason = given.get("reason")?.[0] ?? null;
  if (reason !== null && reason.length > LONGEST_REASON) {
    mistakes.push(`--reason must be at most ${LONGEST_REASON} characters long`);
  }
  return { seconds, reason };
}

interface GivenFlags {
  /** Values by the flag's name; of a flag without values, none. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** Null: there is none. */
  readonly verb: Verb | null;
  /** What the verb is about. */
  readonly names: readonly string[];
  readonly mistakes: string[];
}

function readFlags(args: readonly string[]): GivenFlags {
  const options = Object.fromEntries(
    FLAGS.map(({ name, short, value, optional }) => [
      name,
      { type: value && !optional ? "string" as const : "boolean" as const, ...short ? { short } : {} },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Map<string, readonly string[]>();
  const mistakes: string[] = [];
  let verb: Verb | null = null;
  const names: string[] = [];
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    const takesIt = before?.kind === "option" && before.value === undefined &&
      FLAGS.some(({ name, optional }) => optional && name === before.name);
    if (token.kind === "positional" && takesIt) {
      given.set(before.name, [...given.get(before.name) ?? [], token.value]);
      continue;
    }
    if (token.kind === "positional") {
      const said = VERBS.find(({ name }) => name === token.value);
      if (verb?.value) names.push(token.value);
      else if (verb) mistakes.push(`${verb.name} takes no ${token.value}; see --help`);
      else if (said) verb = said;
      else mistakes.push(notAVerb(token.value));
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const flag = FLAGS.find((flag) => flag.name === name);
    // In `--env-file --once` the value is missing: taking `--once` as the value would start a daemon.
    const forgotten = !value || (!inlineValue && value.startsWith("-"));
    if (!flag) mistakes.push(notAFlag(rawName));
    else if (flag.optional && given.has(name)) mistakes.push(`--${name} is given twice`);
    else if (flag.value && forgotten && !(flag.optional && value === undefined)) {
      mistakes.push(`--${name} needs a value: ${flag.value}`);
    } else if (!flag.value && value !== undefined) mistakes.push(`--${name} takes no value`);
    else if (flag.value && !flag.multiple && given.has(name)) mistakes.push(`--${name} is given twice`);
    else given.set(name, [...given.get(name) ?? [], ...value ? [value] : []]);
  }
  return { given, verb, names, mistakes };
}

function notAVerb(given: string): string {
  const known = [...VERBS.map(({ name }) => name), ...FLAGS.map(({ name }) => `--${name}`)];
  const near = given.length < 3 ? [] : nearest(given, known.map((name) => name.replace(/^--/, "")), 1);
  const meant = known.find((name) => name.replace(/^--/, "") === near[0]);
  return meant === undefined
    ? `${given} is not a flag; see --help`
    : `${given} is no verb of ch-sync; did you mean ${meant}?`;
}

function notAFlag(given: string): string {
  const [meant] = nearest(given, FLAGS.map(({ name }) => `--${name}`), 1);
  return `${given} is not a flag of ch-sync; ${
    meant === undefined || given.length < 4 ? "see --help" : `did you mean ${meant}?`
  }`;
}

function toLogLevel(text: string): LogLevel | undefined {
  const wanted = text.toLowerCase() === "warn" ? "warning" : text.toLowerCase();
  return LOG_LEVELS.find((level) => level === wanted);
}
