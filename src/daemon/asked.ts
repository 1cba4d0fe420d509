/** What operators ask of a running daemon, until a check takes it up. */
import type { Answer, Request } from "../model/control.ts";
import type { CheckReport } from "../model/report.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { acceptedOutcome } from "../report/accepted_outcome.ts";
import type { Bell } from "./loop.ts";

/** What was accepted by one request. It is for one check, so that a mistake in it spoils no other request. */
interface Accepted {
  readonly names: readonly string[];
  readonly answer: (answer: Answer) => void;
}

export class Asked {
  readonly #bell: Bell;
  readonly #accepted: Accepted[] = [];
  /** Taken up by the check that runs; null: nothing was. */
  #taken: Accepted | null = null;
  #checking = false;

  readonly #reload: (environment: Readonly<Record<string, string>>) => Promise<Answer>;

  /** @param reload takes settings over, and says what came of that */
  constructor(bell: Bell, reload: (environment: Readonly<Record<string, string>>) => Promise<Answer>) {
    this.#bell = bell;
    this.#reload = reload;
  }

  /** Answers a verb: `check` at once, `accept` when the check that took it up is over. */
  readonly obey = (request: Request): Promise<Answer> => {
    if (request.verb === "reload") return this.#reload(request.environment);
    this.#bell.ring();
    if (request.verb === "accept") {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      this.#accepted.push({ names: request.names, answer: resolve });
      return promise;
    }
    const said = this.#checking
      ? "A check is running; the daemon checks again as soon as it is over"
      : "The daemon checks now";
    return Promise.resolve({ code: 0, lines: [`${said}; ch-sync --status says what came of it`] });
  };

  /** A check begins. Returns what is accepted for it. */
  begins(): ReadonlySet<string> {
    this.#checking = true;
    this.#taken = this.#accepted.shift() ?? null;
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
