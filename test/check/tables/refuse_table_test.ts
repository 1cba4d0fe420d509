import assert from "node:assert/strict";
import { refuseDefinition, refuseDefinitions } from "../../../src/check/tables/refuse_table.ts";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { column, table } from "../../support/data/tables.ts";

const SHARED = { engine: "SharedMergeTree" };
const UTC = { here: "UTC", there: "UTC" };

/** No drift, so nobody is asked for statements. */
const nobody = { here: { driftStatements: () => [] } } as unknown as Parameters<typeof refuseDefinition>[0];

Deno.test("refuseDefinition() takes a table of ClickHouse Cloud at the active site, and none at this one", async () => {
  const read = pairTables("d.t", table("d.t"), table("d.t", SHARED));
  assert.equal(await refuseDefinition(nobody, read, UTC), null);
  const written = pairTables("d.t", table("d.t", SHARED), table("d.t"));
  assert.equal((await refuseDefinition(nobody, written, UTC))?.cause, "cloud_engine");
});

Deno.test("refuseDefinitions() refuses a table of which it cannot be told as failed, and the others as they are", async () => {
  const asked = { ...nobody.here, partsLacking: () => Promise.reject(new Error("gone")) };
  const other = { columns: [column("ts", "DateTime('UTC')"), column("v", "String")] };
  const same = table("d.same");
  const refused = await refuseDefinitions({ here: asked }, [
    pairTables("d.same", same, same),
    pairTables("d.differs", table("d.differs", { columns: [column("ts", "Date")] }), table("d.differs")),
    pairTables(
      "d.mutating",
      table("d.mutating", { ...other, unfinishedMutations: 1 }),
      table("d.mutating", other),
    ),
  ], UTC);
  const causes = [...refused].map((
    [name, { cause, detail }],
  ) => [name, cause, cause === "failed" ? detail : ""]);
  assert.deepEqual(causes, [["d.differs", "failed", "gone"], ["d.mutating", "mutating", ""]]);
});
