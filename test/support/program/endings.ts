/** How processes of ch-sync end, and what they leave at two sites. */
import assert from "node:assert/strict";
import type { Finished, Running } from "./ch_sync.ts";
import type { Site, TwoSites } from "../sites/two_sites.ts";

/** Milliseconds that the process may take from the signal to its end: two seconds at rest, and more on a busy machine. */
const END_MS = 20_000;

/** Waits for something that does happen, looking every few milliseconds; throws after five minutes: servers
wait up to one before they try again what failed. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 300_000;
  while (!await condition()) {
    assert.ok(performance.now() < end, `${what} never happened`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Sends the signal, and asserts that the process ends by itself in time, with code 0. */
export async function end({ child, finished }: Running, signal: Deno.Signal): Promise<Finished> {
  const sent = performance.now();
  child.kill(signal);
  const result = await finished;
  const took = performance.now() - sent;
  assert.ok(took < END_MS, `it took ${took} ms`);
  assert.equal(result.code, 0, result.stderr);
  return result;
}

/** Asks the process to end while a server does not answer; the server goes on afterwards. @param frozen the server's process */
export async function endWhileFrozen({ child, finished }: Running, frozen: number): Promise<Finished> {
  Deno.kill(frozen, "SIGSTOP");
  try {
    child.kill("SIGTERM");
    return await finished;
  } finally {
    Deno.kill(frozen, "SIGCONT");
  }
}

export async function kill({ child, finished }: Running): Promise<void> {
  child.kill("SIGKILL");
  await finished;
}

/** Statements of ch-sync that the server is running, those sent by the other server included. */
export function statements(site: Site): Promise<string> {
  return site.query("SELECT query FROM system.processes WHERE startsWith(initial_query_id, 'ch-sync-')");
}

export function stagingTables(site: Site): Promise<string> {
  return site.query("SELECT name FROM system.tables WHERE startsWith(name, '_chsync') ORDER BY name");
}

/** A server lists a statement for a moment longer than it takes to answer it: nothing is left after thirty seconds. */
export async function assertNoStatements(...sites: readonly Site[]): Promise<void> {
  for (const site of sites) {
    for (let look = 0; look < 300 && await statements(site) !== ""; look++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(await statements(site), "");
  }
}

export async function assertNothingLeft({ dr, primary }: TwoSites): Promise<void> {
  await assertNoStatements(dr, primary);
  assert.equal(await stagingTables(dr), "");
}
