import assert from "node:assert/strict";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const SOURCE = new URL("../../src/log/status_line.ts", import.meta.url).href;
const ASK = `import { isKeptOrWatched } from "${SOURCE}"; console.log(isKeptOrWatched())`;

Deno.test("a file is where nobody else says when a line was logged; a pipe has a reader who may", async () => {
  await using directory = await temporaryDirectory();
  const ask = async (redirected: string) => {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", `"$0" eval "$1" ${redirected}`, Deno.execPath(), ASK],
      cwd: directory.path,
      stdout: "piped",
      stderr: "piped",
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  assert.equal(await ask("2>log"), "true");
  assert.equal(await ask(""), "false");
  assert.equal(await ask("2>&-"), "false");
});
