import assert from "node:assert/strict";
import { currentBlackout } from "../../src/pause/blackout.ts";

Deno.test("currentBlackout() finds the window of a minute, also over midnight", () => {
  const day = { from: 600, to: 660 };
  const night = { from: 1320, to: 360 };
  const evening = { from: 1200, to: 1440 };
  for (
    const [windows, minute, expected] of [
      [[], 0, null],
      [[day], 599, null],
      [[day], 600, day],
      [[day], 659, day],
      [[day], 660, null],
      [[night], 1319, null],
      [[night], 1320, night],
      [[night], 1439, night],
      [[night], 0, night],
      [[night], 359, night],
      [[night], 360, null],
      [[evening], 1439, evening],
      [[evening], 0, null],
      [[day, night], 610, day],
      [[day, night], 1350, night],
    ] as const
  ) {
    assert.equal(currentBlackout(windows, minute), expected, `${JSON.stringify(windows)} at ${minute}`);
  }
});
