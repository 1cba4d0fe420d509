/**
 * Generated histories of what systems in the field go through: views that come and go, targets that are written to, writers with ids
 * of their own, values that each site makes up, TTLs of one site, times that are whole numbers, profiles. On two real sites.
 */
import assert from "node:assert/strict";
import { casesOf } from "../support/cases.ts";
import { fc } from "../support/seed.ts";
import { isClean, isSettled } from "../../src/verdict/clean.ts";
import type { CheckReport } from "../../src/model/report.ts";
import type { TimeColumn } from "../../src/model/settings.ts";
import { checkSites, findingsOf } from "../support/sites/check_sites.ts";
import {
  assertNothingDoubled,
  assertNothingPassedOver,
  assertNotStuck,
  look,
  newPast,
  type Past,
  remember,
  sitesOf,
} from "../support/data/histories/field_model.ts";
import { type History, history, PROFILES, statement } from "../support/data/histories/field_steps.ts";
import {
  createTables,
  createView,
  KEEP,
  KEEP_ROWS,
  TARGETS,
  UNITS,
} from "../support/data/histories/field_tables.ts";
import { onBoth } from "../support/data/telemetry.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { type Site, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

/** The site as ch-sync reaches it with a profile. */
function withProfile(site: Site, profile: number): Site {
  const endpoint = { url: site.url, user: `profile${profile}`, password: "pw" };
  return { ...site, writer: endpoint, reader: endpoint };
}

function timeColumns({ time, named }: Past): TimeColumn[] {
  return !named || time === "DateTime" ? [] : [{ pattern: "d.*.ts", unit: UNITS[time] }];
}

interface Look {
  readonly settleSeconds: number;
  readonly deep: boolean;
}

async function check(
  sites: TwoSites,
  past: Past,
  memory: string,
  { settleSeconds, deep }: Look,
): Promise<CheckReport> {
  const before = await look(sites, past, settleSeconds);
  const { primary, dr } = past.profiles;
  const reached = { ...sites, primary: withProfile(sites.primary, primary), dr: withProfile(sites.dr, dr) };
  const report = await checkSites(reached, {
    settings: { settleSeconds, timeColumns: timeColumns(past), excludePatterns: ["system.*", "d.gone"] },
    memory,
    deep,
  });
  const after = await look(sites, past, settleSeconds);
  const said = findingsOf(report).map(({ table, partitionId, cause, repaired, detail }) =>
    [table, partitionId, cause, repaired, detail].join(" | ")
  );
  const say = `${past.steps.length} steps, ${JSON.stringify({ settleSeconds, deep })}\n${report.error ?? ""}${
    said.join("\n")
  }`;
  assertNothingDoubled(before, after, past, say);
  if (!Object.values(past.years.primary).includes(10)) assert.deepEqual(after.there, before.there, say);
  if (deep) assertNothingPassedOver(after, report, say);
  return report;
}

/** What takes rows from the source, now or later. */
const TAKING: ReadonlySet<string> = new Set(["lose rows", "hide rows", "expire rows"]);

async function live(sites: TwoSites, history: History, memory: string): Promise<void> {
  const { time, madeUp, steps, mended } = history;
  const past = newPast(history);
  await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", ...createTables(time, madeUp));
  await onBoth(sites, ...TARGETS.map((target) => createView(target, time)));
  await sites.dr.query(KEEP);
  const ends = mended ? TARGETS.map((target) => ({ kind: "make view", at: "both", target } as const)) : [];
  for (const [number, step] of [...steps, ...ends].entries()) {
    remember(past, step);
    if (step.kind === "check") await check(sites, past, memory, step);
    if (!("at" in step)) continue;
    const now = Math.floor(Date.now() / 1000);
    for (const site of sitesOf(step)) {
      const sql = statement(step, site, number, history, now);
      if (site === "dr" && TAKING.has(step.kind)) await sites.dr.query(KEEP_ROWS);
      if (sql !== null) await sites[site].query(sql);
    }
  }
  // What was written within this second is not at rest yet.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const last = { settleSeconds: 0, deep: true };
  await check(sites, past, memory, last);
  await check(sites, past, memory, last);
  const report = await check(sites, past, memory, last);
  const say = findingsOf(report).map(({ table, partitionId, cause, detail }) =>
    [table, partitionId, cause, detail].join(" | ")
  );
  assertNotStuck(findingsOf(report), past, `${report.error ?? ""}${say.join("\n")}`);
  assert.ok(
    isClean(report) || report.error !== null || findingsOf(report).some((found) => !isSettled(found)),
  );
  assert.equal(await sites.dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
}

Deno.test("whatever became of two sites: nothing is doubled, nothing passed over, and nothing refused for no reason", async () => {
  const users = Object.fromEntries(
    PROFILES.map((profile, at) => [`profile${at}`, { password: "pw", profile }]),
  );
  await using sites = await startTwoSites({ users });
  await fc.assert(
    fc.asyncProperty(history, async (history) => {
      await using memory = await temporaryDirectory();
      await live(sites, history, memory.path);
    }),
    { numRuns: casesOf("fieldHistories") },
  );
});
