/** How a test fails that cannot be run with a server of another version: it does not take a statement, or its front knows no such thing. */
export const NOT_TAKEN = "Not to be tested with this version";
