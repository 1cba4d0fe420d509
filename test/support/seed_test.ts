import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

Deno.test("nobody generates anything without the seed that is shown", () => {
  const walk = (folder: URL): URL[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? walk(new URL(`${name}/`, folder)) : name.endsWith(".ts") ? [new URL(name, folder)] : []
    );
  const files = ["test/", "scripts/"].flatMap((folder) => walk(new URL(folder, ROOT)));
  const direct = files.filter((file) => /^import\b.*"fast-check"/m.test(Deno.readTextFileSync(file)));
  assert.deepEqual(direct.map(({ href }) => href), [new URL("seed.ts", import.meta.url).href]);
});
