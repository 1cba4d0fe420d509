/** Which tables are repaired beside each other. */
import assert from "node:assert/strict";
import { runsOf } from "../../../src/check/repair/repair_order.ts";
import { type TablePlan, tablePlan } from "../../../src/model/plan.ts";
import type { Repair } from "../../../src/model/repair.ts";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { table } from "../../support/data/tables.ts";

function plan(name: string, method?: Repair["method"]): TablePlan {
  const here = { ...table(name), feeds: method === "insert" ? [{ database: "d", name: "view" }] : [] };
  const repair = { pair: pairTables(name, here, table(name)), method } as unknown as Repair;
  const planned = { partitionId: "all", finding: null, ifAccepted: null, remember: null };
  const plans = method ? [{ ...planned, repair: { repair, lookAgain: null } }] : [];
  return tablePlan(name, { plans });
}

const names = (runs: readonly (readonly TablePlan[])[]) =>
  runs.map((run) => run.map(({ report }) => report.table).join(" "));

Deno.test("runsOf() lets tables run beside each other, unless they feed views or have rows replaced", () => {
  assert.deepEqual(names(runsOf([], new Map())), []);
  const plans = [
    plan("d.a", "attach"),
    plan("d.b", "attach"),
    plan("d.fed", "insert"),
    plan("d.c", "attach"),
    plan("d.whole"),
    plan("d.sums", "replace"),
    plan("d.other", "replace"),
    plan("d.d", "attach"),
  ];
  assert.deepEqual(names(runsOf(plans, new Map())), [
    "d.a d.b",
    "d.fed",
    "d.c d.whole",
    "d.sums",
    "d.other",
    "d.d",
  ]);
});

Deno.test("runsOf() keeps what a view reads before the table that waits for it, also where nothing is repaired", () => {
  const plans = [plan("d.a", "attach"), plan("d.read"), plan("d.reads", "attach"), plan("d.b", "attach")];
  const partners = new Map([["d.reads", new Set(["d.read"])]]);
  assert.deepEqual(names(runsOf(plans, partners)), ["d.a", "d.read", "d.reads", "d.b"]);
});
