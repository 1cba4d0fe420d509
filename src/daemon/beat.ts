/** Telling the monitor of a check that proved something. */
import { getLogger } from "@logtape/logtape";
import type { CheckReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { ping } from "../notify/heartbeat.ts";
import { provedSomething } from "../reconcile/judge_check.ts";

const log = getLogger(["ch-sync"]);

/** Throws nothing: a monitor that is not reached is a line in the log. */
export async function beat({ heartbeatUrl }: Settings, report: CheckReport): Promise<void> {
  if (heartbeatUrl === null || !provedSomething(report)) return;
  const problem = await ping(heartbeatUrl);
  if (problem) log.warn("{text}", { text: `HEARTBEAT_URL did not take the ping (${problem})` });
}
