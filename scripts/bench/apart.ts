/** Work in a process of its own, so that its memory is not what another one left. */

/** With the limits of memory under which the program runs. @returns what it prints, as JSON */
export async function runApart(file: string, args: readonly string[]): Promise<unknown> {
  const flags = ["--v8-flags=--max-semi-space-size=2,--heap-growing-percent=30", "--quiet", "--allow-all"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, file, ...args],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${args.join(" ")} could not be measured`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Bytes that a process has in memory, or had at most. */
export async function residentMemory(pid: number, which: "now" | "most"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const field = which === "now" ? "VmRSS" : "VmHWM";
  return 1024 * Number(RegExp(`${field}:\\s*(\\d+) kB`).exec(status)![1]);
}
