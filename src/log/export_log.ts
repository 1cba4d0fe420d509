// deno-lint-ignore-file no-console -- Deno exports what goes to the console, and nothing else
/** Log lines for OpenTelemetry: Deno sends to the OTLP endpoint what is written to its console. */
import type { LogRecord } from "@logtape/logtape";

const CONSOLE: Readonly<Record<LogRecord["level"], "debug" | "info" | "warn" | "error">> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "error",
};

/**
 * A function that exports one line; null: nothing is exported. Only with `OTEL_DENO_CONSOLE=replace`, which keeps the console from
 * printing: otherwise each line would be printed twice, half of them on stdout, which is for reports.
 */
export function logExport(
  environment: Readonly<Record<string, string>>,
): ((level: LogRecord["level"], line: string) => void) | null {
  const { OTEL_DENO: on, OTEL_DENO_CONSOLE: how } = environment;
  if (!["true", "1"].includes(on ?? "") || how !== "replace") return null;
  return (level, line) => console[CONSOLE[level]](line);
}
