import assert from "node:assert/strict";
import { fc, SEED } from "./seed.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("what is generated begins with the seed that was printed", () => {
  const all = fc.array(fc.integer());
  assert.deepEqual(fc.sample(all, 5), fc.sample(all, { numRuns: 5, seed: SEED }));
  const first: number[][] = [];
  fc.assert(fc.property(all, (one) => void first.push(one)), { numRuns: 5 });
  assert.deepEqual(first, fc.sample(all, { numRuns: 5, seed: SEED }));
});

Deno.test("nobody generates anything without that seed", () => {
  const walk = (folder: URL): URL[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? walk(new URL(`${name}/`, folder)) : name.endsWith(".ts") ? [new URL(name, folder)] : []
    );
  const files = ["test/", "scripts/"].flatMap((folder) => walk(new URL(folder, ROOT)));
  const direct = files.filter((file) => /^import\b.*"fast-check"/m.test(Deno.readTextFileSync(file)));
  assert.deepEqual(direct.map(({ href }) => href), [new URL("seed.ts", import.meta.url).href]);
});
