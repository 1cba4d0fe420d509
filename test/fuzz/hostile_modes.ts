/** The commands of the program in this process: as its users run them, without its start and its end. */
import { UnknownTables } from "../../src/check/tables/discover.ts";
import type { Context } from "../../src/commands/context.ts";
import { daemon } from "../../src/commands/daemon.ts";
import { doctor } from "../../src/commands/doctor.ts";
import { drill } from "../../src/commands/drill.ts";
import { dryRun } from "../../src/commands/dry_run.ts";
import { evidence } from "../../src/commands/evidence.ts";
import { once } from "../../src/commands/once.ts";
import { configureLog } from "../../src/log/configure_log.ts";
import type { Settings } from "../../src/model/settings.ts";
import { PLAIN } from "../../src/text/paint.ts";

export const MODES = ["dry-run", "once", "create", "evidence", "doctor", "drill", "daemon"] as const;
export type Mode = typeof MODES[number];

export interface Ran {
  readonly code: number;
  /** What it printed. */
  readonly output: string;
  readonly log: string;
  readonly seconds: number;
}

/** Milliseconds of a daemon: enough for two checks or more. */
const DAEMON_MS = 2500;

/** Runs one of them to its end; the state is of this run alone. */
export async function runMode(mode: Mode, settings: Settings, asJson: boolean): Promise<Ran> {
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-hostile-" });
  const log: string[] = [];
  const redact = (text: string) => text;
  await configureLog({ level: "info", format: "text", redact, write: (line) => log.push(line) });
  const stop = new AbortController();
  const context: Context = {
    settings: {
      ...settings,
      stateFile: `${directory}/state.json`,
      autoCreateTables: mode === "create",
      replaceAggregates: mode === "create",
      checkIntervalSeconds: 1,
    },
    directory,
    flags: {
      envFile: null,
      json: asJson,
      logLevel: null,
      tables: [],
      within: null,
      verify: false,
      sql: true,
      accepted: [],
    },
    foot: null,
    redact,
    only: null,
    verify: false,
    told: false,
    paint: PLAIN,
    accepted: new Set(),
    agreements: new Map(),
    signal: stop.signal,
  };
  const since = performance.now();
  const timer = mode === "daemon" ? setTimeout(() => stop.abort(), DAEMON_MS) : undefined;
  try {
    const { result, output } = await printing(() => command(mode, context));
    return { ...result, output, log: log.join("\n"), seconds: (performance.now() - since) / 1000 };
  } finally {
    clearTimeout(timer);
    await Deno.remove(directory, { recursive: true });
  }
}

/** As `main` makes an exit code of it. */
async function command(mode: Mode, context: Context): Promise<{ code: number }> {
  try {
    switch (mode) {
      case "dry-run":
        return { code: await dryRun(context) };
      case "once":
      case "create":
        return { code: await once(context) };
      case "evidence":
        return { code: await evidence(context, `${context.directory}/evidence.md`) };
      case "doctor":
        return { code: await doctor(context, []) };
      case "drill":
        return { code: await drill(context) };
      case "daemon":
        return { code: await daemon(context) };
    }
  } catch (error) {
    if (error instanceof UnknownTables) return { code: 2 };
    Deno.stdout.writeSync(new TextEncoder().encode(error instanceof Error ? error.message : String(error)));
    return { code: 1 };
  }
}

async function printing<T>(run: () => Promise<T>): Promise<{ result: T; output: string }> {
  const { writeSync } = Deno.stdout;
  const decoder = new TextDecoder();
  let output = "";
  Deno.stdout.writeSync = (bytes) => {
    output += decoder.decode(bytes, { stream: true });
    return bytes.length;
  };
  try {
    return { result: await run(), output };
  } finally {
    Deno.stdout.writeSync = writeSync;
  }
}
