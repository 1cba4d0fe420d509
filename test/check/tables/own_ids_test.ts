/** Which identifiers of a definition are each site's own. */
import assert from "node:assert/strict";
import { withoutOwnIds } from "../../../src/check/tables/own_ids.ts";

const [A, B] = ["0c1f2d3e-1111-4222-8333-44445555aaaa", "9a8b7c6d-1111-4222-8333-44445555bbbb"];

/** Whether the statement is the same with one identifier and with the other. */
const same = (statement: (id: string) => string) =>
  withoutOwnIds(statement(A)) === withoutOwnIds(statement(B));

Deno.test("withoutOwnIds() takes away what names a view, and its inner tables", () => {
  assert.ok(same((id) => `CREATE MATERIALIZED VIEW d.v UUID '${id}' TO d.t (n UInt8) AS SELECT n FROM d.s`));
  assert.ok(
    same((id) =>
      `CREATE MATERIALIZED VIEW d.v TO INNER UUID '${id}' (n UInt8) ENGINE = Memory AS SELECT 1 AS n`
    ),
  );
  assert.ok(same((id) => `SELECT n FROM d.\`.inner_id.${id}\``));
  assert.ok(same((id) => `SELECT n FROM d.\`.inner_id.data.${id}\``));
  assert.ok(same((id) => `SELECT n FROM d.\`.inner.${id}\``));
});

Deno.test("withoutOwnIds() leaves the values that rows are compared with", () => {
  assert.ok(!same((id) => `SELECT n FROM d.s WHERE tenant = '${id}'`));
  assert.ok(!same((id) => `SELECT n FROM d.s WHERE tenant = toUUID('${id}')`));
  assert.ok(!same((id) => `SELECT CAST('${id}', 'UUID') AS tenant FROM d.s WHERE tenant IN ('${id}')`));
});
