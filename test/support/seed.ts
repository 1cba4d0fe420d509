/**
 * Where all that tests generate begins. The first test of each file that generates anything is named for the seed: whatever a
 * test prints by itself, Deno leaves out or mixes up where files run side by side. `CH_SYNC_SEED=…` in the environment of
 * `deno test` brings the same values once more.
 */
import assert from "node:assert/strict";
import fc from "fast-check";

const given = Deno.env.get("CH_SYNC_SEED");

/** From 0 to 2^30 unless somebody gave another; the same for all that one test file generates. */
export const SEED: number = given === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(given);
if (!Number.isSafeInteger(SEED)) throw new Error(`CH_SYNC_SEED=${given} must be a whole number`);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });

Deno.test(`whatever is generated here begins with CH_SYNC_SEED=${SEED}`, () => {
  const first: number[] = [];
  fc.assert(fc.property(fc.integer(), (one) => void first.push(one)), { numRuns: 5 });
  assert.deepEqual(first, fc.sample(fc.integer(), { numRuns: 5, seed: SEED }));
});

/** fast-check, which begins with that seed. Nobody takes it from elsewhere. */
export { fc };
