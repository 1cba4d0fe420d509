// deno-lint-ignore-file no-console
/**
 * The main job in a minute, on two embedded ClickHouse sites: an outage, the plan, the repair, the proof, readiness.
 * Leaves nothing running and nothing behind, however it ends.
 */
import { environmentOf, installChSync } from "../test/support/program/ch_sync.ts";
import { engineLibrary } from "../test/support/sites/engine.ts";
import { startTwoSites } from "../test/support/sites/two_sites.ts";
import { tellStory } from "./demo/story.ts";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

async function demonstrate(signal: AbortSignal): Promise<boolean> {
  await engineLibrary({ signal });
  await using sites = await startTwoSites({ signal });
  await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
  const stopped = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => stopped.reject(signal.reason));
  return await Promise.race([tellStory(sites, chSync, signal), stopped.promise]);
}

const stop = new AbortController();
let code = 0;
for (const [name, number] of Object.entries(SIGNALS)) {
  Deno.addSignalListener(name as Deno.Signal, () => {
    code = 128 + number;
    stop.abort(new Error("The demo was stopped; nothing is left behind"));
  });
}
try {
  if (!await demonstrate(stop.signal)) code = 1;
} catch (error) {
  code ||= 1;
  console.error(`\n${error instanceof Error ? error.message : error}`);
}
Deno.exit(code);
