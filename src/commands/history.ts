/** `--history`: the checks that were kept. Asks no site. */
import { dirname } from "node:path";
import type { StatusReading } from "../config/read_settings.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { renderRun, renderRuns } from "../report/render_run.ts";
import { MemoryFile } from "../state/memory_file.ts";
import { json, print } from "./print.ts";

/**
 * @param asked one check by its number; null: the last `count`
 * @returns the exit code
 * @throws {UsageProblem} if there is no check of that number
 * @throws {Error} if the memory, which keeps them, cannot be used: then nobody knows whether one is kept
 */
export async function history(
  { stateFile }: Pick<StatusReading, "stateFile">,
  { run, count }: { readonly run: number | null; readonly count: number },
  asJson: boolean,
  redact: (text: string) => string,
): Promise<number> {
  // Under which settings tables are remembered does not matter here.
  let unusable: string | null = null;
  const warn = (text: string) => unusable = text;
  using memory = await MemoryFile.open(dirname(stateFile), "", { readOnly: true, warn });
  if (unusable !== null) throw new Error(unusable);
  const runs = memory.runs(run, count);
  const [first] = runs;
  if (run !== null && !first) {
    const [last] = memory.runs(null);
    const known = last ? `the last one is r${last.run}` : "none is kept yet";
    throw new UsageProblem(`No check r${run} is kept; ${known}`);
  }
  if (asJson) print(redact(json(run === null ? runs : first)));
  else print(redact(run === null || !first ? renderRuns(runs, stateFile) : renderRun(first)));
  return 0;
}
