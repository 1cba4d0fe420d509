/** One binary, by `deno compile`. */
import { BuildError, deno } from "./commands.ts";
import { RUNTIME_FLAGS, type Target } from "./runtime.ts";

/**
 * Arguments of Deno for compiling a bundled program.
 *
 * Without configuration and lock file: the program is complete, and `deno compile` would embed every package of the
 * lock file, the test engine's 540 MB among them. Without code cache: it would write beside the binary or into the
 * temporary directory at each start, to save nothing on a program that runs for months.
 */
export function compileArguments(program: string, output: string, target: Target): readonly string[] {
  return [
    "compile",
    ...RUNTIME_FLAGS,
    "--no-config",
    "--no-lock",
    "--no-check",
    "--no-code-cache",
    `--target=${target}`,
    `--output=${output}`,
    program,
  ];
}

/**
 * Compiles a bundled program. `DENORT_BIN` names the runtime base, where Deno shall not download it.
 *
 * @param program the text of the bundled program
 * @throws BuildError
 */
export async function compileBinary(program: string, output: string, target: Target): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    // Its name becomes the name that errors of the runtime use.
    const path = `${folder}/ch-sync.js`;
    await Deno.writeTextFile(path, program);
    // deno compile embeds the time of the file: any fixed one makes the same binary every time.
    await Deno.utime(path, 0, 0);
    const { success, stderr } = await deno(compileArguments(path, output, target));
    if (!success) throw new BuildError(explain(stderr, target));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What deno compile's failure means, and how to go on. */
export function explain(stderr: string, target: Target): string {
  const causes = stderr.split("\n").filter((line) => /^error:|^ *\d+: (?!<unknown>)/.test(line)).slice(0, 5);
  const said = causes.join("\n").trim() || stderr.trim();
  const given = Deno.env.get("DENORT_BIN");
  if (given) {
    return `DENORT_BIN=${given} did not work as the runtime base of Deno ${Deno.version.deno} for ${target}. It must ` +
      `be denort of that version and target:\n${said}`;
  }
  if (/denort|dl\.deno\.land/.test(stderr)) {
    const base = `denort-${target}.zip`;
    return `Deno's runtime base for ${target} could not be downloaded:\n${said}\n\nTwo ways to go on:\n` +
      `  - fetch ${base} of Deno ${Deno.version.deno} where the network allows it, unpack it here, and set DENORT_BIN ` +
      `to the path of the file denort;\n` +
      `  - deno task compile --self-extracting: makes one file from the Deno that is running now.`;
  }
  return `deno compile failed:\n${said}`;
}
