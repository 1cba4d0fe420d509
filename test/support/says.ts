/** Facts that a text must hold, whatever words stand around them: a rewording breaks no test, a lost fact does. */
import assert from "node:assert/strict";

/** Fails unless the text holds all of these, one after the other. */
export function says(text: string | undefined, ...facts: readonly string[]): void {
  let at = 0;
  for (const fact of facts) {
    const found = (text ?? "").indexOf(fact, at);
    assert.ok(found >= 0, `${JSON.stringify(fact)} is not in, or not in this order: ${text}`);
    at = found + fact.length;
  }
}

/** Fails unless there are as many texts as expectations, and each holds its facts, or is that very text. */
export function eachSays(texts: readonly string[], expected: readonly (string | readonly string[])[]): void {
  assert.equal(texts.length, expected.length, texts.join("\n"));
  for (const [at, one] of expected.entries()) {
    if (typeof one === "string") assert.equal(texts[at], one);
    else says(texts[at], ...one);
  }
}
