// deno-lint-ignore-file no-console
/**
 * Measures ch-sync beside what else finds or repairs such differences, on the same two servers and rows, each in turn.
 *
 * Usage: deno task bench:peers [rows] [runs]
 */
import { startTwoSites } from "../test/support/sites/two_sites.ts";
import { temporaryDirectory } from "../test/support/temporary_directory.ts";
import { measurePeers, RELADIFF } from "./bench/peers.ts";

const [rows = 1_000_000, runs = 3] = Deno.args.map(Number);

/** Into a virtual environment that goes with the directory. @returns the program, or why there is none */
async function installReladiff(directory: string): Promise<{ program: string } | { why: string }> {
  const steps = [["python3", "-m", "venv", directory], [
    `${directory}/bin/pip`,
    "install",
    "-q",
    ...RELADIFF,
  ]];
  for (const [command, ...args] of steps) {
    try {
      const { success, stderr } = await new Deno.Command(command!, { args }).output();
      if (!success) return { why: new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "" };
    } catch (error) {
      return { why: String(error) };
    }
  }
  return { program: `${directory}/bin/reladiff` };
}

await using directory = await temporaryDirectory();
const installed = await installReladiff(directory.path);
if ("why" in installed) console.log(`reladiff is left out, as it cannot be installed: ${installed.why}\n`);
const load = () => Deno.loadavg()[0]!.toFixed(0);
const before = load();
await using sites = await startTwoSites();
const peers = await measurePeers(sites, rows, runs, "program" in installed ? installed.program : null);
console.log("| way | equal | half a percent missing | what it leaves |\n|---|---|---|---|");
const time = (taken: number | null) => taken === null ? "" : `${taken.toFixed(2)} s`;
for (const { name, equal, differing, leaves } of peers) {
  console.log(`| ${name} | ${time(equal)} | ${time(differing)} | ${leaves} |`);
}
console.log(`\n${rows} rows in ten days, medians of ${runs}, load ${before} to ${load()}`);
