/** How a test fails of which the server of another version does not take a statement: there is nothing to be tested. */
export const NOT_TAKEN = "This version does not take a statement of the test";
