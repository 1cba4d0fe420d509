import assert from "node:assert/strict";
import { readEnvironment } from "../../src/config/env_file.ts";
import { describeMistake } from "../../src/config/mistake.ts";

/** What is read of a file with this text. */
function read(text: string, process: Record<string, string> = {}) {
  const { environment, mistakes } = readEnvironment(process, "/etc/ch-sync.env", () => text);
  return { environment, mistakes: mistakes.map(describeMistake) };
}

function missing(path: string): never {
  throw new Deno.errors.NotFound(path);
}

Deno.test("readEnvironment() lets the process win over the file", () => {
  const { environment } = read("ROLE=dr\nLOG_LEVEL=debug\nNOTIFY_WEBHOOK=https://x\n", {
    ROLE: "primary",
    NOTIFY_WEBHOOK: "",
  });
  assert.deepEqual(environment, { ROLE: "primary", LOG_LEVEL: "debug", NOTIFY_WEBHOOK: "" });
});

Deno.test("readEnvironment() does without .env, but not without the file that was asked for", () => {
  assert.deepEqual(readEnvironment({ A: "1" }, null, missing), {
    environment: { A: "1" },
    file: {},
    mistakes: [],
  });
  assert.deepEqual(readEnvironment({}, "/nowhere", missing).mistakes.map(describeMistake), [
    "--env-file /nowhere cannot be read: check the path and its mode",
  ]);
});

Deno.test("readEnvironment() reports a .env that is there and cannot be read", () => {
  const denied = () => {
    throw new Deno.errors.PermissionDenied("no");
  };
  assert.equal(readEnvironment({}, null, denied).mistakes.length, 1);
});

Deno.test("readEnvironment() names the file and the line of a problem", () => {
  assert.deepEqual(read("ROLE=dr\nhunter2\n").mistakes, [
    "/etc/ch-sync.env line 2 must be NAME=value, a comment or blank",
  ]);
});

Deno.test("readEnvironment() passes over a byte order mark", () => {
  assert.deepEqual(read("\uFEFFROLE=dr"), { environment: { ROLE: "dr" }, mistakes: [] });
});
