// deno-lint-ignore-file no-console -- what it prints is for the person who builds
/** How a task that builds ends. */
import { BuildError } from "./commands.ts";

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
