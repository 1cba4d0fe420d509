// deno-lint-ignore-file no-console -- what it prints is for the person who builds
/** How a task that builds reads its flags, and how it ends. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { BuildError } from "./commands.ts";

/** @throws BuildError with the usage, for flags that the task does not have */
export function readFlags<Config extends ParseArgsConfig>(config: Config, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new BuildError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

/** Runs it; a build that cannot go on says why and ends with 1, without a stack trace. */
export async function runTask(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
