import assert from "node:assert/strict";
import { type Reason, REASONS } from "../../src/model/reason.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

/** What the operators' table says of each reason, in its own words. */
const PUBLISHED = new Map(
  [...README.matchAll(/^\| `([a-z]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)]
    .map(([, reason, repaired, clean]) => [reason!, { repaired: repaired!, clean: clean! }]),
);

/** Words of the column "repaired" for what ch-sync does now, at a later check, or not by itself. */
const REPAIRED = {
  repaired: /^yes$/,
  later: /^(later|when it stops)/,
  never: /^(no|never touched|refused|through the view|if `AUTO_CREATE_TABLES`)/,
} as const;

Deno.test("the reasons are those of the README's table, in its order, and no others", () => {
  assert.deepEqual([...PUBLISHED.keys()], Object.keys(REASONS));
});

for (const [reason, { remedy, clean }] of Object.entries(REASONS)) {
  Deno.test(`${reason}: repaired and clean as the README says`, () => {
    const published = PUBLISHED.get(reason as Reason)!;
    assert.match(published.repaired, REPAIRED[remedy]);
    assert.match(published.clean, clean ? /^(yes|after the repair)/ : /^no$/);
    // What is repaired is clean only afterwards; what is clean as it is needs no repair.
    assert.equal(published.clean === "after the repair", remedy === "repaired");
  });
}
