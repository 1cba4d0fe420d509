// deno-lint-ignore-file no-console
/**
 * Where the time goes: each case of the benchmark once, as CPU seconds of the servers by what their statements are for, of the process
 * that runs ch-sync (with what measures it), and of what an operator would otherwise type.
 *
 * Usage: deno task bench:cpu [rows of a day] [tables] [partitions of each]
 */
import { cpuUsage } from "node:process";
import { startTwoSites, type TwoSites } from "../test/support/sites/two_sites.ts";
import { CASES } from "./bench/cases.ts";
import { QUERY_LOG } from "./bench/clusters.ts";
import { seconds, type Stopwatch } from "./bench/measuring.ts";
import { inAll, PURPOSES, takeStatementWork, type Work } from "./bench/statement_work.ts";

const [rows = 2_500_000, tables = 1000, partitions = 100] = Deno.args.map(Number);

/** Of the last run: those before warm the sites up. */
interface Taken {
  ours?: { readonly work: Work; readonly own: number };
  theirs?: Work;
}

function stopwatch(sites: TwoSites, taken: Map<string, Taken>): Stopwatch {
  return async (name, whose, work) => {
    await takeStatementWork(sites, false); // what came before
    let own = 0;
    const time = await seconds(async () => {
      const begun = cpuUsage();
      await work();
      const { user, system } = cpuUsage(begun);
      own = (user + system) / 1e6;
    });
    const done = await takeStatementWork(sites, whose === "ours");
    taken.set(name, { ...taken.get(name), [whose]: whose === "ours" ? { work: done, own } : done });
    return time;
  };
}

function line(name: string, { ours, theirs }: Taken): string {
  const { work, own } = ours!;
  const told = (value: number) => value.toFixed(2);
  const by = PURPOSES.map((purpose) => `${told(work.here[purpose])} + ${told(work.there[purpose])}`);
  const all = inAll(work) + own;
  const bare = theirs ? [told(inAll(theirs)), `${told(all / inAll(theirs))} x`] : ["", ""];
  return `| ${[name, ...by, told(own), told(all), ...bare].join(" | ")} |`;
}

console.log(
  `| case: CPU seconds, here + there | ${
    PURPOSES.join(" | ")
  } | ch-sync | in all | typed by hand | ratio |\n` +
    `|---${"|---".repeat(PURPOSES.length + 4)}|`,
);
for (const measure of CASES) {
  await using sites = await startTwoSites({ primary: QUERY_LOG, dr: QUERY_LOG });
  const taken = new Map<string, Taken>();
  await measure(sites, { rows, runs: 1, tables, partitions }, stopwatch(sites, taken));
  for (const [name, of] of taken) console.log(line(name, of));
}
