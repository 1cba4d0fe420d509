/** Where log records go: to stderr, one line each, without secrets and without control characters. */
import { configure, type LogRecord } from "@logtape/logtape";
import type { LogLevel } from "../model/settings.ts";
import { escapeControls, escapeInJson } from "../text/escape_controls.ts";
import type { StatusLine } from "./status_line.ts";

export interface LogOptions {
  /** Also takes each line, for an OTLP endpoint; null, the default: nothing is exported. */
  readonly exported?: ((level: LogRecord["level"], line: string) => void) | null;
  readonly level: LogLevel;
  readonly format: "text" | "json";
  /** Lines of text begin with their time; those of JSON always hold it. Default: they do not. */
  readonly times?: boolean;
  readonly redact: (text: string) => string;
  /** Takes one line without its end; default: stderr. */
  readonly write?: (line: string) => void;
  /** The line at the foot of the terminal, which is cleared for each line of the log; null: there is none. */
  readonly foot?: StatusLine | null;
}

const LABELS: Readonly<Record<LogRecord["level"], string>> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warning: "WARN",
  error: "ERROR",
  fatal: "ERROR",
};

/** Configures the logger `ch-sync`; may be called again. */
export async function configureLog(
  { level, format, times = false, redact, write = toStderr, foot = null, exported = null }: LogOptions,
): Promise<void> {
  const line = format === "json" ? jsonLine : times ? timedLine : textLine;
  await configure({
    reset: true,
    sinks: {
      stderr(record) {
        foot?.clear();
        write(line(record, redact));
        exported?.(record.level, escapeControls(redact(messageOf(record))));
      },
    },
    loggers: [
      { category: ["ch-sync"], lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
}

/** `[INFO] message`. */
export function textLine(record: LogRecord, redact: (text: string) => string): string {
  return `[${LABELS[record.level]}] ${escapeControls(redact(messageOf(record)))}`;
}

/** `2026-11-25T18:55:01Z [INFO] message`: what is searched for in the rest of the line is found in this one, too. */
export function timedLine(record: LogRecord, redact: (text: string) => string): string {
  return `${new Date(record.timestamp).toISOString().slice(0, 19)}Z ${textLine(record, redact)}`;
}

/** One JSON object with time, level, message and the values of the message's placeholders. */
export function jsonLine(record: LogRecord, redact: (text: string) => string): string {
  const own = {
    time: new Date(record.timestamp).toISOString(),
    level: LABELS[record.level].toLowerCase(),
    message: messageOf(record),
  };
  const { text: _shownInMessage, ...values } = record.properties;
  // `own` comes twice: so its fields stand first, and no value of the same name overrides them.
  return escapeInJson(
    JSON.stringify({ ...own, ...values, ...own }, (_name, value) => plain(value, redact)),
  );
}

function plain(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? redact(value.message) : value;
}

/** The message with its values as they are: LogTape's own formatters would quote strings. */
function messageOf({ message }: LogRecord): string {
  return message.map(String).join("");
}

function toStderr(line: string): void {
  writeToStderr(`${line}\n`);
}

export function writeToStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // A log that nobody reads any longer must not end a repair.
  }
}
