/** Raised where a proof fails: nothing is wrong with the statement, what it would change is not what was planned. */
export class Disproof extends Error {}
