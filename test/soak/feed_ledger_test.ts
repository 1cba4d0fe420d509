/** The ledger of real collectors tells what they did from what ch-sync did. */
import assert from "node:assert/strict";
import { FeedLedger, type Sighting } from "./feed_ledger.ts";

const SETTLE = 1000;

const sighting = (...deliveries: readonly string[]): Sighting => {
  const held = new Map<string, number>();
  for (const one of deliveries) held.set(one, (held.get(one) ?? 0) + 1);
  return deliveries.length === 0 ? new Map() : new Map([["e", held]]);
};

/** One event of the time 5000, which was seen at these sites at these times. */
function ledger(seen: Readonly<Record<string, number>> = {}): FeedLedger {
  const one = new FeedLedger(SETTLE);
  const events = [{ id: "e", kind: "log", at: 5000 } as const];
  one.note(events);
  one.taken(events);
  for (const [delivery, when] of Object.entries(seen)) {
    one.saw(delivery.startsWith("dr") ? "dr" : "primary", sighting(delivery), when);
  }
  return one;
}

const found = (wrong: readonly string[]) => wrong.map((text) => text.split(/[: ]/)[0]);

Deno.test("an event that each collector wrote once, or one wrote again, is there as often at both sites", () => {
  const both = { "primary 1": 5100, "dr 1": 5100 };
  assert.deepEqual(ledger(both).compare({ primary: sighting("primary 1"), dr: sighting("dr 1") }), []);
  const again = { ...both, "primary 2": 5200 };
  const dr = sighting("dr 1", "primary 2");
  assert.deepEqual(ledger(again).compare({ primary: sighting("primary 1", "primary 2"), dr }), []);
  const { delivered, again: more } = ledger(again).figures({
    primary: sighting("primary 1", "primary 2"),
    dr,
  });
  assert.deepEqual([delivered, more], [{ primary: 2, dr: 1 }, { primary: 1, dr: 0 }]);
});

Deno.test("a row that ch-sync loses, doubles or brings in vain", () => {
  const one = ledger({ "primary 1": 5100, "dr 1": 5100 });
  const primary = sighting("primary 1");
  assert.deepEqual(found(one.compare({ primary, dr: sighting() })), ["lost"]);
  assert.deepEqual(
    found(one.compare({ primary, dr: sighting("dr 1", "dr 1") })),
    ["doubled", "more", "lost"],
  );
  const both = sighting("dr 1", "primary 1");
  assert.deepEqual(found(one.compare({ primary: both, dr: both })), ["more", "more"]);
  assert.deepEqual(found(new FeedLedger(SETTLE).compare({ primary, dr: primary })), ["unknown", "unknown"]);
});

Deno.test("a row that comes later than the settle window may stand beside its copy", () => {
  const one = ledger({ "primary 1": 5100, "dr 1": 6001 });
  const both = sighting("primary 1", "dr 1");
  assert.deepEqual(one.compare({ primary: both, dr: both }), []);
  const { late, copiedBeforeLate } = one.figures({ primary: both, dr: both });
  assert.deepEqual([late, copiedBeforeLate], [{ primary: 0, dr: 1 }, 1]);
});

Deno.test("an event that a collector took and never wrote is no loss of ch-sync", () => {
  const one = ledger();
  assert.deepEqual(one.compare({ primary: sighting(), dr: sighting() }), []);
  assert.equal(one.figures({ primary: sighting(), dr: sighting() }).nowhere, 1);
});

Deno.test("READY is wrong where what stood at the active site before the check is missing", () => {
  const one = ledger({ "primary 1": 5100 });
  const refuted = (here: Sighting, there: Sighting, through = 6000, began = 7000) =>
    one.refute("primary", [here, there], { through, began }).length;
  const there = sighting("primary 1");
  assert.equal(refuted(sighting(), there), 1);
  assert.equal(refuted(sighting("dr 1"), there), 0, "it has one of its own");
  assert.equal(refuted(sighting(), there, 5000), 0, "the verdict does not speak of it");
  assert.equal(refuted(sighting(), there, 6000, 5100), 0, "it came after the check");
  assert.equal(refuted(sighting(), sighting()), 0, "it stands there no more");
});
