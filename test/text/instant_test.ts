import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { parseInstant } from "../../src/text/instant.ts";

Deno.test("parseInstant() takes dates and times, in UTC unless they have a zone", () => {
  const noon = Date.UTC(2026, 10, 24, 12) / 1000;
  for (
    const text of [
      "2026-11-24T12:00",
      "2026-11-24 12:00:00",
      "2026-11-24T12:00:00Z",
      "2026-11-24T13:00+01:00",
      "2026-11-24T06:30-0530",
    ]
  ) assert.equal(parseInstant(text), noon, text);
  assert.equal(parseInstant("2026-11-24"), noon - 43_200);
});

Deno.test("parseInstant() takes what no calendar has for no time", () => {
  for (
    const text of [
      "",
      "2026",
      "2026-02-29",
      "2026-13-01",
      "2026-00-10",
      "2026-11-24T24:00",
      "2026-11-24T12:60",
      "2026-11-24T12",
      "2026-11-24T12:00+25:00",
      "24.11.2026",
      "2026-11-24T12:00:00.5Z",
    ]
  ) assert.equal(parseInstant(text), null, text);
});

Deno.test("parseInstant() reads back every second as ISO 8601 writes it", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
    const text = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
    assert.equal(parseInstant(text), seconds);
    assert.equal(parseInstant(text.replace("Z", "").replace("T", " ")), seconds);
  }));
});
