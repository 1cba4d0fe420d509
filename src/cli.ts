/** Flags to a command, or every mistake at once. */
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
}

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | ({ readonly kind: "daemon" | "once" | "dry-run" | "status" } & CheckFlags)
  | { readonly kind: "mistakes"; readonly mistakes: readonly string[] };

interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly multiple?: true;
  readonly help: string;
  readonly planned?: true;
}

const FLAGS: readonly Flag[] = [
  { name: "once", help: "one check with repairs, then exit (cron)" },
  { name: "dry-run", help: "one check without repairs: print the plan, change nothing" },
  { name: "status", help: "print the last recorded state; asks no ClickHouse" },
  { name: "doctor", help: "preflight of everything that must hold", planned: true },
  {
    name: "accept",
    value: "DB.TABLE[:PARTITION]",
    multiple: true,
    help: "repair what a guard refused",
    planned: true,
  },
  { name: "drill", help: "rehearse a failback on a scratch database", planned: true },
  { name: "evidence", value: "FILE", help: "write down why it is safe to fail back", planned: true },
  { name: "table", value: "DB.TABLE", multiple: true, help: "check only this table (repeatable)" },
  { name: "env-file", value: "PATH", help: "configuration file; default: .env, if there is one" },
  { name: "json", help: "print the report, or the state, as JSON" },
  { name: "log-level", value: "LEVEL", help: `one of ${LOG_LEVELS.join(", ")}` },
  { name: "version", help: "print the version" },
  { name: "help", help: "print this text" },
];

export const HELP = `ch-sync: makes the passive ClickHouse site whole from the active one, exactly

Usage: ch-sync [--once | --dry-run | --status] [options]

Without a mode it runs as a daemon: one check every CHECK_INTERVAL seconds.

${
  FLAGS.map(({ name, value, help, planned }) =>
    `  ${`--${name}${value ? ` ${value}` : ""}`.padEnd(30)} ${help}${planned ? " (not supported yet)" : ""}`
  ).join("\n")
}

Exit codes of --once and --dry-run:
  0  completed, and nothing is missing at this site (or this site is the active one)
  1  not completed: a site did not answer, DNS gave no answer, a table failed
  2  wrong usage or configuration
  3  completed, and something is missing here all the same

Configuration comes from the environment and from .env; the README lists the variables.
Reports go to stdout, logs to stderr.`;

/** Reads the arguments of the process, without those of the runtime. */
export function parseCommand(args: readonly string[]): Command {
  const options = Object.fromEntries(FLAGS.map(({ name, value, multiple }) => [name, {
    type: value ? "string" as const : "boolean" as const,
    multiple: multiple ?? false,
  }]));
  const mistakes: string[] = [];
  const { values, tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = FLAGS.find(({ name }) => name === token.name);
    if (!flag) mistakes.push(`${token.rawName} is not a flag of ch-sync; see --help`);
    else if (flag.planned) mistakes.push(`--${flag.name} is not supported yet`);
    else if (flag.value && !token.value) mistakes.push(`--${flag.name} needs a value: ${flag.value}`);
    else if (!flag.value && token.value !== undefined) mistakes.push(`--${flag.name} takes no value`);
  }
  mistakes.push(...positionals.map((word) => `${word} is not understood; see --help`));
  if (values.help === true && mistakes.length === 0) return { kind: "help" };
  if (values.version === true && mistakes.length === 0) return { kind: "version" };

  const modes = (["once", "dry-run", "status"] as const).filter((mode) => values[mode] === true);
  if (modes.length > 1) mistakes.push(`${modes.map((mode) => `--${mode}`).join(" and ")} exclude each other`);
  const kind = modes[0] ?? "daemon";
  const tables = strings(values.table);
  if (tables.length > 0 && (kind === "daemon" || kind === "status")) {
    mistakes.push("--table goes with --once or --dry-run only");
  }
  const level = logLevel(values["log-level"]);
  if (level === undefined) mistakes.push(`--log-level must be one of ${LOG_LEVELS.join(", ")}`);
  if (mistakes.length > 0) return { kind: "mistakes", mistakes };
  const envFile = typeof values["env-file"] === "string" ? values["env-file"] : null;
  return { kind, tables, envFile, json: values.json === true, logLevel: level ?? null };
}

function logLevel(value: unknown): LogLevel | null | undefined {
  if (typeof value !== "string" || value === "") return null; // its lack of a value is a mistake of its own
  const wanted = value.toLowerCase() === "warn" ? "warning" : value.toLowerCase();
  return LOG_LEVELS.find((level) => level === wanted);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
