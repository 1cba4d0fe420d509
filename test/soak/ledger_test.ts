/** The ledger of the soak notices what it is there for. */
import assert from "node:assert/strict";
import { Ledger } from "./ledger.ts";
import { type Held, TABLES } from "./tables.ts";

const [plain, viewed, copied, latest] = TABLES.clusters;

/** Three rows of the time 1000, which the DR site has surely taken and the primary one perhaps. */
function written(): Ledger {
  const ledger = new Ledger(TABLES.clusters);
  ledger.open({ number: 1, rows: 3, at: 1000 });
  for (const table of [plain!, viewed!, latest!]) {
    for (const site of ["primary", "dr"] as const) ledger.sent(1, table, site);
    ledger.taken(1, table, "dr");
  }
  return ledger;
}

const holds = (...times: number[]): Held => new Map([[1, times]]);
const found = (wrong: readonly string[]) => wrong.map((text) => text.split(/[: ]/)[0]);

Deno.test("a row that is lost, doubled or of nobody", () => {
  const ledger = written();
  for (const table of [plain!, viewed!, copied!, latest!]) {
    assert.deepEqual(ledger.compare(holds(1, 1, 1), table), []);
    assert.deepEqual(found(ledger.compare(holds(1, 0, 1), table)), ["lost"]);
    assert.deepEqual(found(ledger.compare(new Map(), table)), ["lost"]);
    assert.deepEqual(found(ledger.compare(holds(1, 1, 2), table)), ["doubled"]);
    assert.deepEqual(found(ledger.compare(holds(1, 1, 1, 1), table)), ["more"]);
    assert.deepEqual(found(ledger.compare(new Map([...holds(1, 1, 1), [2, [1]]]), table)), ["unknown"]);
  }
});

Deno.test("rows that a site took twice are there twice, unless their table merges them", () => {
  const ledger = written();
  for (const table of [viewed!, latest!]) {
    ledger.sent(1, table, "dr");
    ledger.taken(1, table, "dr");
  }
  assert.deepEqual(found(ledger.compare(holds(1, 1, 1), viewed!)), ["lost"]);
  assert.deepEqual(found(ledger.compare(holds(1, 1, 1), copied!)), ["lost"]);
  assert.deepEqual(ledger.compare(holds(2, 2, 2), copied!), []);
  assert.deepEqual(ledger.compare(holds(1, 1, 1), latest!), []);
});

Deno.test("READY is wrong where what the active site took by then, or holds of long ago, is missing", () => {
  const ledger = written();
  const verdict = { through: 2000, began: Date.now() + 1000, late: 500, since: 0 };
  const whole = holds(1, 1, 1);
  const refuted = (active: "primary" | "dr", here: Held, there: Held, more = {}) =>
    ledger.refute(plain!, active, [here, there], { ...verdict, ...more }).length;
  assert.equal(refuted("dr", whole, whole), 0);
  assert.equal(refuted("dr", holds(1, 1), new Map()), 1, "it had said that it took them");
  assert.equal(refuted("dr", holds(1, 1), whole, { through: 1000 }), 0, "the verdict does not speak of them");
  assert.equal(refuted("primary", holds(1, 1), new Map()), 0, "nobody knows whether it took them");
  assert.equal(refuted("primary", holds(1, 1), whole), 1, "it holds them");
  assert.equal(refuted("primary", holds(1, 1), whole, { late: 1000 }), 0, "they may have come just now");
  assert.equal(
    refuted("dr", holds(1, 1), whole, { began: 0, late: 1000 }),
    0,
    "it took them after the check",
  );
});
