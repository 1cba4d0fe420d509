/** Tables with a gap whose other site is far away: how often each waits for an answer. */
import { startSlowLink } from "../../test/support/links/slow_link.ts";
import { drSettings } from "../../test/support/sites/check_sites.ts";
import { temporaryDirectory } from "../../test/support/temporary_directory.ts";
import type { TwoSites } from "../../test/support/sites/two_sites.ts";
import { seconds, type Stopwatch } from "./measuring.ts";
import { lose, lostAt, makeTables } from "./small_tables.ts";
import { repairGaps } from "./whole_check.ts";

const DAYS = 3;
const ROWS = DAYS * 2000;
const GOAL = 3;

/** Tables at a time: as many as by default, and as many as by default where two cores are near. */
const AT_A_TIME = [null, 2];

/** Sentences. @param delayMs there and back, over HTTP and between the servers */
export async function measureFar(
  sites: TwoSites,
  tables: number,
  delayMs: number,
  time: Stopwatch,
): Promise<string[]> {
  const { primary, dr } = sites;
  await makeTables([primary, dr], "far", tables, DAYS, ROWS);
  await using directory = await temporaryDirectory();
  await using http = startSlowLink(Number(new URL(primary.url).port));
  await using native = startSlowLink(primary.tcpPort);
  const remote = { ...drSettings(sites).remote, url: `http://127.0.0.1:${http.port}` };
  const remoteNative = { host: "127.0.0.1", port: native.port, secure: false };
  const check = (maxConcurrentTables: number | null, gaps: number) =>
    repairGaps(sites, gaps, {
      memory: directory.path,
      settings: { remote, remoteNative, maxConcurrentTables },
    });
  await check(null, 0);
  const said: string[] = [];
  let run = 0;
  for (const atATime of AT_A_TIME) {
    const name = `${tables} tables with a gap at ${delayMs} ms latency, ${
      atATime === null ? "by default" : `${atATime} at a time`
    }`;
    const lost = () => lose(dr, "far", tables, DAYS, ROWS, lostAt(run++, 15));
    await lost();
    const near = await seconds(() => check(atATime, tables));
    await lost();
    // Test servers hang up after each answer over HTTP, others do not: only the native protocol pays for its connections.
    http.delayMs = native.delayMs = native.connectMs = delayMs;
    const far = await time(name, "ours", () => check(atATime, tables));
    http.delayMs = native.delayMs = native.connectMs = 0;
    const trips = (far - near) * 1000 / delayMs / tables;
    said.push(
      `${name}: ${far.toFixed(2)} s, ${near.toFixed(2)} s without it: ` +
        `${trips.toFixed(2)} round trips a table (goal: ${GOAL})`,
    );
  }
  return said;
}
