import assert from "node:assert/strict";
import type { Drift } from "../../../src/model/drift.ts";
import { describeDrift } from "../../../src/check/tables/schema_drift.ts";
import { column } from "../../support/data/tables.ts";

Deno.test("describeDrift() says every difference in one sentence, with both definitions", () => {
  const here = column("a", "UInt8", { defaultKind: "DEFAULT", defaultExpression: "7" });
  const drifts: Drift[] = [
    { kind: "column_missing_here", column: column("new", "String") },
    { kind: "column_only_here", column: column("old", "String") },
    { kind: "column_differs", here, there: column("a", "UInt16") },
    { kind: "key_differs", key: "sorting key", here: "", there: "ts" },
    { kind: "zone_differs", here: "Europe/Berlin", there: "UTC" },
  ];
  assert.equal(
    describeDrift(drifts),
    "column new is missing here; column old exists only here; " +
      "column a is UInt8 DEFAULT 7 here and UInt16 at the active site; " +
      "the sorting key is none here and ts at the active site; " +
      "the servers' time zones differ (Europe/Berlin here, UTC at the active site) and the partition key depends on them",
  );
});
