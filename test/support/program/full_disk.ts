/** Code in a process of its own that cannot write a byte into a file, as on a full disk. */

/** Runs a module, and returns the lines that it printed. */
export async function onFullDisk(module: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      `trap "" XFSZ; ulimit -f 0; exec "$0" run --quiet --no-lock --no-config --allow-read --allow-write "$1"`,
      Deno.execPath(),
      `data:application/typescript,${encodeURIComponent(module)}`,
    ],
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}
