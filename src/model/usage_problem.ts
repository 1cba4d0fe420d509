/** A mistake on the command line that only the sites could reveal: nothing was done, and the exit code is 2. */
export class UsageProblem extends Error {}
