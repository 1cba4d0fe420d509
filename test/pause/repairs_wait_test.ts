import assert from "node:assert/strict";
import { repairsWait } from "../../src/pause/repairs_wait.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("repairs wait while the file pause exists and in a blackout, by the clock of this machine", async () => {
  await using directory = await temporaryDirectory();
  const at = (time: string) =>
    repairsWait(directory.path, [{ from: 22 * 60, to: 6 * 60 + 5 }], new Date(`2026-01-01T${time}`));
  assert.equal(await at("21:59:59"), null);
  assert.equal(await at("22:00:00"), "repairs wait until 06:05 (BLACKOUT)");
  assert.equal(await at("06:04:59"), "repairs wait until 06:05 (BLACKOUT)");
  assert.equal(await at("06:05:00"), null);
  await Deno.writeTextFile(`${directory.path}/pause`, "");
  assert.match((await at("12:00:00"))!, /^repairs are paused: remove the file pause/);
});
