/** The entry point: wiring, and the only place that exits. */
import { dirname, resolve } from "node:path";
import { getLogger } from "@logtape/logtape";
import { VERSION_LINE } from "./build.ts";
import { UsageProblem } from "./model/usage_problem.ts";
import { type Command, parseCommand } from "./cli.ts";
import type { Context } from "./commands/context.ts";
import { daemon } from "./commands/daemon.ts";
import { dryRun } from "./commands/dry_run.ts";
import { doctor } from "./commands/doctor.ts";
import { drill } from "./commands/drill.ts";
import { evidence } from "./commands/evidence.ts";
import { history } from "./commands/history.ts";
import { once } from "./commands/once.ts";
import { print } from "./commands/print.ts";
import { sample } from "./commands/sample.ts";
import { status } from "./commands/status.ts";
import { pause, resume, tellDaemon } from "./commands/verbs.ts";
import { ownVariables } from "./config/changed_variables.ts";
import { type ReadEnvironment, readEnvironment } from "./config/env_file.ts";
import { exposedFiles, fileMode } from "./config/exposed_files.ts";
import { HELP } from "./flags.ts";
import { describeMistake } from "./config/mistake.ts";
import { readForStatus, stateFileOf } from "./config/read_settings.ts";
import { secretsInEnvironment } from "./config/secrets.ts";
import { canRewriteLines, StatusLine } from "./log/status_line.ts";
import { configureLog, writeToStderr } from "./log/configure_log.ts";
import { logExport } from "./log/export_log.ts";
import { makeRedactor } from "./log/redact.ts";
import { onUncaught } from "./log/uncaught.ts";
import { Configuration, readConfiguration } from "./run/configuration.ts";
import { maskSpans } from "./telemetry/mask_spans.ts";
import { escapeControls } from "./text/escape_controls.ts";
import { paintFor } from "./text/paint.ts";
import { type VerbName, VERBS } from "./verbs.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds from the signal to the end of the process, whatever is still running. */
const STOP_MS = 4500;

/** Reports an error that nobody caught: through the log, once there is one. */
let tellUncaught = (sentence: string) => {
  const redact = makeRedactor(secretsInEnvironment(environmentIfAllowed()));
  writeToStderr(`[ERROR] ${redact(sentence)}\n`);
};

/** Tells the daemon of SIGHUP, which is how it is asked to read its configuration again. Returns whether it hears. */
let hungUp = () => false;

/** Empty if ch-sync may not read it: then it cannot leak secrets from it either. */
function environmentIfAllowed(): Record<string, string> {
  try {
    return Deno.env.toObject();
  } catch {
    return {};
  }
}

/** Runs one command and returns the exit code of the process. */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseCommand(args);
  switch (command.kind) {
    case "help":
      print(HELP);
      return 0;
    case "version":
      print(VERSION_LINE);
      return 0;
    case "mistakes":
      return usage(command.mistakes);
  }
  const found = readEnvironment(Deno.env.toObject(), command.envFile, Deno.readTextFileSync);
  const { environment, mistakes } = found;
  if (isVerb(command)) {
    if (mistakes.length > 0) return usage(mistakes.map(describeMistake));
    const stateFile = stateFileOf(environment, Deno.readTextFileSync);
    if (stateFile !== null) return await giveVerb(command, stateFile, found, signal);
  }
  const recorded = command.kind === "status" || command.kind === "history";
  const read = readConfiguration(found, command.envFile !== null);
  // The state can be told where the sites are not known.
  const reading = recorded && read.kind === "mistakes"
    ? readForStatus(environment, Deno.readTextFileSync)
    : null;
  const [TERM, NO_COLOR] = [Deno.env.get("TERM"), Deno.env.get("NO_COLOR")];
  const paint = paintFor(Deno.stdout.isTerminal(), { TERM, NO_COLOR });
  if (reading) {
    const redact = makeRedactor(secretsInEnvironment(environment));
    await configureLog({ level: "info", format: "text", redact, foot: null });
    return command.kind === "history"
      ? await usageOf(() => history(reading, command, command.json, redact))
      : await status(reading, command.json, redact, paint);
  }
  if (read.kind === "mistakes") return usage(read.mistakes);

  const { settings } = read;
  const exported = logExport(Deno.env.toObject());
  const foot = canRewriteLines({ TERM }) ? new StatusLine(writeToStderr) : null;
  const told = (command.kind === "once" || command.kind === "dry-run") && !command.json &&
    Deno.stdout.isTerminal() && Deno.stderr.isTerminal();
  const { envFile, logLevel } = command;
  const configuration = new Configuration({ envFile, logLevel, told: told && foot !== null, foot, exported });
  await configuration.use(settings);
  const { redact } = configuration;
  // Before the first request: its span would hold the whole URL.
  maskSpans(redact);
  hungUp = () => configuration.hungUp();
  tellUncaught = (text) => log.error("{text}", { text });
  const exposed = exposedFiles(environment, command.envFile ?? ".env", fileMode);
  for (const text of command.kind === "doctor" ? [] : exposed) log.warn("{text}", { text });
  const context: Context = {
    flags: command,
    settings,
    directory: dirname(settings.stateFile),
    redact,
    foot,
    told,
    paint,
    only: command.tables.length > 0 ? new Set(command.tables) : null,
    ...command.within ? { within: command.within } : {},
    verify: command.verify,
    accepted: new Set(command.accepted),
    agreements: new Map(),
    signal,
  };
  return await usageOf(async () => {
    switch (command.kind) {
      case "status":
        return await status(settings, command.json, redact, paint);
      case "history":
        return await history(settings, command, command.json, redact);
      case "dry-run":
        return await dryRun(context);
      case "once":
        return await once(context);
      case "drill":
        return await drill(context);
      case "doctor":
        return await doctor(context, exposed);
      case "sample":
        return await sample(context, command.name);
      case "evidence":
        return await evidence(context, command.file);
      case "daemon":
        return await daemon(context, configuration, read.environment);
      default:
        return usage(["ch-sync cannot tell where its state is: correct STATE_FILE"]);
    }
  });
}

type VerbCommand = Extract<Command, { readonly kind: VerbName }>;

function isVerb(command: Command): command is VerbCommand {
  return VERBS.some(({ name }) => name === command.kind);
}

/** What a verb comes to. It needs to know no more of the configuration than where the state is. */
async function giveVerb(
  command: VerbCommand,
  stateFile: string,
  { environment, file }: ReadEnvironment,
  signal: AbortSignal,
): Promise<number> {
  const redact = makeRedactor(secretsInEnvironment(environment));
  await configureLog({ level: "info", format: "text", redact, foot: null });
  return await usageOf(async () => {
    switch (command.kind) {
      case "pause":
        return await pause(stateFile, command);
      case "resume":
        return await resume(stateFile);
      case "check":
        return await tellDaemon(stateFile, { verb: "check" }, "ch-sync --once", signal);
      case "reload": {
        const given = {
          process: ownVariables(Deno.env.toObject()),
          file: ownVariables(file),
          path: resolve(command.envFile ?? ".env"),
          needed: command.envFile !== null,
        };
        const instead = "ch-sync, which reads it at its start";
        return await tellDaemon(stateFile, { verb: "reload", given }, instead, signal);
      }
      case "accept": {
        const { names } = command;
        const instead = `ch-sync --once ${names.map((name) => `--accept ${name}`).join(" ")}`;
        return await tellDaemon(stateFile, { verb: "accept", names }, instead, signal);
      }
    }
  });
}

/** What a command answers, or the exit code of what it was asked for and cannot be. */
async function usageOf(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageProblem) return usage(error.mistakes);
    log.error("{text}", { text: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}

function usage(mistakes: readonly string[]): 2 {
  const text = mistakes.map((mistake) => escapeControls(mistake)).join("\n");
  Deno.stderr.writeSync(new TextEncoder().encode(text + "\n"));
  return 2;
}

if (import.meta.main) {
  onUncaught((sentence) => tellUncaught(sentence), () => Deno.exit(1));
  const stop = new AbortController();
  let daemonic = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      stop.abort();
      // Cleaning up may hang on a server that does not answer.
      setTimeout(() => Deno.exit(daemonic ? 0 : 1), STOP_MS);
    });
  }
  // A terminal that is closed ends neither a daemon nor a repair; nohup's own way is lost on the runtime.
  Deno.addSignalListener("SIGHUP", () => {
    if (!hungUp()) log.info("SIGHUP: ch-sync goes on");
  });
  daemonic = parseCommand(Deno.args).kind === "daemon";
  // What main() itself does not catch is no different from what nobody awaits.
  const code = main(Deno.args, stop.signal);
  code.then((code) => Deno.exit(code));
}
