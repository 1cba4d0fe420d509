import assert from "node:assert/strict";
import { BuildError } from "../../scripts/build/commands.ts";
import {
  findEmbedded,
  type LockFile,
  type ModuleGraph,
  selectEmbedded,
} from "../../scripts/build/embedded.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const DIGEST = new Uint8Array(64).fill(1);
const INTEGRITY = `sha512-${DIGEST.toBase64()}`;

const GRAPH: ModuleGraph = {
  roots: ["file:///src/main.ts"],
  modules: [
    {
      specifier: "file:///src/main.ts",
      dependencies: [{ code: { specifier: "file:///src/a.ts" } }, {
        code: { specifier: "npm:@s/direct@^1.0.0" },
      }],
    },
    // A type import has no code.
    { specifier: "file:///src/a.ts", dependencies: [{}, { code: { specifier: "npm:plain@2/file.js" } }] },
    { specifier: "file:///src/unused.ts", dependencies: [{ code: { specifier: "npm:unused@1.0.0" } }] },
  ],
};

const LOCK: LockFile = {
  specifiers: {
    "npm:@s/direct@^1.0.0": "1.4.0",
    "npm:plain@2": "2.1.0_deep@1.0.0",
    "npm:unused@1.0.0": "1.0.0",
  },
  npm: {
    "@s/direct@1.4.0": { integrity: INTEGRITY, dependencies: ["deep@2.0.0", "@s/only"] },
    "@s/only@0.1.0": { integrity: INTEGRITY },
    "deep@1.0.0": { integrity: INTEGRITY, dependencies: ["plain"] },
    "deep@2.0.0": { integrity: INTEGRITY },
    "plain@2.1.0_deep@1.0.0": { integrity: INTEGRITY, dependencies: ["deep@1.0.0"] },
    "unused@1.0.0": { integrity: INTEGRITY },
  },
};

Deno.test("selectEmbedded() follows values from the entry point, then the lock file, in circles too", () => {
  const { direct, packages } = selectEmbedded(GRAPH, LOCK);
  assert.deepEqual(direct, ["@s/direct@1.4.0", "plain@2.1.0_deep@1.0.0"]);
  assert.deepEqual([...packages.values()].map(({ name, version }) => `${name} ${version}`), [
    "@s/direct 1.4.0",
    "@s/only 0.1.0",
    "deep 1.0.0",
    "deep 2.0.0",
    "plain 2.1.0",
  ]);
  const first = packages.get("@s/direct@1.4.0")!;
  assert.deepEqual(first.dependencies, ["@s/only@0.1.0", "deep@2.0.0"]);
  assert.equal(first.sha512, "01".repeat(64));
});

Deno.test("selectEmbedded() refuses what the lock file does not hold, or holds without SHA-512", () => {
  const { "@s/only@0.1.0": _left, ...rest } = LOCK.npm;
  const fails = (lock: LockFile, message: RegExp) =>
    assert.throws(
      () => selectEmbedded(GRAPH, lock),
      (e) => e instanceof BuildError && message.test(e.message),
    );
  fails({ ...LOCK, npm: rest }, /deno\.lock does not have @s\/only: run deno install/);
  fails({ ...LOCK, specifiers: {} }, /deno\.lock does not have npm:/);
  fails(
    { ...LOCK, npm: { ...LOCK.npm, "deep@2.0.0": { integrity: "sha1-x" } } },
    /no SHA-512 of deep@2\.0\.0/,
  );
});

Deno.test("the packages of the bill are those that the bundle holds, no more and no fewer", async () => {
  await using folder = await temporaryDirectory();
  // Not minified, the bundler writes each file's path in front of its code.
  const output = `${folder.path}/plain.js`;
  const args = ["bundle", "--quiet", "--platform=deno", `--output=${output}`, "src/main.ts"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const files = (await Deno.readTextFile(output)).matchAll(
    /^ *\/\/ \S*\/npm\/\S*?\/((?:@[^/\s]+\/)?[^/@\s]+)\/(\d[^/\s]*)\//gm,
  );
  const bundled = new Set([...files].map(([, name, version]) => `${name}@${version}`));
  assert.ok(bundled.size > 0, "the bundler no longer names the files");
  const { packages } = await findEmbedded();
  assert.deepEqual(
    [...packages.values()].map(({ name, version }) => `${name}@${version}`),
    [...bundled].sort(),
  );
});

Deno.test("selectEmbedded() refuses what comes from anywhere else than npm", () => {
  const graph = {
    roots: ["file:///m.ts"],
    modules: [{ specifier: "file:///m.ts", dependencies: [{ code: { specifier: "jsr:@std/x@1" } }] }],
  };
  assert.throws(() => selectEmbedded(graph, LOCK), /jsr:@std\/x@1 is not an npm package/);
});
