/** Repairs beside each other do not count on the same free bytes. */
import assert from "node:assert/strict";
import { SpaceHeld } from "../../../src/check/repair/space_held.ts";
import { table } from "../../support/data/tables.ts";

const T = table("d.t");

Deno.test("SpaceHeld lets one wait that does not fit beside those under way", async () => {
  const space = new SpaceHeld();
  let asked = 0;
  const ask = () => Promise.resolve(asked++ === 0 ? 100 : 50);
  const first = await space.hold(60, T, ask);
  assert.equal(first.free, 100);
  let second: Disposable | null = null;
  const waiting = space.hold(45, T, ask).then((held) => {
    second = held;
    return held;
  });
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assert.equal(second, null);
  first[Symbol.dispose]();
  first[Symbol.dispose](); // gives nothing back twice
  assert.equal((await waiting).free, 50);
});

Deno.test("SpaceHeld asks again where a repair began and ended while the question was on its way", async () => {
  const space = new SpaceHeld();
  const slow = Promise.withResolvers<number>();
  let asked = 0;
  const second = space.hold(60, T, () => asked++ === 0 ? slow.promise : Promise.resolve(40));
  const cold = { ...T, settings: "storage_policy = 'cold'" };
  (await space.hold(60, cold, () => Promise.resolve(100)))[Symbol.dispose]();
  slow.resolve(100);
  assert.deepEqual([(await second).free, asked], [40, 2]);
});

Deno.test("SpaceHeld lets through at once what is alone, whether it fits or not, and what cannot be told", async () => {
  const space = new SpaceHeld();
  {
    using held = await space.hold(500, T, () => Promise.resolve(100));
    assert.equal(held.free, 100);
  }
  using _first = await space.hold(500, T, () => Promise.resolve(null));
  using second = await space.hold(500, T, () => Promise.resolve(null));
  assert.equal(second.free, null);
});

Deno.test("SpaceHeld asks once for many small ones, once for each storage policy, and again where it gets tight", async () => {
  const space = new SpaceHeld();
  const asked: string[] = [];
  const hold = async (name: string, bytes: number, settings: string | null = null) => {
    const ask = () => {
      asked.push(name);
      return Promise.resolve(1000);
    };
    using _held = await space.hold(bytes, { ...table(name), settings }, ask);
  };
  await hold("d.a", 100);
  await hold("d.b", 100, "index_granularity = 8192");
  await hold("d.cold", 100, "index_granularity = 8192, storage_policy = 'cold'");
  assert.deepEqual(asked, ["d.a", "d.cold"]);
  // What began since the answer may have taken its bytes.
  await hold("d.c", 800);
  assert.deepEqual(asked, ["d.a", "d.cold", "d.c"]);
});
