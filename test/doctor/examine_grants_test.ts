import assert from "node:assert/strict";
import { examineGrants } from "../../src/doctor/examine_grants.ts";
import { table } from "../support/data/tables.ts";
import { settingsOf } from "../support/sites/settings.ts";

async function askedOf(stagingDatabase: string | null): Promise<string[]> {
  const asked: string[] = [];
  const site = {
    hasGrant(right: string) {
      asked.push(right);
      return Promise.resolve(true);
    },
  };
  await examineGrants("local", site, settingsOf({ stagingDatabase }), [table("shop.a"), table("yard.b")]);
  return asked.filter((right) => right.includes("_chsync_"));
}

Deno.test("rights on staging tables are asked for where staging tables lie", async () => {
  const beside = await askedOf(null);
  assert.ok(
    beside.includes("DROP TABLE ON shop._chsync_*") && beside.includes("DROP TABLE ON yard._chsync_*"),
  );
  // The rights on a table's database are those on what lies beside it.
  assert.ok(!beside.includes("INSERT ON shop._chsync_*"));
  const apart = await askedOf("aside");
  assert.ok(apart.includes("INSERT ON aside._chsync_*") && apart.includes("SELECT ON aside._chsync_*"));
  assert.deepEqual(apart.filter((right) => !right.includes(" ON aside.")), []);
});
