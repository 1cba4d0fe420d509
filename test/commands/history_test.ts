import assert from "node:assert/strict";
import { history } from "../../src/commands/history.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("--history says that the memory cannot be used, and not that no check is kept", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/ch-sync-memory.sqlite`, "no memory\n".repeat(1000), {
    mode: 0o600,
  });
  const stateFile = `${directory.path}/ch-sync-state.json`;
  for (const run of [null, 3]) {
    await assert.rejects(
      history({ stateFile }, { run, count: 20 }, true, (text) => text),
      /ch-sync-memory\.sqlite, is not valid/,
    );
  }
});
