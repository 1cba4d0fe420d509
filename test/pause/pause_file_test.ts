import assert from "node:assert/strict";
import { pauseRequested } from "../../src/pause/repairs_wait.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("pauseRequested() sees the file pause come and go", async () => {
  await using directory = await temporaryDirectory();
  assert.equal(await pauseRequested(directory.path), false);
  await Deno.writeTextFile(`${directory.path}/pause`, "");
  assert.equal(await pauseRequested(directory.path), true);
  await Deno.remove(`${directory.path}/pause`);
  assert.equal(await pauseRequested(directory.path), false);
});

Deno.test("pauseRequested() takes a link to nothing for a request too", async () => {
  await using directory = await temporaryDirectory();
  await Deno.symlink("nowhere", `${directory.path}/pause`);
  assert.equal(await pauseRequested(directory.path), true);
});

Deno.test("pauseRequested() knows no request in a directory that is not there", async () => {
  await using directory = await temporaryDirectory();
  assert.equal(await pauseRequested(`${directory.path}/none`), false);
});

Deno.test("pauseRequested() holds repairs back where it cannot look", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "");
  assert.equal(await pauseRequested(`${directory.path}/file`), true);
});
