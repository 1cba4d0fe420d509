import assert from "node:assert/strict";
import { readLicence } from "../../scripts/build/licences.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

/** A cache with one package in it. */
async function withPackage(
  manifest: object,
  files: Record<string, string>,
  body: (cache: string) => Promise<void>,
) {
  await using folder = await temporaryDirectory();
  const place = `${folder.path}/registry.example/mirror/@s/p/1.0.0`;
  await Deno.mkdir(place, { recursive: true });
  const all = { "package.json": JSON.stringify(manifest), ...files };
  for (const [name, text] of Object.entries(all)) await Deno.writeTextFile(`${place}/${name}`, text);
  await body(folder.path);
}

Deno.test("readLicence() hands on the package's own licence and notices", () =>
  withPackage(
    { license: "MIT" },
    {
      "LICENSE": "mine\n",
      "NOTICE.txt": "noted\n",
      "README.md": "no",
      "license.js": "code",
      "LICENSE-MIT": "other\n",
    },
    async (cache) => {
      const { spdx, text } = await readLicence(cache, "@s/p", "1.0.0");
      assert.equal(spdx, "MIT");
      assert.equal(text, "mine\n\nother\n\nnoted");
    },
  ));

Deno.test("readLicence() takes the standard text for a package without a file", () =>
  withPackage({ licenses: [{ type: "MIT" }], author: { name: "Jo" } }, {}, async (cache) => {
    const { spdx, text } = await readLicence(cache, "@s/p", "1.0.0");
    assert.equal(spdx, "MIT");
    assert.match(text, /^Copyright Jo\n\nPermission is hereby granted/);
  }));

Deno.test("readLicence() refuses a package without a licence, without its text, or that is not there", async () => {
  await withPackage(
    {},
    { LICENSE: "x" },
    (cache) => assert.rejects(readLicence(cache, "@s/p", "1.0.0"), /@s\/p@1\.0\.0 names no licence/),
  );
  await withPackage(
    { license: "Zlib" },
    {},
    (cache) =>
      assert.rejects(
        readLicence(cache, "@s/p", "1.0.0"),
        /\(Zlib\) comes without a licence file: add the text/,
      ),
  );
  await withPackage(
    { license: "MIT" },
    {},
    (cache) =>
      assert.rejects(
        readLicence(cache, "@s/p", "2.0.0"),
        /@s\/p@2\.0\.0 is not in Deno's cache .*: run deno install/,
      ),
  );
});
