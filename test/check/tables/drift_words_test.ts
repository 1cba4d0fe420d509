import type { Drift } from "../../../src/model/drift.ts";
import { describeDrift } from "../../../src/check/tables/schema_drift.ts";
import { column } from "../../support/data/tables.ts";
import { eachSays } from "../../support/says.ts";

Deno.test("describeDrift() says every difference in one sentence, with both definitions", () => {
  const here = column("a", "UInt8", { defaultKind: "DEFAULT", defaultExpression: "7" });
  const drifts: Drift[] = [
    { kind: "column_missing_here", column: column("new", "String") },
    { kind: "column_only_here", column: column("old", "String") },
    { kind: "column_differs", here, there: column("a", "UInt16") },
    { kind: "key_differs", key: "sorting key", here: "", there: "ts" },
    { kind: "zone_differs", here: "Europe/Berlin", there: "UTC" },
  ];
  eachSays(describeDrift(drifts).split("; "), [
    ["new", "missing here"],
    ["old", "only here"],
    ["a is UInt8 DEFAULT 7 here", "UInt16 at the active site"],
    ["sorting key", "none here", "ts at the active site"],
    ["Europe/Berlin here", "UTC at the active site", "partition key"],
  ]);
});
