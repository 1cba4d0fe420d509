/** From the flags to a command, or to every mistake at once. */
import { parseArgs } from "node:util";
import { LOG_LEVELS, type LogLevel } from "./model/settings.ts";

/** What all commands that check share. */
export interface CheckFlags {
  /** Null: `.env` in the working directory, if there is one. */
  readonly envFile: string | null;
  readonly json: boolean;
  /** Overrides `LOG_LEVEL`; null: does not. */
  readonly logLevel: LogLevel | null;
  /** Limits the check; empty: all tables. */
  readonly tables: readonly string[];
  /** Tables, or partitions of tables, for which an operator overrules a guard. */
  readonly accepted: readonly string[];
}

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | ({ readonly kind: "daemon" | "once" | "dry-run" | "status" | "doctor" | "drill" } & CheckFlags)
  /** Into this file, and its JSON beside it. */
  | ({ readonly kind: "evidence"; readonly file: string } & CheckFlags)
  | { readonly kind: "mistakes"; readonly mistakes: readonly string[] };

/** A flag as `--help`, the man page and the completions of shells show it. */
export interface Flag {
  readonly name: string;
  /** What stands for its value; absent: it takes none. */
  readonly value?: string;
  /** All values that it takes. */
  readonly choices?: readonly string[];
  /** Excludes the other modes. */
  readonly mode?: true;
  readonly multiple?: true;
  readonly help: string;
}

export const FLAGS: readonly Flag[] = [
  { name: "once", mode: true, help: "one check with repairs, then exit (cron)" },
  { name: "dry-run", mode: true, help: "one check without repairs: print the plan, change nothing" },
  { name: "status", mode: true, help: "print the last recorded state, without asking ClickHouse" },
  {
    name: "doctor",
    mode: true,
    help: "preflight: what ch-sync needs, and how to fix what is wrong",
  },
  {
    name: "accept",
    value: "DB.TABLE[:PARTITION]",
    multiple: true,
    help: "with --once: repair this time what a guard refused (repeatable)",
  },
  { name: "drill", mode: true, help: "rehearse a failback in a scratch database" },
  {
    name: "evidence",
    value: "FILE",
    mode: true,
    help: "check, change nothing, write down whether it is safe to fail back",
  },
  { name: "table", value: "DB.TABLE", multiple: true, help: "check only this table (repeatable)" },
  { name: "env-file", value: "PATH", help: "configuration file; default: .env, if there is one" },
  { name: "json", help: "print the report, or the state, as JSON" },
  { name: "log-level", value: "LEVEL", choices: LOG_LEVELS, help: `one of ${LOG_LEVELS.join(", ")}` },
  { name: "version", help: "print the version" },
  { name: "help", help: "print this text" },
];

/** Exit codes of `--once` and `--dry-run`. */
export const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, "completed, and nothing is missing at this site (or this site is the active one)"],
  [1, "not completed: a site did not answer, DNS gave no answer, a table failed"],
  [2, "wrong usage or configuration"],
  [3, "completed, but something is still missing here"],
];

export const HELP =
  `ch-sync: copies to the passive ClickHouse site exactly the rows that only the active one has

Usage: ch-sync [--once | --dry-run | --status | --doctor | --drill | --evidence FILE] [options]

Without a mode it runs as a daemon: one check every CHECK_INTERVAL seconds.

${
    FLAGS.map(({ name, value, help }) => `  ${`--${name}${value ? ` ${value}` : ""}`.padEnd(30)} ${help}`)
      .join(
        "\n",
      )
  }

Exit codes of --once and --dry-run:
${EXIT_CODES.map(([code, meaning]) => `  ${code}  ${meaning}`).join("\n")}

Configuration comes from the environment and from .env; docs/configuration.md lists the variables.
Reports go to stdout, logs to stderr.`;

/** Reads the arguments of the process, without those of the runtime. Never throws: mistakes are a kind of command. */
export function parseCommand(args: readonly string[]): Command {
  const { given, mistakes } = readFlags(args);
  if (given.has("help") && mistakes.length === 0) return { kind: "help" };
  if (given.has("version") && mistakes.length === 0) return { kind: "version" };

  const modes = (["once", "dry-run", "status", "doctor", "drill", "evidence"] as const).filter((mode) =>
    given.has(mode)
  );
  if (modes.length > 1) mistakes.push(`${modes.map((mode) => `--${mode}`).join(" and ")} exclude each other`);
  const kind = modes[0] ?? "daemon";
  const tables = given.get("table") ?? [];
  if (tables.length > 0 && kind !== "once" && kind !== "dry-run") {
    mistakes.push("--table goes with --once or --dry-run only");
  }
  for (const table of tables.filter((table) => !/.\../s.test(table))) {
    mistakes.push(`--table=${table} must be DB.TABLE`);
  }
  const accepted = given.get("accept") ?? [];
  if (accepted.length > 0 && kind !== "once" && kind !== "dry-run") {
    mistakes.push("--accept goes with --once or --dry-run only");
  }
  for (const name of accepted.filter((name) => !/.\../s.test(name))) {
    mistakes.push(`--accept=${name} must be DB.TABLE or DB.TABLE:PARTITION`);
  }
  const level = given.get("log-level")?.[0] ?? null;
  const logLevel = level === null ? null : toLogLevel(level);
  if (logLevel === undefined) mistakes.push(`--log-level=${level} must be one of ${LOG_LEVELS.join(", ")}`);
  if (mistakes.length > 0) return { kind: "mistakes", mistakes };
  const flags = {
    tables,
    accepted,
    envFile: given.get("env-file")?.[0] ?? null,
    json: given.has("json"),
    logLevel: logLevel ?? null,
  };
  if (kind === "evidence") return { kind, file: given.get("evidence")![0]!, ...flags };
  return { kind, ...flags };
}

interface GivenFlags {
  /** Values by the flag's name; of a flag without values, none. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly mistakes: string[];
}

function readFlags(args: readonly string[]): GivenFlags {
  const options = Object.fromEntries(
    FLAGS.map(({ name, value }) => [name, { type: value ? "string" as const : "boolean" as const }]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = new Map<string, readonly string[]>();
  const mistakes: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") mistakes.push(`${token.value} is not a flag; see --help`);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const flag = FLAGS.find((flag) => flag.name === name);
    // In `--env-file --once` the value is missing: taking `--once` as the value would start a daemon.
    const forgotten = !value || (!inlineValue && value.startsWith("-"));
    if (!flag) mistakes.push(`${rawName} is not a flag of ch-sync; see --help`);
    else if (flag.value && forgotten) mistakes.push(`--${name} needs a value: ${flag.value}`);
    else if (!flag.value && value !== undefined) mistakes.push(`--${name} takes no value`);
    else if (flag.value && !flag.multiple && given.has(name)) mistakes.push(`--${name} is given twice`);
    else given.set(name, [...given.get(name) ?? [], ...value ? [value] : []]);
  }
  return { given, mistakes };
}

function toLogLevel(text: string): LogLevel | undefined {
  const wanted = text.toLowerCase() === "warn" ? "warning" : text.toLowerCase();
  return LOG_LEVELS.find((level) => level === wanted);
}
