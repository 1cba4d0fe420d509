import assert from "node:assert/strict";
import { kindOf, TEST_KINDS, testFiles } from "./test_kinds.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("every file with tests is of one kind, and none of two", () => {
  const walk = (folder: URL): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      if (isDirectory) return walk(new URL(`${name}/`, folder));
      const { pathname } = new URL(name, folder);
      return /\.ts$/.test(name) && /^\s*Deno\.test\(/m.test(Deno.readTextFileSync(pathname))
        ? [pathname]
        : [];
    });
  const withTests = walk(new URL("test/", ROOT)).map((path) => path.slice(ROOT.pathname.length))
    .filter((path) => path !== "test/support/seed.ts"); // has one for every file that imports it
  assert.deepEqual(TEST_KINDS.flatMap((kind) => testFiles(kind)).sort(), withTests.sort());
});

Deno.test("what a test imports, however far round, says of which kind it is", () => {
  const kinds = Object.fromEntries(
    [
      "test/check/side_by_side_test.ts",
      "test/check/accept_test.ts", // servers by way of check_sites.ts and two_sites.ts
      "test/status/browser_test.ts",
      "test/faults/memory_faults_test.ts",
    ].map((path) => [path, kindOf(path)]),
  );
  assert.deepEqual(kinds, {
    "test/check/side_by_side_test.ts": "unit",
    "test/check/accept_test.ts": "sites",
    "test/status/browser_test.ts": "e2e",
    "test/faults/memory_faults_test.ts": "e2e",
  });
});

Deno.test("there is a task for every kind, and none of them fetches the engine for those that need no server", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  for (const kind of TEST_KINDS) {
    assert.match(tasks[`test:${kind}`], new RegExp(`scripts/test_kind\\.ts ${kind}$`));
    assert.equal(tasks[`test:${kind}`].includes("fetch_engine"), kind !== "unit", kind);
  }
});
