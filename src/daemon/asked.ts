/** What operators ask of a running daemon, until a check takes it up. */
import { getLogger } from "@logtape/logtape";
import { secretsInEnvironment } from "../config/secrets.ts";
import { makeRedactor } from "../log/redact.ts";
import type { Answer, GivenVariables, Request } from "../model/control.ts";
import type { CheckReport } from "../model/report.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { acceptedOutcome } from "../report/accepted_outcome.ts";
import type { Bell } from "./loop.ts";

const log = getLogger(["ch-sync"]);

/** What was accepted by one request. It is for one check, so that a mistake in it spoils no other request. */
interface Accepted {
  readonly names: readonly string[];
  readonly answer: (answer: Answer) => void;
}

export class Asked {
  readonly #bell: Bell;
  readonly #redact: (text: string) => string;
  #accepted: readonly Accepted[] = [];
  /** Taken up by the check that runs; null: nothing was. */
  #taken: Accepted | null = null;
  #checking = false;

  readonly #reload: (given: GivenVariables) => Promise<Answer>;

  /**
   * @param reload takes settings over, and says what came of that
   * @param redact takes the secrets of the configuration out of a text
   */
  constructor(
    bell: Bell,
    reload: (given: GivenVariables) => Promise<Answer>,
    redact: (text: string) => string,
  ) {
    this.#bell = bell;
    this.#reload = reload;
    this.#redact = redact;
  }

  /**
   * Answers a verb: `check` and `reload` at once, `accept` when the check that took it up is over. No answer holds a secret.
   *
   * @param gone aborts when whoever asked is gone. An `accept` that no check has taken up is withdrawn then, as nobody might
   *   look at what it does; one that was taken up goes on. So do `check`, which does no harm, and `reload`, which is in force
   *   as a whole by the time it could be withdrawn
   */
  readonly obey = async (request: Request, gone: AbortSignal): Promise<Answer> => {
    const { code, lines } = await this.#answer(request, gone);
    // What was wrong in other settings may hold secrets of theirs.
    const theirs = request.verb === "reload"
      ? secretsInEnvironment({ ...request.given.file, ...request.given.process })
      : [];
    const redact = makeRedactor(theirs);
    return { code, lines: lines.map((line) => redact(this.#redact(line))) };
  };

  #answer(request: Request, gone: AbortSignal): Promise<Answer> {
    if (request.verb === "reload") return this.#reload(request.given);
    this.#bell.ring();
    if (request.verb === "accept") return this.#accept(request.names, gone);
    const said = this.#checking
      ? "A check is running; the daemon checks again as soon as it is over"
      : "The daemon checks now";
    return Promise.resolve({ code: 0, lines: [`${said}; ch-sync --status says what came of it`] });
  }

  #accept(names: readonly string[], gone: AbortSignal): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const accepted: Accepted = { names, answer: resolve };
    this.#accepted = [...this.#accepted, accepted];
    const withdraw = () => {
      if (!this.#accepted.includes(accepted)) return;
      this.#accepted = this.#accepted.filter((one) => one !== accepted);
      const text = `accept ${names.join(" ")} is withdrawn: the connection ended before a check took it up`;
      log.info("{text}", { text });
      resolve({ code: 1, lines: [text] });
    };
    gone.addEventListener("abort", withdraw, { once: true });
    if (gone.aborted) withdraw();
    return promise;
  }

  /** A check begins. Returns what is accepted for it. */
  begins(): ReadonlySet<string> {
    this.#checking = true;
    const [taken = null, ...rest] = this.#accepted;
    [this.#taken, this.#accepted] = [taken, rest];
    return new Set(this.#taken?.names);
  }

  /**
   * The check is over, or threw an error.
   *
   * @returns whether it was over before it began, because of what was accepted: then another one has to follow
   */
  ends(result: CheckReport | Error): boolean {
    this.#checking = false;
    const taken = this.#taken;
    this.#taken = null;
    if (this.#accepted.length > 0) this.#bell.ring();
    if (taken === null) return false;
    if (result instanceof UsageProblem) {
      taken.answer({ code: 2, lines: result.mistakes.map((text) => text.replace(/^--accept /, "accept ")) });
      this.#bell.ring();
      return true;
    }
    taken.answer(
      result instanceof Error ? { code: 1, lines: [result.message] } : acceptedOutcome(result, taken.names),
    );
    return false;
  }
}
