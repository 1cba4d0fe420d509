/** The configuration of this process: read at its start, and again when an operator asks for it. */
import { readEnvironment } from "../config/env_file.ts";
import { describeMistake } from "../config/mistake.ts";
import { readSettings } from "../config/read_settings.ts";
import type { Environment } from "../config/read_values.ts";
import { secretsOf } from "../config/secrets.ts";
import { configureLog, type LogOptions } from "../log/configure_log.ts";
import { makeRedactor } from "../log/redact.ts";
import { isKeptOrWatched } from "../log/status_line.ts";
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

/** @param path as in `readEnvironment()` */
export function readConfiguration(path: string | null): ReadConfiguration {
  const { environment, mistakes } = readEnvironment(Deno.env.toObject(), path, Deno.readTextFileSync);
  const read = examine(environment);
  const nothing = path === null && !environment["ROLE"] && !environment["LOCAL_CH_URL"];
  const all = [
    ...mistakes.map(describeMistake),
    ...read.kind === "mistakes" ? read.mistakes : [],
    ...nothing && mistakes.length === 0 ? [NOTHING_READ] : [],
  ];
  return all.length > 0 ? { kind: "mistakes", mistakes: all } : read;
}

function examine(environment: Environment): ReadConfiguration {
  const read = readSettings(environment, Deno.readTextFileSync);
  return read.kind === "mistakes"
    ? { kind: "mistakes", mistakes: read.mistakes.map(describeMistake) }
    : { ...read, environment };
}

export class Configuration {
  readonly #options: ConfigurationOptions;
  readonly #secrets = new Set<string>();
  #mask = (text: string) => text;
  #hangup: (() => void) | null = null;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
  }

  /** Masks the secrets of all settings that were ever used: an old password is one, too. */
  readonly redact = (text: string): string => this.#mask(text);

  /** @param environment instead of that of the process and its file */
  read(environment: Environment | null = null): ReadConfiguration {
    return environment === null ? readConfiguration(this.#options.envFile) : examine(environment);
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
