// deno-lint-ignore-file no-console -- what it prints is for the person who runs it
/**
 * `deno task steady [--checks N]`: as many checks as a daemon makes in a week, one after the other in one process, with a
 * repair every now and then. Memory and open files must stay flat.
 */
import { parseArgs } from "node:util";
import { readSettings } from "../src/config/read_settings.ts";
import { repeat } from "../src/daemon/loop.ts";
import { performCheck } from "../src/run/perform_check.ts";
import { Outbox } from "../src/notify/outbox.ts";
import { StateStore } from "../src/run/state_store.ts";
import { FRESH_STATE } from "../src/model/state.ts";
import { environmentOf } from "../test/support/program/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../test/support/data/telemetry.ts";
import { temporaryDirectory } from "../test/support/temporary_directory.ts";
import { startTwoSites } from "../test/support/sites/two_sites.ts";

const { values } = parseArgs({ args: Deno.args, options: { checks: { type: "string", default: "2000" } } });
const wanted = Number(values.checks);
/** Checks after which everything is loaded that ever will be. */
const WARM = Math.min(200, wanted / 2);
/** Growth that is still flat, in megabytes: what the collector of garbage may be late with. */
const FLAT_MB = 15;

await using sites = await startTwoSites();
await using directory = await temporaryDirectory();
await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.a"), telemetryTable("d.b"));
for (const site of [sites.primary, sites.dr]) await load(site, "d.a", "2026-01-01", 1000);
const read = readSettings(environmentOf("dr", sites.dr, sites.primary), Deno.readTextFileSync);
if (read.kind === "mistakes") throw new Error(JSON.stringify(read.mistakes));

const store = new StateStore(`${directory.path}/state.json`, FRESH_STATE);
const outbox = await Outbox.open({
  directory: directory.path,
  webhook: null,
  role: "dr",
  readiness: () => "not_ready",
});
const stop = new AbortController();
const agreements = new Map();
let checks = 0;
const figures: { checks: number; megabytes: number; files: number; sockets: number }[] = [];
function measure(): void {
  const links = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ""; // that of reading this very directory
    }
  });
  const sockets = links.filter((link) => link.startsWith("socket:")).length;
  const megabytes = Math.round(Deno.memoryUsage().rss / 1_048_576);
  figures.push({ checks, megabytes, files: links.length, sockets });
  console.log(JSON.stringify(figures.at(-1)));
}
await repeat(
  async () => {
    if (checks % 50 === 25) await load(sites.primary, "d.b", `2025-${1 + checks % 9}-0${1 + checks % 7}`, 20);
    await performCheck({
      settings: read.settings,
      directory: directory.path,
      store,
      only: null,
      accepted: new Set(),
      agreements,
      redact: (text) => text,
      outbox,
      signal: stop.signal,
    });
    checks++;
    if (checks === WARM || checks % 250 === 0) measure();
    if (checks >= wanted) stop.abort();
  },
  0,
  stop.signal,
);
const [first, last] = [figures[0]!, figures.at(-1)!];
const flat = last.megabytes - first.megabytes <= FLAT_MB && last.sockets <= first.sockets + 2;
console.log(
  `${checks} checks, ${store.state.partitions_synced} repairs: ${first.megabytes} MB and ${first.sockets} sockets after ` +
    `${first.checks}, ${last.megabytes} MB and ${last.sockets} sockets at the end: ${
      flat ? "flat" : "not flat"
    }`,
);
Deno.exit(flat ? 0 : 1);
