/** The man page, from the tables of flags, exit codes and variables. */
import { VERSION } from "../../src/build.ts";
import { EXAMPLES, EXIT_CODES, type Flag, FLAGS } from "../../src/flags.ts";
import { type Verb, VERBS } from "../../src/verbs.ts";
import { namedSettings, SECTIONS } from "../../src/config/table/table.ts";
import { accepted, defaultOf, explained } from "./setting_text.ts";

/** Text for roff: a hyphen is a minus, and neither a dot nor a quote begins a line. */
function roff(text: string): string {
  return text.replace(/\\/g, "\\e").replace(/-/g, "\\-").replace(/^[.']/gm, "\\&$&");
}

function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

/** Markdown's code in bold. */
function prose(text: string): string {
  return text.split("`").map((part, index) => index % 2 === 1 ? bold(part) : roff(part)).join("");
}

function entries(items: readonly (readonly [string, string])[]): string {
  return items.map(([term, text]) => `.TP\n${term}\n${text}`).join("\n");
}

const FILES: readonly (readonly [string, string])[] = [
  ["/opt/ch-sync/.env", "Configuration; mode 0600. Read as systemd reads an EnvironmentFile."],
  [
    "/opt/ch-sync/credentials/",
    "Passwords in files of their own, local-password and remote-password; mode 0600.",
  ],
  [
    "/var/lib/ch-sync/ch-sync-state.json",
    "The state of the service. Without the unit: data/ in the working directory.",
  ],
  ["/var/lib/ch-sync/ch-sync-repairs.jsonl", "A record of every repair."],
  ["/var/lib/ch-sync/pause", "While this file says so, checks go on and repairs wait."],
];

function verbTerm({ name, value, flags }: Verb): string {
  const shown = value ?? flags;
  return bold(name) + (shown ? ` \\fI${roff(shown)}\\fR` : "");
}

/** `ch-sync(1)` in the man macros. */
export function manPage(): string {
  const term = ({ name, short, value, optional }: Flag) => {
    const shown = value ? `\\fI${roff(value)}\\fR` : "";
    return (short ? `${bold(`-${short}`)}, ` : "") + bold(`--${name}`) +
      (shown && (optional ? ` [${shown}]` : ` ${shown}`));
  };
  const flags = FLAGS.map((flag) => [term(flag), roff(flag.help)] as const);
  const modes = FLAGS.filter(({ group }) => group === "mode").map(term);
  const variables = SECTIONS.map((section) => {
    const items = namedSettings(section).map((setting) => {
      const value = setting.required ? "Required." : `Default: ${defaultOf(setting)}.`;
      return [bold(setting.name), prose(`${explained(setting)}.${accepted(setting)} ${value}`)] as const;
    });
    return `.SS ${roff(section.title)}\n${section.note ? `${prose(section.note)}\n` : ""}${entries(items)}`;
  });
  return `.\\" Made by \`deno task generate\`.
.TH CH\\-SYNC 1 "" "ch\\-sync ${roff(VERSION)}" "User Commands"
.SH NAME
ch\\-sync \\- copy to the passive ClickHouse site exactly the rows that only the active one has
.SH SYNOPSIS
.B ch\\-sync
[${modes.join(" | ")}]
[\\fIoptions\\fR]
${VERBS.map((verb) => `.br\n.B ch\\-sync\n${verbTerm(verb)}`).join("\n")}
.SH DESCRIPTION
Two ClickHouse sites receive the same telemetry, and one of them is active. One ch\\-sync runs at each site. At the
passive one it compares every table with the active site, copies the rows that are missing, and after several clean
checks in a row says FAILBACK READY: it is safe to switch back. At the active site it does nothing.
.PP
Without a mode it runs as a daemon: one check every CHECK_INTERVAL seconds until SIGTERM or SIGINT.
.PP
Reports go to stdout, logs to stderr.
.SH VERBS
Told to a ch\\-sync that runs by itself, through its state directory: give them as its user, or as root.
${entries(VERBS.map((verb) => [verbTerm(verb), roff(verb.help)]))}
.SH OPTIONS
${entries(flags)}
.SH EXIT STATUS
Of \\fB\\-\\-once\\fR and \\fB\\-\\-dry\\-run\\fR:
${entries(EXIT_CODES.map(([code, meaning]) => [bold(String(code)), roff(meaning)]))}
.SH ENVIRONMENT
Variables win over the file of \\fB\\-\\-env\\-file\\fR.
${variables.join("\n")}
.SH FILES
Of the service that setup.sh or a package installs:
${entries(FILES.map(([path, text]) => [`\\fI${roff(path)}\\fR`, roff(text)]))}
.SH EXAMPLES
${entries(EXAMPLES.map(([command, text]) => [bold(command), roff(text)]))}
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1)
`;
}
