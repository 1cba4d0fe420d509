import assert from "node:assert/strict";
import { VARIABLES } from "../../src/config/variables.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

Deno.test("README.md has a row with name and default for every variable", () => {
  const rows = new Map(
    [...README.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| .+ \|$/gm)].map(([, name, value]) => [name, value]),
  );
  for (const { name, default: value, required } of VARIABLES) {
    const shown = rows.get(name)?.replaceAll("`", "");
    assert.equal(shown, required ? "required" : (value ?? "none").replaceAll("`", ""), name);
  }
});
