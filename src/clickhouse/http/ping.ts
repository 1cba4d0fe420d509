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
    return response.ok && text.trim() === "Ok." ? null : strangeAnswer(response.status, text);
  } catch (error) {
    return connectionProblem(error);
  }
}

/** What a native port says to whoever speaks HTTP. */
const NATIVE_PORT = /^Port \d+ is for clickhouse-client program/;

function strangeAnswer(status: number, text: string): string {
  if (NATIVE_PORT.test(text)) {
    return "it is the native port, which does not speak HTTP: use the HTTP port (8123, or 8443 with https://)";
  }
  return `HTTP status ${status} came, and not "Ok." as of ClickHouse: see what answers at that address`;
}
