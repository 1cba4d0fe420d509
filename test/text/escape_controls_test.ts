import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { escapeControls } from "../../src/text/escape_controls.ts";

/** Whatever moves the cursor, ends a line, or reorders the text around it (Unicode's bidirectional controls). */
const FORBIDDEN = /\p{Cc}|\p{Zl}|\p{Zp}|\p{Bidi_Control}/u;

Deno.test("escapeControls() leaves no character that could move the cursor, break a line or reorder it", () => {
  const controls = fc.constantFrom(
    "\n",
    "\r",
    "\x1b[2K",
    "\x9b",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u061c",
    "\x7f",
  );
  const text = fc.array(fc.oneof(controls, fc.string({ unit: "binary" }))).map((parts) => parts.join(""));
  fc.assert(fc.property(text, (text) => {
    assert.doesNotMatch(escapeControls(text), FORBIDDEN);
  }));
  for (let code = 0; code < 0x3000; code++) {
    assert.doesNotMatch(escapeControls(String.fromCharCode(code)), FORBIDDEN);
  }
});

Deno.test("escapeControls() shows what it took out and changes nothing else", () => {
  assert.equal(escapeControls("a\n\x1b[31mb\u202ec\u200e\x00"), "a\\x0a\\x1b[31mb\\u202ec\\u200e\\x00");
  assert.equal(escapeControls("\u061c\u200f"), "\\u061c\\u200f");
  assert.equal(escapeControls("таблица 🦆 👩‍👩‍👧 é `x` \\n é"), "таблица 🦆 👩‍👩‍👧 é `x` \\n é");
});
