/** The configuration of this process: read at its start, and again when an operator asks for it. */
import { type ReadEnvironment, readEnvironment } from "../config/env_file.ts";
import { describeMistake } from "../config/mistake.ts";
import { readSettings } from "../config/read_settings.ts";
import type { Environment } from "../config/read_values.ts";
import { secretsOf } from "../config/secrets.ts";
import { configureLog, type LogOptions } from "../log/configure_log.ts";
import { makeRedactor } from "../log/redact.ts";
import { isKeptOrWatched } from "../log/status_line.ts";
import type { GivenVariables } from "../model/control.ts";
import type { LogLevel, Settings } from "../model/settings.ts";

export type ReadConfiguration =
  | { readonly kind: "settings"; readonly settings: Settings; readonly environment: Environment }
  /** A sentence each. */
  | { readonly kind: "mistakes"; readonly mistakes: readonly string[] };

export interface ConfigurationOptions extends Pick<LogOptions, "foot" | "exported"> {
  /** From `--env-file`; null: `.env`, if there is one. */
  readonly envFile: string | null;
  /** From `--log-level`: wins over the setting; null: it is not given. */
  readonly logLevel: LogLevel | null;
  /** Progress is shown and a report follows: the log is for what neither says. */
  readonly told?: boolean;
}

const NOTHING_READ =
  "No configuration is here: name its file by --env-file, or run ch-sync in the folder of its .env";

/**
 * What variables come to, and the files that they name.
 *
 * @param named whether an operator named the file that they come from
 */
export function readConfiguration(
  { environment, mistakes }: Pick<ReadEnvironment, "environment" | "mistakes">,
  named = false,
): ReadConfiguration {
  const read = readSettings(environment, Deno.readTextFileSync);
  const all = [...mistakes, ...read.kind === "mistakes" ? read.mistakes : []];
  if (all.length === 0 && read.kind === "settings") return { ...read, environment };
  const nothing = !named && mistakes.length === 0 && !environment["ROLE"] && !environment["LOCAL_CH_URL"];
  return { kind: "mistakes", mistakes: [...all.map(describeMistake), ...nothing ? [NOTHING_READ] : []] };
}

export class Configuration {
  readonly #options: ConfigurationOptions;
  /** Where variables are read again: at first, those of this process and its file. */
  #from: { readonly process: Environment; readonly path: string | null; readonly needed: boolean };
  readonly #secrets = new Set<string>();
  #mask = (text: string) => text;
  #hangup: (() => void) | null = null;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    const path = options.envFile;
    this.#from = { process: Deno.env.toObject(), path, needed: path !== null };
  }

  /** Masks the secrets of all settings that were ever used: an old password is one, too. */
  readonly redact = (text: string): string => this.#mask(text);

  /**
   * @param given instead of what was given last; null: the same, with its file as it is now. What is right stays: each variable
   *   comes from there from now on
   */
  read(given: GivenVariables | null = null): ReadConfiguration {
    if (given === null) {
      const { process, path, needed } = this.#from;
      return readConfiguration(readEnvironment(process, path, Deno.readTextFileSync, needed), path !== null);
    }
    const environment = { ...given.file, ...given.process };
    const read = readConfiguration({ environment, mistakes: [] }, given.needed);
    if (read.kind === "settings") this.#from = given;
    return read;
  }

  /** From now on the log keeps these secrets, and is written as these settings want it. */
  async use(settings: Settings): Promise<void> {
    for (const secret of secretsOf(settings)) this.#secrets.add(secret);
    this.#mask = makeRedactor([...this.#secrets]);
    const { logFormat: format, logTimes } = settings;
    const { logLevel, told = false, ...sinks } = this.#options;
    const level = logLevel ?? (told && settings.logLevel === "info" ? "warning" : settings.logLevel);
    const times = logTimes === "always" || (logTimes === "auto" && isKeptOrWatched());
    await configureLog({ level, format, times, redact: this.redact, ...sinks });
  }

  /** @param react to SIGHUP */
  onHangup(react: () => void): void {
    this.#hangup = react;
  }

  /** SIGHUP came. @returns whether anybody reacts to it */
  hungUp(): boolean {
    this.#hangup?.();
    return this.#hangup !== null;
  }
}
