import assert from "node:assert/strict";
import { checkChangelog, checkCommitted } from "../../scripts/build/release_files.ts";
import { TARGETS, THIS_TARGET } from "../../scripts/build/runtime.ts";
import { readReleaseArguments } from "../../scripts/release.ts";

const OTHER_TARGET = TARGETS.find((target) => target !== THIS_TARGET)!;

Deno.test("readReleaseArguments() releases for this machine into dist, from committed files", () => {
  assert.deepEqual(readReleaseArguments([]), {
    targets: [THIS_TARGET],
    selfExtracting: false,
    output: "dist",
    allowDirty: false,
  });
});

Deno.test("readReleaseArguments() takes several targets, once each", () => {
  const args = [...TARGETS, TARGETS[0]].map((target) => `--target=${target}`);
  assert.deepEqual(readReleaseArguments([...args, "--output=a/b/", "--allow-dirty"]), {
    targets: [...TARGETS],
    selfExtracting: false,
    output: "a/b",
    allowDirty: true,
  });
});

Deno.test("readReleaseArguments() refuses what it cannot follow", () => {
  const wrong: [string[], RegExp][] = [
    [["--target=sparc"], /--target=sparc must be one of/],
    [
      ["--self-extracting", `--target=${OTHER_TARGET}`],
      /packs the Deno that is running, which is .* run it on/,
    ],
    [["--output="], /--output= must name a folder/],
    [["--tarball"], /--tarball[\s\S]*Usage: deno task release/],
  ];
  for (const [args, message] of wrong) assert.throws(() => readReleaseArguments(args), message);
});

Deno.test("checkChangelog() wants a heading for the version, not only for one that starts the same", () => {
  checkChangelog("0.1.0", "# Changelog\n\n## [0.1.0] - 2026-01-01\n");
  assert.throws(
    () => checkChangelog("0.1.0", "## [0.1.0-rc1]\n## [Unreleased]\n"),
    /no heading "## \[0\.1\.0\]"/,
  );
});

Deno.test("checkCommitted() names what is not committed, and says why that matters", () => {
  checkCommitted("abc", []);
  assert.throws(
    () => checkCommitted("abc", [" M src/main.ts", "?? src/new.ts"]),
    /src\/new\.ts\nCommit them first/,
  );
  assert.throws(() => checkCommitted(null, []), /anyone can make it again.*not a git repository/);
});
