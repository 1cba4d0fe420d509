/** Settings that are read again while a daemon runs: examined first, then handed to the next check as a whole. */
import { getLogger } from "@logtape/logtape";
import { changedVariables } from "../config/changed_variables.ts";
import type { Environment } from "../config/read_values.ts";
import { reloaded, waitsForRestart } from "../config/reloaded.ts";
import type { Answer, GivenVariables } from "../model/control.ts";
import type { Settings } from "../model/settings.ts";
import { errorText } from "../text/error_text.ts";
import type { Configuration } from "../run/configuration.ts";

const log = getLogger(["ch-sync"]);

export class Reloading {
  readonly #configuration: Configuration | null;
  readonly #onChange: () => void;
  /** The environment that `#next` came from. */
  #environment: Environment;
  /** What the last check to begin took. */
  #taken: Settings;
  #next: Settings;

  /** @param onChange is called when the next check will run with other settings */
  constructor(
    configuration: Configuration | null,
    settings: Settings,
    environment: Environment,
    onChange: () => void,
  ) {
    this.#configuration = configuration;
    this.#environment = environment;
    this.#taken = this.#next = settings;
    this.#onChange = onChange;
    configuration?.onHangup(() => void this.#hungUp());
  }

  /** What the check that begins now runs with, to its end; `fresh`: others than the one before. */
  take(): { readonly settings: Settings; readonly fresh: boolean } {
    const fresh = this.#next !== this.#taken;
    this.#taken = this.#next;
    return { settings: this.#taken, fresh };
  }

  /** Of the check that runs, or ran last. */
  get settings(): Settings {
    return this.#taken;
  }

  async #hungUp(): Promise<void> {
    const { code, lines } = await this.reload(null).catch((error): Answer => ({
      code: 1,
      lines: [
        `The configuration could not be read again: ${errorText(error)}; the one before stays in force`,
      ],
    }));
    const [first = "", ...rest] = lines;
    const level = code === 0 ? "info" : "error";
    log[level]("{text}", { text: `SIGHUP: ch-sync goes on. ${first}` });
    for (const text of rest) log[level]("{text}", { text });
  }

  /**
   * Reads the configuration again. If anything in it is wrong, nothing of it counts.
   *
   * What was right is in force, whoever asked for it: nothing takes it back when whoever asked is gone.
   *
   * @param given as in `Configuration.read()`
   */
  async reload(given: GivenVariables | null): Promise<Answer> {
    const configuration = this.#configuration;
    if (configuration === null) return { code: 1, lines: ["This daemon keeps its configuration"] };
    const read = configuration.read(given);
    if (read.kind === "mistakes") {
      return {
        code: 2,
        lines: [
          "The configuration is wrong, so the one before stays in force:",
          ...read.mistakes,
          ...given !== null &&
              ![given.file, given.process].some((some) => some["ROLE"] || some["LOCAL_CH_URL"])
            ? [
              `No setting was read from ${given.path}: where they are in another file, name it with --env-file`,
            ]
            : [],
        ],
      };
    }
    const { settings, atRestart, changed } = reloaded(this.#next, read.settings);
    const names = changedVariables(this.#environment, read.environment)
      .filter((name) => !waitsForRestart(name));
    const waiting = atRestart.map((what) => `${what} changes at a restart only, and stays as it was`);
    if (!changed) {
      return { code: 0, lines: ["The configuration was read again: nothing changed", ...waiting] };
    }
    await configuration.use(settings);
    this.#environment = read.environment;
    this.#next = settings;
    this.#onChange();
    const what = names.length > 0 ? names.join(", ") : "what its files hold";
    return {
      code: 0,
      lines: [
        `The configuration was read again; a check that runs ends here, and the next check begins with what changed: ${what}`,
        ...waiting,
      ],
    };
  }
}
