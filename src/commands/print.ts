/** What goes to stdout. */
import { escapeInJson } from "../text/escape_controls.ts";

/** JSON for a program, with control characters escaped. */
export function json(value: unknown): string {
  return escapeInJson(JSON.stringify(value, null, 2));
}

/** Writes all of it, and a newline. */
export function print(text: string): void {
  const bytes = new TextEncoder().encode(text + "\n");
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
