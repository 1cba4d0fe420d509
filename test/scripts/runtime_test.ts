import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { RUNTIME_FLAGS } from "../../scripts/build/runtime.ts";

Deno.test("deno task start runs the source as a binary runs it", () => {
  assert.equal(project.tasks.start, ["deno run", ...RUNTIME_FLAGS, "src/main.ts"].join(" "));
});
