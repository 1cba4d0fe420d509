import assert from "node:assert/strict";
import { makeTranscripts } from "../../scripts/transcripts.ts";

Deno.test("docs/transcripts.md shows what the program prints now (deno task transcripts writes it)", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/transcripts.md", import.meta.url));
  assert.equal(await makeTranscripts(), page);
});
