/** A process that listens for verbs once: the umask is the whole process's, and other tests share this one. */
import { listenForVerbs } from "../../../src/control/listen.ts";

/** @returns the mode of the socket that is made there, or why none is */
export async function listeningUnder(umask: string, directory: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `umask ${umask} && exec "$0" "$@"`, Deno.execPath(), ...ARGUMENTS, directory],
    stdin: "null",
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout);
}

const ARGUMENTS = ["run", "--quiet", "--no-check", "--unstable-net", "--allow-all", import.meta.filename!];

if (import.meta.main) {
  const [directory] = Deno.args as [string];
  try {
    await using _listening = await listenForVerbs(directory, () => Promise.reject(new Error("nobody asks")));
    const { mode } = await Deno.lstat(`${directory}/ch-sync.sock`);
    await Deno.stdout.write(new TextEncoder().encode((mode! & 0o777).toString(8)));
  } catch (error) {
    await Deno.stdout.write(new TextEncoder().encode(String(error)));
  }
}
