/** What a build is made from: the commit, and whether anything in the folder differs from it. */
import { BuildError, ROOT, run } from "./commands.ts";

/** The state of the project's folder. */
export interface Source {
  /** First 12 digits of the commit; null where the folder is no repository of its own. */
  readonly commit: string | null;
  /** Lines of `git status --porcelain`: changed files, and new ones that nothing ignores. */
  readonly changes: readonly string[];
  /** Unix time, seconds: the build's only clock. */
  readonly seconds: number;
}

/**
 * Reads the state of the project's folder.
 *
 * `SOURCE_DATE_EPOCH` (seconds) wins over the commit's time, as reproducible-builds.org has it. Without either, it is
 * the beginning of today: a time of day would make every build another one.
 *
 * @throws BuildError if `SOURCE_DATE_EPOCH` is no time
 */
export async function readSource(): Promise<Source> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given !== undefined && !/^\d{1,11}$/.test(given)) {
    throw new BuildError(`SOURCE_DATE_EPOCH=${given} must be seconds since 1970, a whole number`);
  }
  // Unpacked inside of another repository, git would speak of that one.
  const top = await run("git", ["rev-parse", "--show-toplevel"]);
  if (!top.success || `${top.stdout.trim()}/` !== ROOT) {
    const today = Math.floor(Date.now() / 86_400_000) * 86_400;
    return { commit: null, changes: [], seconds: given === undefined ? today : Number(given) };
  }
  const [{ stdout: commit }, { stdout: seconds }, { stdout: changes }] = await Promise.all([
    run("git", ["rev-parse", "--short=12", "HEAD"]),
    run("git", ["log", "-1", "--format=%ct"]),
    run("git", ["status", "--porcelain"]),
  ]);
  return {
    commit: commit.trim(),
    changes: changes.split("\n").filter((line) => line !== ""),
    seconds: Number(given ?? seconds),
  };
}
