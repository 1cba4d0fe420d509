import assert from "node:assert/strict";
import { refuseDefinition } from "../../../src/check/tables/refuse_table.ts";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { table } from "../../support/data/tables.ts";

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
