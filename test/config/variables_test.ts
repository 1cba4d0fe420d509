import assert from "node:assert/strict";
import { VARIABLES } from "../../src/config/variables.ts";

Deno.test("VARIABLES holds each name once, with meaning and accepted values", () => {
  assert.equal(new Set(VARIABLES.map(({ name }) => name)).size, VARIABLES.length);
  for (const { name, meaning, accepts } of VARIABLES) {
    assert.match(name, /^[A-Z][A-Z_]+$/);
    assert.ok(meaning !== "" && accepts !== "" && !/[|\n]/.test(meaning) && !accepts.endsWith("."), name);
  }
});

Deno.test("VARIABLES marks everything that may hold a secret", () => {
  assert.deepEqual(VARIABLES.filter(({ secret }) => secret).map(({ name }) => name), [
    "LOCAL_CH_PASSWORD",
    "REMOTE_CH_PASSWORD",
    "DRILL_PASSWORD",
    "NOTIFY_WEBHOOK",
    "HEARTBEAT_URL",
  ]);
});
