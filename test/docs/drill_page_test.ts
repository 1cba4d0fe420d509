import assert from "node:assert/strict";

const read = (path: string) => Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));

Deno.test("docs/drill.md explains each step that a drill prints, in its order", () => {
  // The transcripts are held against what the program prints.
  const [, drill = ""] = read("docs/transcripts.md").split("$ ch-sync --drill");
  const printed = [...drill.matchAll(/^ {4}ok +[\d.]+ s {2}([^:\n]+):/gm)].map((match) => match[1]);
  const [, steps = ""] = read("docs/drill.md").split("## Its steps");
  const explained = [...steps.matchAll(/^\| ([^|]+) \|/gm)].map((match) => match[1]!.trim()).slice(1);
  assert.equal(printed.length, 10);
  assert.deepEqual(explained, printed);
});
