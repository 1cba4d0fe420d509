/** The ping to a monitor that raises an alarm once checks stop proving anything. */
import { getLogger } from "@logtape/logtape";
import type { CheckReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { provedSomething } from "../verdict/clean.ts";

/** Milliseconds that a ping may take; the next check pings again. */
const PING_MS = 5000;

/** Requests the URL once. Returns null if the monitor accepted it, else what went wrong, without the URL: it is a secret. */
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

const log = getLogger(["ch-sync"]);

/** Never throws: if the monitor cannot be reached, that is a line in the log. */
export async function beat({ heartbeatUrl }: Settings, report: CheckReport): Promise<void> {
  if (heartbeatUrl === null || !provedSomething(report)) return;
  const problem = await ping(heartbeatUrl);
  if (problem) log.warn("{text}", { text: `HEARTBEAT_URL did not accept the ping (${problem})` });
}
