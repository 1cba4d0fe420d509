/** Answers that no ClickHouse gives: each is a sentence about the site, and none stops the program. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { startAnswersRelay } from "../../support/links/answers_relay.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("an answer of a form that ClickHouse does not give is told as such, and never clean", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 20);
  let odd: { readonly statement: number; readonly field: number; readonly value: unknown };
  let number = 0;
  let changed = false;
  await using relay = startAnswersRelay(primary.url, (_statement, answer) => {
    if (number++ !== odd.statement) return answer;
    const parsed = JSON.parse(answer);
    const row = parsed.data[0];
    if (!row) return answer;
    const fields = Object.keys(row);
    const field = fields[odd.field % (fields.length + 1)];
    changed = true;
    if (field === undefined) parsed.data[0] = odd.value;
    else row[field] = odd.value;
    return JSON.stringify(parsed);
  });
  const settings = { remote: { ...primary.endpoint, url: relay.url } };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        statement: fc.nat(9),
        field: fc.nat(14),
        value: fc.constantFrom(null, {}, [], [[null]], "x", "", -1, 1e300, "NaN", [["a", "b"]], true),
      }),
      async (next) => {
        [odd, number, changed] = [next, 0, false];
        const report = await checkSites(sites, { settings, dryRun: true });
        const texts = [report.error ?? "", ...findingsOf(report).map(({ detail }) => detail)].join("\n");
        assert.doesNotMatch(
          texts,
          /Cannot (?:read|convert|destructure)|is not (?:a function|iterable|defined)|undefined/,
        );
        if (!changed) assert.ok(isClean(report));
      },
    ),
    { numRuns: casesOf("wrongAnswers") },
  );
});
