/** The ping to a monitor that misses it when checks stop proving anything. */

/** Milliseconds that a ping may take; the next check pings again. */
const PING_MS = 5000;

/** Asks for the URL once. Returns null if the monitor took it, else what went wrong, without the URL: it is a secret. */
export async function ping(url: string): Promise<string | null> {
  try {
    // A redirect would send the secret path somewhere else.
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PING_MS) });
    await response.body?.cancel();
    return response.ok ? null : `HTTP status ${response.status}`;
  } catch {
    return "no answer";
  }
}
