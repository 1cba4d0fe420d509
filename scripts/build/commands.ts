/** Subprocesses of the build. */

/** A build that cannot go on: the text says why, and what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

export const ROOT = new URL("../../", import.meta.url).pathname;

export interface Ran {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the project's folder; where the program does not exist, it has not succeeded. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const command = new Deno.Command(program, { args: [...args], cwd: ROOT, env: { NO_COLOR: "1", ...env } });
  try {
    const { success, stdout, stderr } = await command.output();
    const text = new TextDecoder();
    return { success, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, stdout: "", stderr: `${program} is not installed` };
  }
}

/**
 * Deno of this process.
 *
 * Company networks often sign with a certificate authority of their own, which only the system's store knows; Deno
 * before 2.9 does not look there by itself.
 */
export function deno(args: readonly string[]): Promise<Ran> {
  return run(Deno.execPath(), args, {
    DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "system,mozilla",
  });
}
