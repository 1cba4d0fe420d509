import assert from "node:assert/strict";
import fc from "fast-check";
import { readLines } from "../../src/state/lines.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

Deno.test("readLines() gives every line with its place, however long it is, and none that was cut off", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lines`;
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "")),
    fc.integer({ min: 0, max: 200_000 }).map((length) => "ä".repeat(length)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), line, async (lines, rest) => {
      await Deno.writeTextFile(path, lines.map((text) => `${text}\n`).join("") + rest);
      const bytes = await Deno.readFile(path);
      const found = await Array.fromAsync(readLines(path));
      assert.deepEqual(found.map(({ text }) => text), lines);
      for (const { text, offset, length } of found) {
        assert.equal(new TextDecoder().decode(bytes.subarray(offset, offset + length)), text);
      }
    }),
    { numRuns: 60 },
  );
});
