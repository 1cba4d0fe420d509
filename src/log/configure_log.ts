/** Where log records go: to stderr, one line each, without secrets and without control characters. */
import { configure, type LogRecord } from "@logtape/logtape";
import type { LogLevel } from "../model/settings.ts";
import { escapeControls } from "../report/escape_controls.ts";

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "text" | "json";
  readonly redact: (text: string) => string;
  /** Takes one line without its end; default: stderr. */
  readonly write?: (line: string) => void;
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
export async function configureLog({ level, format, redact, write = toStderr }: LogOptions): Promise<void> {
  const line = format === "json" ? jsonLine : textLine;
  await configure({
    reset: true,
    sinks: { stderr: (record) => write(line(record, redact)) },
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

/** One JSON object with time, level, message and the values of the message's placeholders. */
export function jsonLine(record: LogRecord, redact: (text: string) => string): string {
  const values = Object.entries(record.properties)
    .filter(([name]) => name !== "text")
    .map(([name, value]) => [name, typeof value === "string" ? redact(value) : value]);
  return JSON.stringify({
    time: new Date(record.timestamp).toISOString(),
    level: LABELS[record.level].toLowerCase(),
    message: redact(messageOf(record)),
    ...Object.fromEntries(values),
  });
}

/** The message with its values as they are: LogTape's own formatters would quote strings. */
function messageOf({ message }: LogRecord): string {
  return message.map(String).join("");
}

function toStderr(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
  } catch {
    // A log that nobody reads any more must not end a repair.
  }
}
