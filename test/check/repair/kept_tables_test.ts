import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { decodeKept, keptName } from "../../../src/clickhouse/repair/kept_statements.ts";
import { decodeClaim, stagingName } from "../../../src/clickhouse/repair/leftover_statements.ts";
import { isOutdated, KEPT_DAYS } from "../../../src/check/repair/kept_tables.ts";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { table } from "../../support/data/tables.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;
const comment = (at: number) => JSON.stringify({ kept_at: new Date(at * 1000).toISOString() });
const row = (made: number, text: string) => ({
  database: "d",
  name: "t",
  comment: text,
  now: String(NOW),
  made: String(made),
});
const outdated = (made: number, text: string) => isOutdated(decodeKept(row(made, text)));

Deno.test("what was replaced goes once both its table's and its comment's time are over", () => {
  const [old, young] = [NOW - KEPT_DAYS * DAY - 1, NOW - KEPT_DAYS * DAY + 1];
  assert.equal(outdated(old, comment(old)), true);
  assert.equal(outdated(young, comment(old)), false);
  assert.equal(outdated(old, comment(young)), false);
  assert.equal(outdated(0, comment(young)), false, "a server that does not know when the table was made");
});

Deno.test("what does not say how old it is stays", () => {
  for (const text of ["", "mine", "{}", "null", '{"kept_at":"yesterday"}', '{"kept_at":1}x']) {
    assert.equal(outdated(0, text), false, text);
  }
});

Deno.test("names of kept tables: no older ch-sync takes one for staging, and a file system takes them", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (name, id) => {
    const here = { ...table("d.t"), id: { database: "d", name } };
    const kept = keptName(
      "dr",
      { pair: pairTables(name, here, here), partitionId: id },
      new Date(NOW * 1000),
      "12",
    );
    assert.match(kept, /^_chsync_kept_dr_\w{0,40}_\w{0,40}_20270115T080000Z_12$/);
    for (const role of ["primary", "dr"]) {
      assert.ok(!kept.startsWith(stagingName(role, "", "").slice(0, -1)));
    }
  }));
  assert.equal(decodeClaim(comment(NOW)), null, "it claims no partition");
});
