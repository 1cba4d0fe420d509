/** Asks a server whether it is there, without a user. */
import { bounded } from "./bounded_body.ts";
import { connectionProblem } from "./errors.ts";

/** Bytes of what `/ping` says, unpacked. */
const PING_BYTES = 1024 * 1024;

/**
 * @param over the way to the server
 * @returns null if it answers, else why it does not, in words for an operator
 */
export async function ping(over: typeof fetch, url: string, timeoutMs: number): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await over(`${url}/ping`, { signal, redirect: "manual" });
    const text = response.body === null ? "" : await new Response(bounded(response.body, PING_BYTES)).text();
    return response.ok && text.trim() === "Ok." ? null : `/ping answered with HTTP status ${response.status}`;
  } catch (error) {
    return connectionProblem(error);
  }
}
