/** Prometheus' own judge of metrics, rules and expressions. */
import assert from "node:assert/strict";
import { needsPackage } from "./sites/debian_packages.ts";

/** Runs it; fails with its words unless it is content and says nothing on stderr. */
export async function promtool(args: readonly string[], input = ""): Promise<void> {
  await needsPackage("prometheus", "/usr/bin/promtool");
  const child = new Deno.Command("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success && stderr.length === 0, said);
}
