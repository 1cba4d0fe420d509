/** Every flag: the one list that `--help`, the man page and the completions of shells are made from. */
import { LOG_LEVELS } from "./model/settings.ts";
import { spelledVerb, VERBS } from "./verbs.ts";

/** Under which heading `--help` lists a flag. */
export type FlagGroup = "mode" | "pause" | "scope" | "more";

export interface Flag {
  readonly name: string;
  /** One letter that stands for it. */
  readonly short?: string;
  /** What stands for its value; absent: it takes none. */
  readonly value?: string;
  /** It may stand without its value. */
  readonly optional?: true;
  /** All values that it takes. */
  readonly choices?: readonly string[];
  /** Those of the group `mode` exclude each other. */
  readonly group: FlagGroup;
  readonly multiple?: true;
  readonly help: string;
}

export const FLAGS: readonly Flag[] = [
  { name: "once", group: "mode", help: "one check with repairs, then exit (cron)" },
  { name: "dry-run", group: "mode", help: "one check without repairs: print the plan, change nothing" },
  { name: "status", group: "mode", help: "print the last recorded state, without asking ClickHouse" },
  {
    name: "history",
    value: "N or RUN",
    optional: true,
    group: "mode",
    help: "print the last N checks (20), or one of them: --history r1041",
  },
  { name: "doctor", group: "mode", help: "preflight: what ch-sync needs, and how to fix what is wrong" },
  { name: "drill", group: "mode", help: "rehearse a failback in a scratch database" },
  {
    name: "evidence",
    value: "FILE",
    group: "mode",
    help: "check, change nothing, write down whether it is safe to fail back",
  },
  {
    name: "sample",
    value: "DB.TABLE[:PARTITION]",
    group: "mode",
    help: "print some rows that differ, with values, beside their twins",
  },
  {
    name: "for",
    value: "TIME",
    group: "pause",
    help: "with pause: it ends by itself after 30m, 2h or 1d12h",
  },
  { name: "reason", value: "TEXT", group: "pause", help: "with pause: why, for whoever sees it" },
  {
    name: "table",
    value: "DB.TABLE",
    group: "scope",
    multiple: true,
    help: "only this table, or 'otel.*'; '!otel.tmp_*' leaves out (repeatable)",
  },
  {
    name: "partition",
    value: "ID",
    group: "scope",
    multiple: true,
    help: "only this partition, by its partition_id (repeatable)",
  },
  { name: "from", value: "TIME", group: "scope", help: "only partitions with rows of this time or later" },
  { name: "to", value: "TIME", group: "scope", help: "only partitions with rows from before this time" },
  { name: "recheck", group: "scope", help: "only what the last check left open" },
  { name: "verify", group: "scope", help: "digest everything again, whatever is remembered" },
  {
    name: "accept",
    value: "DB.TABLE[:PARTITION]",
    group: "scope",
    multiple: true,
    help: "repair this time what a guard refused (repeatable)",
  },
  {
    name: "sql",
    group: "scope",
    help: "print statements too: of the plan, or to fix what is refused",
  },
  {
    name: "env-file",
    value: "PATH",
    group: "more",
    help: "configuration file; default: .env, if there is one",
  },
  { name: "json", group: "more", help: "print the report, or the state, as JSON" },
  {
    name: "log-level",
    value: "LEVEL",
    choices: LOG_LEVELS,
    group: "more",
    help: `one of ${LOG_LEVELS.join(", ")}`,
  },
  { name: "version", short: "V", group: "more", help: "print the version" },
  { name: "help", short: "h", group: "more", help: "print this text" },
];

/** Exit codes of `--once` and `--dry-run`. */
export const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, "completed, and nothing is missing at this site (or this site is the active one)"],
  [1, "not completed: a site did not answer, DNS gave no answer, a table failed"],
  [2, "wrong usage or configuration"],
  [3, "completed, but something is still missing here"],
];

/** What people type most, and what for. */
export const EXAMPLES: readonly (readonly [string, string])[] = [
  ["ch-sync --dry-run", "Shows what is missing here and what a repair would do. Changes nothing."],
  ["ch-sync --once --table 'otel.*' --from 2026-11-24", "Repairs now what these tables lack since that day."],
  ["ch-sync --status --json", "The last verdict, for a program."],
];

const HEADINGS: Readonly<Record<FlagGroup, string>> = {
  mode: "Modes",
  pause: "Verbs",
  scope: "With --once or --dry-run",
  more: "Options",
};

const GROUPS = (Object.keys(HEADINGS) as FlagGroup[]).map((group) => {
  const verbs = group === "pause" ? VERBS.map((verb) => column(spelledVerb(verb), verb.help)) : [];
  const flags = FLAGS.filter((flag) => flag.group === group).map((flag) => column(spelled(flag), flag.help));
  return [`${HEADINGS[group]}:`, ...verbs, ...flags].join("\n");
});

export const HELP =
  `ch-sync: copies to the passive ClickHouse site exactly the rows that only the active one has
Usage: ch-sync [mode | verb] [options]; with neither a daemon: a check every CHECK_INTERVAL seconds

${GROUPS.join("\n\n")}

Exit codes of --once and --dry-run:
${EXIT_CODES.map(([code, meaning]) => `  ${code}  ${meaning}`).join("\n")}

Examples:
${EXAMPLES.map(([command]) => `  ${command}`).join("\n")}

Configuration comes from the environment and from .env; man ch-sync and docs/configuration.md list
it. Reports go to stdout, logs to stderr. --from and --to take 2026-11-24 or 2026-11-24T14:00 (UTC
without a zone).`;

function column(term: string, help: string): string {
  return `  ${term.padEnd(30)} ${help}`;
}

/** `--name VALUE`, with its letter where it has one. */
export function spelled({ name, short, value, optional }: Flag): string {
  const shown = value === undefined ? "" : optional ? ` [${value}]` : ` ${value}`;
  return `${short === undefined ? "" : `-${short}, `}--${name}${shown}`;
}
