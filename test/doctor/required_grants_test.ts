import assert from "node:assert/strict";
import { REQUIRED_GRANTS } from "../../src/doctor/required_grants.ts";

Deno.test("the doctor asks for every right that scripts/grants.sql gives, and for no other", () => {
  const sql = Deno.readTextFileSync(new URL("../../scripts/grants.sql", import.meta.url));
  const given = [...sql.matchAll(/^(?:-- )?GRANT (.+) TO (chsync_\w+(?:, chsync_\w+)*);/gm)].flatMap((
    match,
  ) => match[2]!.split(", ").map((user) => `${user === "chsync_reader" ? "remote" : "local"} ${match[1]}`));
  const asked = REQUIRED_GRANTS.map(({ site, right }) =>
    `${site} ${right.replace(/\{(database|staging)\}/, "otel").replace("{results}", "ops.ch_sync_results")}`
  );
  assert.deepEqual(asked.sort(), given.sort());
});
