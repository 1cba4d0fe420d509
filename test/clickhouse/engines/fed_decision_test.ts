/** Whether views are fed, whatever their targets say: generated verdicts of generated targets. */
import assert from "node:assert/strict";
import {
  type AskedTarget,
  contradicts,
  decideFeeding,
} from "../../../src/clickhouse/engines/fed_decision.ts";
import type { FedVerdicts } from "../../../src/clickhouse/engines/fed_verdicts.ts";
import { takesAgain } from "../../../src/clickhouse/engines/takes_again.ts";
import type { FedTarget } from "../../../src/model/derived_view.ts";
import type { MergeRule } from "../../../src/model/merge_rule.ts";
import type { Column, Table, TablePair } from "../../../src/model/table.ts";
import { fc } from "../../support/seed.ts";

const NOTHING: FedVerdicts = {
  lacks: 0n,
  holds: 0n,
  bare: 0n,
  below: 0n,
  nearerWith: 0n,
  nearerWithout: 0n,
  hidden: 0n,
};

interface Shape {
  readonly by: FedTarget["by"];
  readonly rule: MergeRule;
  /** Of its one column outside the key. */
  readonly type: string;
}

const SHAPES = {
  rows: { by: "rows", rule: { kind: "keep" }, type: "UInt64" },
  sums: { by: "engine", rule: { kind: "sum", columns: null }, type: "UInt64" },
  states: {
    by: "engine",
    rule: { kind: "aggregate", again: false },
    type: "SimpleAggregateFunction(sum, UInt64)",
  },
  list: { by: "again", rule: { kind: "replace", version: null }, type: "String" },
  set: {
    by: "engine",
    rule: { kind: "aggregate", again: true },
    type: "SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
  },
  last: {
    by: "engine",
    rule: { kind: "aggregate", again: true },
    type: "AggregateFunction(argMax, String, UInt64)",
  },
} as const satisfies Record<string, Shape>;

function column(name: string, type: string, inSortingKey: boolean): Column {
  const one: Partial<Column> = {
    name,
    type,
    inSortingKey,
    inPartitionKey: false,
    defaultKind: "",
    comparedAs: "value",
  };
  return one as Column;
}

function targetOf(shape: Shape, against: FedTarget["against"], steady = true, redrawn = false): FedTarget {
  const here: Partial<Table> = {
    id: { database: "d", name: "target" },
    sortingKey: "k",
    mergeRule: shape.rule,
    columns: [column("k", "String", true), column("v", shape.type, false)],
    feeds: [],
  };
  const pair: Partial<TablePair> = { name: "d.target", here: here as Table };
  const { by } = shape;
  const target: Partial<FedTarget> = { by, against, steady, redrawn, pair: pair as TablePair, next: [] };
  return target as FedTarget;
}

const counts = fc.bigInt({ min: 0n, max: 3n });
const verdicts: fc.Arbitrary<FedVerdicts> = fc.record({
  lacks: counts,
  holds: counts,
  bare: counts,
  below: counts,
  nearerWith: counts,
  nearerWithout: counts,
  hidden: counts,
});
const target = fc.tuple(
  fc.constantFrom<Shape>(...Object.values(SHAPES)),
  fc.constantFrom("both", "here", "either"),
  fc.boolean(),
  fc.boolean(),
).map((one) => targetOf(...one));
const asked: fc.Arbitrary<AskedTarget> = fc.record({
  target,
  verdicts: fc.option(verdicts),
  own: fc.option(verdicts),
});
const all = fc.array(asked, { minLength: 1, maxLength: 4 });
const again = asked.filter((one) => takesAgain(one.target));

Deno.test("takesAgain() knows lists, sets and last rows, not rows, sums, and what is drawn anew", () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    assert.equal(takesAgain(targetOf(shape, "both")), ["list", "set", "last"].includes(name), name);
    assert.equal(takesAgain(targetOf(shape, "both", false, true)), false, name);
  }
});

Deno.test("decideFeeding() is the same in any order", () => {
  fc.assert(fc.property(all, (some) => {
    assert.equal(decideFeeding(some.toReversed()).way, decideFeeding(some).way);
  }));
});

Deno.test("decideFeeding() feeds targets that take rows again, whatever they hold", () => {
  fc.assert(fc.property(fc.array(again, { maxLength: 4 }), (some) => {
    assert.equal(decideFeeding(some).way, "feed");
  }));
});

Deno.test("decideFeeding() is not kept from feeding by a target that takes rows again, nor led past the views by it", () => {
  fc.assert(fc.property(all, again, (some, one) => {
    const [before, after] = [decideFeeding(some).way, decideFeeding([...some, one]).way];
    if (before === "feed") assert.equal(after, "feed");
    if (before !== "past") assert.notEqual(after, "past");
  }));
});

Deno.test("decideFeeding() goes past the views only where some target holds some of it already", () => {
  fc.assert(fc.property(all, (some) => {
    if (decideFeeding(some).way !== "past") return;
    assert.ok(
      some.some(({ target, verdicts, own }) =>
        !takesAgain(target) &&
        ((verdicts?.holds ?? 0n) > 0n || (verdicts !== null && contradicts(verdicts)) ||
          (own !== null && own.lacks > 0n))
      ),
    );
  }));
});

Deno.test("decideFeeding() never goes past a target that lacks rows and is not repaired by itself", () => {
  const lacking = fc.constantFrom<Shape>(SHAPES.list, SHAPES.set, SHAPES.last).map((shape): AskedTarget => ({
    target: targetOf(shape, "here"),
    verdicts: { ...NOTHING, lacks: 1n },
    own: null,
  }));
  fc.assert(fc.property(all, lacking, (some, one) => {
    assert.notEqual(decideFeeding([...some, one]).way, "past");
  }));
});

/**
 * A target of sums, which are asked of two sites: `others` came to both, `lost` to the active one alone, `made` is what is asked
 * for, and was fed here before or not.
 */
interface Sums {
  readonly others: number;
  readonly lost: number;
  readonly made: number;
}

function verdictsOf({ others, lost, made }: Sums, fed: boolean): FedVerdicts {
  const [to, wanted] = [others + (fed ? made : 0), others + lost + made];
  const one = to + made === wanted
    ? "lacks"
    : to === wanted
    ? "holds"
    : to + made <= wanted
    ? (to === 0 ? "bare" : "below")
    : wanted - to > to + made - wanted
    ? "nearerWith"
    : "nearerWithout";
  return { ...NOTHING, [one]: 1n };
}

/** This site's source has lost nothing else: what it makes is what the target holds, with the rows or without them. */
function ownOf(fed: boolean): FedVerdicts {
  return { ...NOTHING, [fed ? "lacks" : "holds"]: 1n };
}

Deno.test("decideFeeding() feeds sums just if they were not fed, where no others are lost", () => {
  const sums = fc.record({ others: fc.nat(20), lost: fc.constant(0), made: fc.integer({ min: 1, max: 20 }) });
  fc.assert(fc.property(fc.array(sums, { minLength: 1, maxLength: 3 }), fc.boolean(), (some, fed) => {
    const asked = some.map((one): AskedTarget => ({
      target: targetOf(SHAPES.sums, "both"),
      verdicts: verdictsOf(one, fed),
      own: ownOf(fed),
    }));
    assert.equal(decideFeeding(asked).way, fed ? "past" : "feed");
  }));
});

Deno.test("decideFeeding() feeds sums just if they were not fed, whatever else is lost", () => {
  const sums = fc.record({ others: fc.nat(20), lost: fc.nat(20), made: fc.integer({ min: 1, max: 20 }) });
  fc.assert(fc.property(fc.array(sums, { minLength: 1, maxLength: 3 }), fc.boolean(), (some, fed) => {
    const asked = some.map((one): AskedTarget => ({
      target: targetOf(SHAPES.sums, "both"),
      verdicts: verdictsOf(one, fed),
      own: ownOf(fed),
    }));
    // That as much is lost elsewhere as is made looks the same, and comes to the same.
    const alike = some.some(({ lost, made }) => lost === made);
    if (!fed || !alike) assert.equal(decideFeeding(asked).way, fed ? "past" : "feed");
  }));
});

Deno.test("decideFeeding() does not feed sums that lack others as well, where this site's source does not explain them", () => {
  const sums = fc.record({
    others: fc.integer({ min: 1, max: 20 }),
    lost: fc.integer({ min: 1, max: 20 }),
    made: fc.integer({ min: 1, max: 20 }),
  });
  const open = fc.constantFrom("bare", "below", "nearerWith", "nearerWithout");
  const owns = fc.option(open.map((one): FedVerdicts => ({ ...NOTHING, [one]: 1n })));
  fc.assert(fc.property(sums, fc.boolean(), owns, fc.array(again), (one, fed, own, lists) => {
    const verdicts = verdictsOf(one, fed);
    fc.pre(verdicts.lacks === 0n);
    const asked: AskedTarget = { target: targetOf(SHAPES.sums, "both"), verdicts, own };
    assert.notEqual(decideFeeding([asked, ...lists]).way, "feed");
  }));
});

Deno.test("decideFeeding() feeds nothing twice where what this site's source makes tells it", () => {
  fc.assert(
    fc.property(fc.constantFrom("here", "either"), fc.boolean(), fc.array(again), (against, fed, lists) => {
      const target = targetOf(SHAPES.sums, against);
      const { way } = decideFeeding([{ target, verdicts: null, own: ownOf(fed) }, ...lists]);
      assert.notEqual(way, fed ? "feed" : "past");
    }),
  );
});

Deno.test("decideFeeding() names what nothing tells of, before the operator makes all others lack the rows", () => {
  const sums = targetOf(SHAPES.sums, "both");
  const one = (counts: Partial<FedVerdicts>): AskedTarget => ({
    target: sums,
    verdicts: { ...NOTHING, ...counts },
    own: null,
  });
  fc.assert(fc.property(fc.constantFrom("both", "here", "either"), (against) => {
    const target = targetOf(SHAPES.sums, against);
    const untold: AskedTarget = {
      target: { ...target, pair: { ...target.pair, name: "d.untold" } },
      verdicts: against === "both" ? { ...NOTHING, below: 1n } : null,
      own: { ...NOTHING, below: 1n },
    };
    const decision = decideFeeding([one({ holds: 1n }), one({ lacks: 1n }), untold]);
    assert.ok(decision.way === "neither" && decision.why.includes("d.untold"));
  }));
});
