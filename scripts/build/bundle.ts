/** The program as one JavaScript file: all that a binary embeds beside the runtime. */
import type { Build } from "../../src/build.ts";
import { BuildError, deno, ROOT, run } from "./commands.ts";

/**
 * Minified: that leaves out the comments in which the bundler notes where this machine keeps its packages, so that
 * every machine makes the same program.
 *
 * @returns the program's text, that says of itself what it was built from
 * @throws BuildError if the bundler fails
 */
export async function bundle(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const output = `${folder}/ch-sync.js`;
    const args = [
      "bundle",
      "--quiet",
      "--minify",
      "--platform=deno",
      `--output=${output}`,
      `${ROOT}src/main.ts`,
    ];
    const { success, stderr } = await deno(args);
    if (!success) throw new BuildError(`The program could not be bundled:\n${stderr.trim()}`);
    return `const CH_SYNC_BUILD=${JSON.stringify(await describeBuild())};\n${await Deno.readTextFile(
      output,
    )}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** `SOURCE_DATE_EPOCH` (seconds) wins over the commit's time, as reproducible-builds.org has it. */
export async function describeBuild(): Promise<Build> {
  // Unpacked inside of another repository, git would speak of that one.
  const top = await run("git", ["rev-parse", "--show-toplevel"]);
  const ours = top.success && `${top.stdout.trim()}/` === ROOT;
  const epoch = Deno.env.get("SOURCE_DATE_EPOCH");
  if (!ours) return { commit: "unknown", date: day(epoch ? Number(epoch) : Date.now() / 1000) };
  const [{ stdout: commit }, { stdout: seconds }, { stdout: changes }] = await Promise.all([
    run("git", ["rev-parse", "--short=12", "HEAD"]),
    run("git", ["log", "-1", "--format=%ct"]),
    run("git", ["status", "--porcelain", "--untracked-files=no"]),
  ]);
  return {
    commit: commit.trim() + (changes ? "-dirty" : ""),
    date: day(Number(epoch ?? seconds)),
  };
}

function day(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 10);
}
