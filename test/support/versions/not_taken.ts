/** How a test fails that cannot be run with a server of another version: it does not take a statement, or its front knows no such thing. */
export const NOT_TAKEN = "Not to be tested with this version";

/** Whether all of it was done; false where a server is of a version that does not take it. Throws any other error. */
export async function taken(...asked: readonly Promise<unknown>[]): Promise<boolean> {
  const refused = (await Promise.allSettled(asked)).filter((one) => one.status === "rejected");
  for (const { reason } of refused) if (!String(reason).includes(NOT_TAKEN)) throw reason;
  return refused.length === 0;
}
