import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { QUOTED_NAME, QUOTED_STRING, unquote } from "../../src/text/quoted.ts";
import { identifier, literal } from "../../src/clickhouse/sql/quoting.ts";

const NAME = new RegExp(QUOTED_NAME, "g");
const STRING = new RegExp(QUOTED_STRING, "g");
const anything = fc.string({ unit: fc.constantFrom(..."ab`'\\ \n\0nt") });

Deno.test("what is quoted is found whole, however many quotes it holds, and a name is read back", () => {
  fc.assert(fc.property(anything, anything, (name, text) => {
    const [quoted, string] = [identifier(name), literal(text)];
    assert.deepEqual(`f(${quoted}, 1)`.match(NAME), [quoted]);
    assert.deepEqual(`f(${string}, 1)`.match(STRING), [string]);
    assert.equal(unquote(quoted), name);
  }));
});

Deno.test("a name as servers print it, and one that needs no quotes", () => {
  assert.equal(unquote("`a``b\\`\\tc`"), "a`b`\tc");
  assert.equal(unquote("plain"), "plain");
});

Deno.test("what is never closed ends with the text", () => {
  fc.assert(fc.property(anything, (text) => {
    for (const [pattern, quote] of [[NAME, "`"], [STRING, "'"]] as const) {
      const open = quote + text.replaceAll(quote, "") + "\\";
      assert.deepEqual(open.match(pattern), [open]);
    }
  }));
});
