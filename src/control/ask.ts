/** Asking the daemon that runs with a state directory. */
import type { Answer, Request } from "../model/control.ts";
import { readLine, writeLine } from "./line.ts";
import { parseAnswer } from "./parse_request.ts";
import { socketIn } from "./socket_path.ts";

/** Bytes of an answer. */
const LONGEST = 8 * 1024 * 1024;

export type Asked =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** No daemon runs there. */
  | { readonly kind: "nobody" }
  /** Another user may not ask. */
  | { readonly kind: "denied" }
  /** The daemon ended, or gave up, before it answered. */
  | { readonly kind: "silent" }
  /** The signal aborted before it answered. */
  | { readonly kind: "broken_off" };

/** Waits for the answer, however long that takes, until the signal aborts. Never throws. */
export async function askDaemon(directory: string, request: Request, signal: AbortSignal): Promise<Asked> {
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path: socketIn(directory) });
  } catch (error) {
    return { kind: error instanceof Deno.errors.PermissionDenied ? "denied" : "nobody" };
  }
  const hangUp = () => connection.close();
  signal.addEventListener("abort", hangUp, { once: true });
  if (signal.aborted) hangUp();
  try {
    await writeLine(connection, request);
    const answer = parseAnswer(await readLine(connection, LONGEST));
    return answer === null ? { kind: "silent" } : { kind: "answered", answer };
  } catch {
    return { kind: signal.aborted ? "broken_off" : "silent" };
  } finally {
    signal.removeEventListener("abort", hangUp);
    if (!signal.aborted) connection.close();
  }
}
