import assert from "node:assert/strict";
import { findEmbedded } from "../../scripts/build/embedded.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** npm packages as `name@version`, of everything that a build embeds. */
const packages = (await findEmbedded()).filter(({ purl }) => purl.startsWith("pkg:npm/"));
const keyOf = ({ name, version }: { name: string; version: string }) => `${name}@${version}`;

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
  assert.deepEqual(packages.map(keyOf).sort(), [...bundled].sort());
});

Deno.test("what the program imports itself is told from what only packages need", () => {
  const direct = packages.filter(({ direct }) => direct);
  const { imports } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  for (const each of direct) assert.equal(imports[each.name], `npm:${keyOf(each)}`);
  const needed = new Set(packages.flatMap(({ needs }) => needs));
  for (const { direct, purl } of packages) assert.ok(direct || needed.has(purl), purl);
  assert.ok(direct.length < packages.length);
});

Deno.test("each package has the digest by which it is locked", () => {
  const { npm } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.lock`));
  for (const { sha512, ...each } of packages) {
    assert.equal(`sha512-${Uint8Array.fromHex(sha512!).toBase64()}`, npm[keyOf(each)].integrity, each.name);
  }
});
