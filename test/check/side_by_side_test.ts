import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { sideBySide } from "../../src/check/plan/tables_at_a_time.ts";

const yes = () => Promise.resolve(true);

Deno.test("sideBySide() does everything once, and answers in the order of the items", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat()),
      fc.integer({ min: 1, max: 9 }),
      async (s, items, workers) => {
        let [running, most] = [0, 0];
        const seen: number[] = [];
        const work = s.scheduleFunction(async (item: number) => {
          await Promise.resolve();
          return item * 2;
        });
        const done = sideBySide(items, workers, yes, async (item) => {
          most = Math.max(most, ++running);
          seen.push(item);
          const result = await work(item);
          running--;
          return result;
        });
        await s.waitFor(done);
        assert.deepEqual(await done, items.map((item) => item * 2));
        assert.equal(seen.length, items.length);
        assert.ok(most <= workers);
      },
    ),
  );
});

Deno.test("sideBySide() goes on with one worker while no other may join", async () => {
  let [running, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  };
  await sideBySide([1, 2, 3, 4, 5], 4, () => Promise.resolve(false), work);
  assert.equal(most, 1);
});

Deno.test("sideBySide() ends with the first error, after what was begun", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    await Promise.resolve();
    if (item === 2) throw new Error("two");
    begun.push(item);
  };
  await assert.rejects(sideBySide([1, 2, 3], 2, yes, work), /two/);
  assert.deepEqual(begun, [1, 3]);
});
