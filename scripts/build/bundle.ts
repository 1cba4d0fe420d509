/** The program as one JavaScript file: all that a binary embeds beside the runtime. */
import type { Build } from "../../src/build.ts";
import { BuildError, deno, ROOT } from "./commands.ts";
import { readSource } from "./source.ts";

/** Packages that are no modules of JavaScript (prom-client) ask for parts of the runtime in this way. */
const REQUIRE = `import{createRequire}from"node:module";const require=createRequire(import.meta.url);\n`;

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
    const build = `const CH_SYNC_BUILD=${JSON.stringify(await describeBuild())};\n`;
    return REQUIRE + build + await Deno.readTextFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the program says of itself. New files do not count as changes: whatever imports them has changed. */
export async function describeBuild(): Promise<Build> {
  const { commit, changes, seconds } = await readSource();
  const changed = changes.some((line) => !line.startsWith("??"));
  return {
    commit: commit === null ? "unknown" : commit + (changed ? "-dirty" : ""),
    date: new Date(seconds * 1000).toISOString().slice(0, 10),
  };
}
