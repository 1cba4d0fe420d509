import assert from "node:assert/strict";
import { findEmbedded } from "../../scripts/build/embedded.ts";
import { readLicence, renderLicences } from "../../scripts/build/licences.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Reads the licence of a package of these files. */
async function licenceOf(manifest: object, files: Record<string, string>) {
  await using folder = await temporaryDirectory();
  const all = { "package.json": JSON.stringify(manifest), ...files };
  for (const [name, text] of Object.entries(all)) await Deno.writeTextFile(`${folder.path}/${name}`, text);
  return await readLicence(folder.path);
}

Deno.test("readLicence() hands on the package's own licence and notices", async () => {
  const files = {
    "LICENSE": "mine\n",
    "NOTICE.txt": "noted\n",
    "README.md": "no",
    "license.js": "code",
    "LICENSE-MIT": "other\n",
  };
  assert.deepEqual(await licenceOf({ license: "MIT" }, files), {
    licence: "MIT",
    licenceText: "mine\n\nother\n\nnoted",
  });
});

Deno.test("readLicence() refuses a package without a licence, without its text, or that is not there", async () => {
  await assert.rejects(licenceOf({}, { LICENSE: "x" }), /no licence in package\.json/);
  await assert.rejects(licenceOf({ license: "Zlib" }, {}), /no text of it: it must not be embedded/);
  await assert.rejects(
    readLicence("/nonexistent/p/2.0.0"),
    /cache at \/nonexistent\/p\/2\.0\.0: run deno install/,
  );
});

Deno.test("renderLicences() gives the text of every part", async () => {
  const parts = await findEmbedded();
  const text = renderLicences(parts);
  for (const { name, version, licence, licenceText } of parts) {
    assert.ok(text.includes(`${name} ${version}: ${licence}\n`), name);
    assert.ok(licenceText.length > 500 && text.includes(licenceText), name);
  }
  const textOf = (name: string) => parts.find((part) => part.name === name)!.licenceText;
  assert.match(textOf("deno"), /^Copyright the Deno authors\n\nPermission is hereby granted/);
  assert.match(textOf("v8"), /^Copyright the V8 project authors.*\n\nRedistribution and use/);
});
