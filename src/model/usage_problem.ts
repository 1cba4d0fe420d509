/** A mistake on the command line that only the sites could reveal: nothing was done, and the exit code is 2. */
export class UsageProblem extends Error {
  /** One sentence each. */
  readonly mistakes: readonly string[];

  constructor(...mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.mistakes = mistakes;
  }
}
