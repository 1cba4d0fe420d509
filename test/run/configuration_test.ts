/** From where the configuration is read again: by a verb, by SIGHUP, and in any order of both. */
import assert from "node:assert/strict";
import { Configuration } from "../../src/run/configuration.ts";
import { EXAMPLE } from "../support/data/example_environment.ts";
import { fc } from "../support/seed.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const NAMES = ["CHECK_INTERVAL", "SETTLE_SECONDS"] as const;
/** Some of these variables, each with a value of its own. */
const some = fc.subarray([...NAMES]).chain((names) =>
  fc.tuple(
    ...names.map((name) => fc.tuple(fc.constant(name), fc.integer({ min: 60, max: 3600 }).map(String))),
  )
).map((pairs): Record<string, string> => Object.fromEntries(pairs));
const write = (path: string, variables: Record<string, string>) =>
  Deno.writeTextFileSync(path, Object.entries(variables).map(([name, text]) => `${name}=${text}\n`).join(""));
/** Names and values of the variables in question. */
const read = (...args: Parameters<Configuration["read"]>) => (configuration: Configuration) => {
  const found = configuration.read(...args);
  assert.ok(found.kind === "settings", JSON.stringify(found));
  return NAMES.map((name) => found.environment[name]);
};

Deno.test("SIGHUP reads from where the last verb did, whatever came before, with the file as it is now", async () => {
  await using directory = await temporaryDirectory();
  const [own, other] = [`${directory.path}/own.env`, `${directory.path}/other.env`];
  fc.assert(
    fc.property(some, some, some, fc.array(fc.boolean()), (process, file, later, hangUps) => {
      write(own, { ...EXAMPLE, CHECK_INTERVAL: "77", SETTLE_SECONDS: "77" });
      write(other, { ...EXAMPLE, ...file });
      const given = { process, file: { ...EXAMPLE, ...file }, path: other, needed: true };
      const configuration = new Configuration({ envFile: own, logLevel: null, foot: null, exported: null });
      assert.deepEqual(read()(configuration), ["77", "77"]);
      for (const hangUp of hangUps) read(hangUp ? null : given)(configuration);
      const wanted = (file: Record<string, string>) => NAMES.map((name) => ({ ...file, ...process })[name]);
      assert.deepEqual(read(given)(configuration), wanted(file));
      assert.deepEqual(read()(configuration), wanted(file));
      write(other, { ...EXAMPLE, ...later });
      assert.deepEqual(read()(configuration), wanted(later));
    }),
    { numRuns: 30 },
  );
});

Deno.test("a verb that was wrong leaves alone from where SIGHUP reads", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/own.env`;
  write(path, { ...EXAMPLE, CHECK_INTERVAL: "77", SETTLE_SECONDS: "77" });
  const configuration = new Configuration({ envFile: path, logLevel: null, foot: null, exported: null });
  const given = { process: { CHECK_INTERVAL: "often" }, file: EXAMPLE, path, needed: true };
  assert.equal(configuration.read(given).kind, "mistakes");
  assert.deepEqual(read()(configuration), ["77", "77"]);
});
