/** One binary, by `deno compile`. */
import { BuildError, deno, run } from "./commands.ts";
import { RUNTIME_FLAGS, type Target, THIS_TARGET } from "./runtime.ts";

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
 * The same program gives the same bytes each time: the binary holds the name that it was compiled to, so that is
 * always `ch-sync`, and the time of the program's file, so that is always the same.
 *
 * @param program the text of the bundled program
 * @throws BuildError
 */
export async function compileBinary(program: string, output: string, target: Target): Promise<void> {
  const folder = await Deno.makeTempDir();
  const unproven = `${output}.new`;
  try {
    // Its name becomes the name that errors of the runtime use.
    const path = `${folder}/ch-sync.js`;
    await Deno.writeTextFile(path, program);
    await Deno.utime(path, 0, 0);
    const binary = `${folder}/ch-sync`;
    const { success, stderr } = await deno(compileArguments(path, binary, target));
    if (!success) throw new BuildError(explain(stderr, target));
    await Deno.copyFile(binary, unproven);
    await Deno.chmod(unproven, 0o755);
    if (target === THIS_TARGET) await tryOut(unproven);
    await Deno.rename(unproven, output);
  } finally {
    await Deno.remove(folder, { recursive: true });
    // There is none after success.
    await Deno.remove(unproven).catch(() => {});
  }
}

/**
 * Deno compiles with any program that `DENORT_BIN` names; one of another version fails only when it is run.
 *
 * @throws BuildError if the binary does not start
 */
async function tryOut(binary: string): Promise<void> {
  // What is no program at all cannot even be started, which throws.
  const { stdout, stderr } = await run(await Deno.realPath(binary), ["--version"])
    .catch((error: Error) => ({ stdout: "", stderr: `error: ${error.message}` }));
  if (!stdout.startsWith("ch-sync ")) {
    throw new BuildError(explain(stderr || "It runs something else", THIS_TARGET));
  }
}

/** What deno compile's failure means, and how to go on. */
export function explain(stderr: string, target: string): string {
  const [told = ""] = stderr.split(/^Stack backtrace:/m);
  const causes = told.split("\n").filter((line) => /^error:|^ *\d+: /.test(line)).slice(0, 5);
  const said = causes.join("\n").trim() || told.trim();
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
      (target === THIS_TARGET
        ? `  - --self-extracting: makes one file from the Deno that is running now.`
        : `  - on a machine that is ${target}, --self-extracting: makes one file from the Deno that is running.`);
  }
  return `deno compile failed:\n${said}`;
}
