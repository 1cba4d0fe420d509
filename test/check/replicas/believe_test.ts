/** A replica is believed once it holds all that its site held at the first look, whenever it pulled that from the log. */
import assert from "node:assert/strict";
import { doubt } from "../../../src/check/replicas/believe.ts";
import { heldAgainst, type Sight } from "../../../src/check/replicas/sight.ts";
import { fc } from "../../support/seed.ts";

/** Entries of the log that have been pulled, and of those the ones that are done. */
interface Progress {
  readonly written: number;
  readonly pulled: number;
  readonly done: ReadonlySet<number>;
}

function sight({ written, pulled, done }: Progress): Sight {
  const waiting = Array.from({ length: pulled }, (_, entry) => entry).filter((entry) => !done.has(entry));
  const entries = waiting.map((entry) => ({
    node: `queue-${entry}`,
    type: "GET_PART",
    part: `all_${entry}_${entry}_0`,
    since: 1,
    why: "",
  }));
  return {
    replica: { name: "r1", path: "/t", cutOff: false, partsToCheck: 0, pullError: "", pulledAt: 1 },
    entries,
    broken: [],
    mutations: [],
    log: {
      last: Math.max(0, written - 1),
      next: pulled,
      lostParts: 0,
      error: "",
      replicas: ["r1"],
      active: ["r1"],
    },
  };
}

/** A replica that pulls and does some of what is there, from look to look. */
const histories = fc.array(
  fc.record({ written: fc.nat(2), pulled: fc.nat(3), done: fc.array(fc.nat(9), { maxLength: 3 }) }),
  { minLength: 1, maxLength: 6 },
).map((steps) => {
  let now: Progress = { written: 1, pulled: 1, done: new Set([0]) };
  return steps.map((step): Progress => {
    const written = now.written + step.written;
    const pulled = Math.min(written, now.pulled + step.pulled);
    now = { written, pulled, done: new Set([...now.done, ...step.done.filter((entry) => entry < pulled)]) };
    return now;
  });
});

Deno.test("whatever a replica pulls between looks, it is believed only with all that was written before the first", () => {
  fc.assert(fc.property(histories, (looks) => {
    const [first] = looks as [Progress];
    let against = sight(first);
    for (const look of looks) {
      const now = sight(look);
      against = heldAgainst(against, now);
      const holdsAll = Array.from({ length: first.written }, (_, entry) => entry).every((entry) =>
        look.done.has(entry)
      );
      if (doubt(against, now, "active") === null) assert.ok(holdsAll);
    }
  }));
});

Deno.test("a replica that keeps up is believed, although there is always something new", () => {
  const busy = (at: number): Progress => ({
    written: at + 3,
    pulled: at + 2,
    done: new Set(Array.from({ length: at }, (_, entry) => entry)),
  });
  let against = sight(busy(1));
  const doubts = [1, 3, 6, 9].map((at) => {
    const now = sight(busy(at));
    against = heldAgainst(against, now);
    return doubt(against, now, "active") !== null;
  });
  assert.deepEqual(doubts, [true, true, false, false]);
});

/** A replica that has done all there was. */
const AT_REST = sight({ written: 3, pulled: 3, done: new Set([0, 1, 2]) });

/** It, with other facts. */
function seen(
  changes: Partial<NonNullable<Sight["replica"]>>,
  log: Partial<NonNullable<Sight["log"]>> = {},
): Sight {
  return { ...AT_REST, replica: { ...AT_REST.replica!, ...changes }, log: { ...AT_REST.log!, ...log } };
}

Deno.test("a replica that suspects parts to be damaged is not believed until it has checked them", () => {
  const suspects = seen({ partsToCheck: 2 });
  for (const side of ["active", "here"] as const) {
    const found = doubt(suspects, suspects, side);
    assert.equal(found?.cause, "parts_lost");
    assert.match(found.detail, /replica r1 .*\b2 parts\b/);
    assert.equal(doubt(suspects, AT_REST, side), null);
    // Those of a second look are others, which came in since the first.
    assert.equal(doubt(AT_REST, suspects, side), null);
  }
});

Deno.test("a log that looks empty is not believed of a replica that never pulled it, and says why it cannot", () => {
  const error = "Coordination::Exception: Session expired";
  const log = { last: 0, next: 0 };
  const stopped = seen({ pulledAt: 0, pullError: error }, log);
  const found = doubt(stopped, stopped, "active");
  assert.equal(found?.cause, "replica_behind");
  assert.match(found.detail, /the first entry.*it never did.*Session expired/);
  // An error of long ago, after which it pulled; and a table that nobody wrote to.
  for (const changes of [{ pulledAt: 1, pullError: error }, { pulledAt: 0 }]) {
    assert.equal(doubt(seen(changes, log), seen(changes, log), "active"), null);
  }
  const written = seen({ pulledAt: 0 }, { last: 1, next: 0 });
  assert.equal(doubt(stopped, written, "active")?.cause, "replica_behind");
});
