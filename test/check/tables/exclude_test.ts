import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { isExcluded } from "../../../src/check/tables/select_tables.ts";

Deno.test("isExcluded() lets * stand for any characters, dots, slashes and line ends included", () => {
  for (const name of ["tmp.a", "tmp.", "tmp.a.b", "tmp.a/b", "tmp.a\nb", "tmp.Ü"]) {
    assert.ok(isExcluded(name, ["tmp.*"]), name);
  }
  assert.ok(isExcluded("a.tmp_b", ["x.y", "*.tmp_*"]));
});

Deno.test("isExcluded() lets ? stand for exactly one character", () => {
  assert.ok(isExcluded("a.b1", ["a.b?"]));
  assert.ok(isExcluded("a.b😀", ["a.b?"]));
  assert.ok(!isExcluded("a.b", ["a.b?"]));
  assert.ok(!isExcluded("a.b12", ["a.b?"]));
});

Deno.test("isExcluded() compares whole names, with their case", () => {
  assert.ok(!isExcluded("system_x.a", ["system.*"]));
  assert.ok(!isExcluded("mysystem.a", ["system.*"]));
  assert.ok(!isExcluded("System.a", ["system.*"]));
  assert.ok(!isExcluded("a.b", []));
});

Deno.test("isExcluded() takes everything else literally", () => {
  const name = fc.string({ unit: "binary" }).filter((text) => !/[*?]/.test(text));
  fc.assert(fc.property(name, name, (one, two) => {
    assert.ok(isExcluded(one, [one]));
    assert.equal(isExcluded(one, [two]), one === two);
    assert.ok(isExcluded(`${one}.${two}`, [`${one}*`]) && isExcluded(`${one}.${two}`, [`*${two}`]));
  }));
});

Deno.test("isExcluded() agrees with a matcher that tries everything", () => {
  const matches = (name: string, glob: string): boolean =>
    glob === ""
      ? name === ""
      : glob[0] === "*"
      ? matches(name, glob.slice(1)) || (name !== "" && matches(name.slice(1), glob))
      : name !== "" && (glob[0] === "?" || glob[0] === name[0]) && matches(name.slice(1), glob.slice(1));
  const text = (pattern: RegExp) => fc.stringMatching(pattern);
  fc.assert(fc.property(text(/^[ab.]{0,8}$/), text(/^[ab.*?]{0,6}$/), (name, glob) => {
    assert.equal(isExcluded(name, [glob]), matches(name, glob));
  }));
});

Deno.test("isExcluded() is not slowed down by stars in a row", () => {
  const started = performance.now();
  assert.ok(!isExcluded("a".repeat(200), [`${"*".repeat(40)}b`]));
  assert.ok(performance.now() - started < 30_000);
});
