import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { spanInWords, spansInWords } from "../../src/text/spans_in_words.ts";

const at = (text: string) => Date.parse(`${text}Z`) / 1000;
const words = (from: string, to: string, year?: number) => spanInWords({ from: at(from), to: at(to) }, year);

Deno.test("spanInWords() writes times as people do", () => {
  assert.equal(words("2026-11-24T14:00", "2026-11-24T16:05", 2026), "14:00–16:05 UTC of 24 Nov");
  assert.equal(words("2025-11-24T14:00", "2025-11-24T16:05", 2026), "14:00–16:05 UTC of 24 Nov 2025");
  assert.equal(words("2026-11-24T22:00", "2026-11-25T00:00", 2026), "22:00–24:00 UTC of 24 Nov");
  assert.equal(
    words("2026-11-24T22:00", "2026-11-25T01:00", 2026),
    "22:00 UTC of 24 Nov – 01:00 UTC of 25 Nov",
  );
  assert.equal(words("2026-11-24T14:00:05", "2026-11-24T14:00:09", 2026), "14:00:05–14:00:09 UTC of 24 Nov");
  assert.equal(words("2026-11-24T14:00:05", "2026-11-24T15:00:05", 2026), "14:00–15:01 UTC of 24 Nov");
  assert.equal(words("2026-11-24", "2026-11-25", 2026), "24 Nov");
  assert.equal(words("2026-11-24", "2026-11-27", 2026), "24–26 Nov");
  assert.equal(words("2026-11-24", "2026-12-02"), "24 Nov – 1 Dec 2026");
  assert.equal(words("2025-12-31", "2026-01-02", 2026), "31 Dec 2025 – 1 Jan");
});

Deno.test("spansInWords() counts rows, those of further spans and those without a time", () => {
  const hour = (n: number) => ({ from: at(`2026-11-24T${n}:00`), to: at(`2026-11-24T${n}:30`), rows: 1500n });
  assert.equal(spansInWords([hour(14)], 1500n, 2026), "14:00–14:30 UTC of 24 Nov, 1,500 rows");
  assert.equal(
    spansInWords([10, 12, 14, 16, 18].map(hour), 7501n, 2026),
    "10:00–10:30 UTC of 24 Nov, 1,500 rows; 12:00–12:30 UTC of 24 Nov, 1,500 rows; 14:00–14:30 UTC of 24 Nov, 1,500 rows; " +
      "2 more until 18:30 UTC of 24 Nov, 3,000 rows; 1 row without a time",
  );
});

Deno.test("spanInWords() of any span throws nothing, and says no more than a line", () => {
  const seconds = fc.oneof(fc.integer(), fc.maxSafeInteger());
  fc.assert(fc.property(seconds, fc.nat(), (from, length) => {
    assert.match(spanInWords({ from, to: from + length }), /^[^\n]{3,80}$/);
  }));
});
