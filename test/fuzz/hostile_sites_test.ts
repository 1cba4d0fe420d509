/** Whatever a site answers, nothing of it is run at the other one. */
import assert from "node:assert/strict";
import { casesOf } from "../support/cases.ts";
import { startAnswersRelay } from "../support/links/answers_relay.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { outsideQuotes } from "../support/data/outside_quotes.ts";
import { SEED } from "../support/seed.ts";
import { reachedAt } from "../support/sites/two_sites.ts";
import { liar } from "./hostile_answers.ts";
import { KNOWN, longLies } from "./hostile_known.ts";
import { hostileLies, hostileSites, QUICK, SLOW } from "./hostile_sites.ts";
import { startStand, TABLE_COUNT } from "./hostile_stand.ts";
import { longTexts, takenOver } from "./hostile_taken.ts";

Deno.test("what ClickHouse reads as SQL is told from what is quoted", () => {
  for (
    const [statement, outside] of [
      ["SELECT 'victim', `vic``tim\\`` FROM \"victim\"", "SELECT '', `` FROM \"\""],
      ["SELECT 'it''s \\' victim' -- victim", "SELECT '' -- victim"],
      ["SELECT $a$ ' victim $a$ /* ' */ + victim", "SELECT $$ /* ' */ + victim"],
      ["SELECT 'open victim", "SELECT 'open victim"],
    ] as const
  ) assert.equal(outsideQuotes(statement), outside);
});

Deno.test("what is taken over of a hostile definition has no deed in it", () => {
  takenOver(10_000, SEED);
});

Deno.test("long texts of a definition are read in no time", () => {
  longTexts(100, SEED);
});

Deno.test("a site that lies", async (t) => {
  await using stand = await startStand();
  const lies = KNOWN.map(([carrier, text], at) => ({ table: at % TABLE_COUNT, carrier, text }));

  for (const mode of ["dry-run", "create"] as const) {
    await t.step(`what got through once does not: ${mode}`, async () => {
      for (const liar of ["active", "passive"] as const) {
        await hostileLies(stand, lies, { liar, mode, user: "all rights", json: mode !== "create" });
      }
    });
  }

  await t.step("nor in the program as its users run it", async () => {
    const { sites, tap } = stand;
    await using relay = startAnswersRelay(sites.primary.url, liar(lies, tap.port));
    const environment = {
      ...environmentOf("dr", sites.dr, reachedAt(sites.primary, relay.url)),
      AUTO_CREATE_TABLES: "true",
    };
    await using chSync = await installChSync({ ...environment, CH_EXCLUDE_PATTERNS: "vault.*" });
    const before = await stand.look("passive");
    for (const mode of ["--dry-run", "--doctor"]) {
      const { code, stdout, stderr } = await chSync.run([mode]);
      assert.ok(mode === "--doctor" ? code === 0 || code === 1 : code === 3 || code === 1, stderr);
      assert.doesNotMatch(stdout + stderr, /\bat \S+:\d+:\d+|Cannot read/);
    }
    assert.deepEqual(await stand.look("passive"), before);
    assert.deepEqual(tap.heard(), []);
  });

  await t.step(`long texts, seed ${SEED}`, async () => {
    const some = longLies(SEED).slice(0, 2 * TABLE_COUNT);
    await hostileLies(stand, some, { liar: "active", mode: "dry-run", user: "all rights", json: false });
  });

  await t.step(`any lie, in the modes that are quick, seed ${SEED}`, async () => {
    await hostileSites(stand, { lies: casesOf("quickLies"), modes: QUICK, seed: SEED });
  });

  await t.step(`any lie, in the daemon and in a drill, seed ${SEED}`, async () => {
    await hostileSites(stand, { lies: casesOf("slowLies"), modes: SLOW, seed: SEED });
  });
});
