/** A mistake in what an operator asked for, which only the sites could tell: nothing was done, and the exit code is 2. */
export class UsageProblem extends Error {}
