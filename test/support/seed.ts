// deno-lint-ignore-file no-console -- it is for whoever reads what a test run printed
/**
 * Where all that tests generate begins. Each test file that generates anything prints its seed first; `CH_SYNC_SEED=…` in the
 * environment of `deno test` brings the same values once more.
 */
import fc from "fast-check";

const given = Deno.env.get("CH_SYNC_SEED");

/** From 0 to 2^30; the same for all that one test file generates. */
export const SEED: number = given === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(given);
if (!Number.isSafeInteger(SEED)) throw new Error(`CH_SYNC_SEED=${given} must be a whole number`);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });
console.error(`CH_SYNC_SEED=${SEED} # ${Deno.mainModule.slice(new URL("../../", import.meta.url).href.length)}`);

/** fast-check, which begins with that seed. Nobody takes it from elsewhere. */
export { fc };
