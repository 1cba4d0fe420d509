import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { type Join, placesBeside, sideBySide } from "../../src/check/plan/tables_at_a_time.ts";

const yes: Join = () => Promise.resolve({ [Symbol.dispose]() {} });

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
  await sideBySide([1, 2, 3, 4, 5], 4, () => Promise.resolve(null), work);
  assert.equal(most, 1);
});

Deno.test("sideBySide() ends with the first error, after what was begun", async () => {
  const [begun, ended]: number[][] = [[], []];
  const work = async (item: number) => {
    begun!.push(item);
    if (item === 2) throw new Error("two");
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended!.push(item);
  };
  await assert.rejects(sideBySide([1, 2, 3], 2, yes, work), /two/);
  assert.deepEqual([begun, ended], [[1, 2], [1]]);
});

Deno.test("sideBySide() has others join once there is a place, and shares places with what goes on inside", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      async (s, groupsOf, workers) => {
        const idle = { load: () => Promise.resolve(null) };
        const cores = { here: { cores: 1 }, there: { cores: 1 } };
        const join = placesBeside({ here: idle, there: idle } as never, cores, workers - 1);
        let [running, most, done] = [0, 0, 0];
        const copy = s.scheduleFunction(() => Promise.resolve());
        const work = async (groups: number) => {
          await sideBySide(Array.from({ length: groups }), workers, join, async () => {
            most = Math.max(most, ++running);
            await copy();
            running--;
            done++;
          });
        };
        await s.waitFor(sideBySide(groupsOf, workers, join, work));
        const all = groupsOf.reduce((sum, groups) => sum + groups, 0);
        assert.equal(done, all);
        assert.ok(most <= workers, `${most} at a time of ${workers}`);
        // Every place is given back.
        const places = await Promise.all(Array.from({ length: workers }, join));
        assert.equal(places.filter((place) => place !== null).length, workers - 1);
      },
    ),
  );
});

Deno.test("sideBySide() asks others again when an item is begun", async () => {
  let [asked, running, most] = [0, 0, 0];
  const join: Join = async () => ++asked > 2 ? await yes() : null;
  await sideBySide([1, 2, 3, 4, 5], 2, join, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
  });
  assert.equal(most, 2);
});
