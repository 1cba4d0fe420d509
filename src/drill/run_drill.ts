/** A failback, rehearsed on a scratch database: the very code of a check repairs and proves it. */
import { runCheck } from "../check/check.ts";
import type { CheckPorts } from "../check/ports.ts";
import type { ScratchDatabase } from "../clickhouse/scratch_database.ts";
import type { DrillStep } from "../model/drill.ts";
import type { CheckReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { type ActiveSite, otherSite } from "../model/site.ts";
import { isClean } from "../reconcile/judge_check.ts";
import { ALL, HERE, MISSING, THERE } from "./scratch_rows.ts";

export interface DrillOptions {
  /** Of the drill's own user. */
  readonly ports: CheckPorts;
  readonly here: ScratchDatabase;
  readonly there: ScratchDatabase;
  /** Name of the scratch database at both sites. */
  readonly database: string;
  readonly settings: Settings;
  readonly resolve: () => Promise<{ readonly active: ActiveSite; readonly problem: string | null }>;
  /** Names of scratch databases that a drill of this installation left behind. */
  readonly leftovers: (names: readonly string[]) => readonly string[];
  /** Hears each step as it ends. */
  readonly onStep: (step: DrillStep) => void;
}

class Failed extends Error {}

/** Runs all steps, or up to the one that fails; removes everything in any case. True: all passed. */
export async function runDrill(options: DrillOptions): Promise<boolean> {
  const { ports, here, there, onStep, resolve, settings } = options;
  let passed = true;
  const step = async (name: string, act: () => Promise<string>): Promise<void> => {
    if (!passed) return;
    const begun = performance.now();
    const end = (detail: string) =>
      onStep({ name, seconds: (performance.now() - begun) / 1000, detail, passed });
    try {
      end(await act());
    } catch (error) {
      passed = false;
      end(advised(error));
    }
  };
  await step("ask who is active", async () => {
    const { active, problem } = await resolve();
    if (active === "unknown") throw new Failed(problem ?? "DNS names no site as the active one");
    return `${active} (this site: ${settings.role})`;
  });
  await step("remove what an earlier drill left", async () => {
    let removed = 0;
    for (const site of [here, there]) {
      for (const name of options.leftovers(await site.others(prefixOf(options.database)))) {
        await site.drop(name);
        removed++;
      }
    }
    return removed === 0 ? "nothing" : `${removed} databases`;
  });
  let made = false;
  await step("make a scratch database at both sites", async () => {
    made = true;
    await Promise.all([here.create(), there.create()]);
    return options.database;
  });
  try {
    await step("load rows there, and fewer here", async () => {
      for (const rows of THERE) await there.load(rows);
      for (const rows of HERE) await here.load(rows);
      return `${ALL} rows there; ${MISSING} of them are missing here: scattered ones, some hours, a day`;
    });
    await step("check and repair", async () => {
      const report = completed(await check(options));
      const moved = report.tables.flatMap(({ findings }) => findings).filter(({ repaired }) => repaired);
      const rows = moved.reduce((sum, { missing }) => sum + missing, 0n);
      const others = report.tables.flatMap(({ findings }) => findings).filter(({ repaired }) => !repaired);
      if (others.length > 0) {
        throw new Failed(others.map(({ reason, detail }) => `${reason}: ${detail}`).join("; "));
      }
      if (rows !== BigInt(MISSING)) throw new Failed(`${rows} rows were repaired, and not ${MISSING}`);
      return `${moved.length} partitions, ${rows} rows`;
    });
    await step("check again", async () => {
      const report = completed(await check(options));
      const [table] = report.tables;
      if (!isClean(report) || table?.compared.rows !== BigInt(ALL)) {
        throw new Failed("the check after the repair is not clean");
      }
      return `clean: ${table.compared.rows} rows by two digests`;
    });
    await step("compare both sites by other hashes", async () => {
      const [mine, theirs] = await Promise.all([here.content(), there.content()]);
      if (mine !== theirs) throw new Failed(`here ${mine}; there ${theirs}`);
      return "the same rows, none missing, none twice";
    });
  } finally {
    if (made) await remove(options, onStep).catch(() => passed = false);
  }
  return passed;

  async function remove({ here, there, database }: DrillOptions, tell: (step: DrillStep) => void) {
    const begun = performance.now();
    const done = await Promise.allSettled([here.drop(), there.drop()]);
    const problem = done.find((one) => one.status === "rejected")?.reason;
    const seconds = (performance.now() - begun) / 1000;
    const name = "remove the scratch database";
    const advice = `${advised(problem)}. Drop ${database} by hand, or let the next drill do it`;
    tell({ name, seconds, detail: problem ? advice : "from both sites", passed: !problem });
    if (problem) throw problem;
  }

  async function check({ database, settings }: DrillOptions): Promise<CheckReport> {
    return await runCheck(ports, {
      settings: { ...settings, excludePatterns: [], autoCreateTables: false },
      dryRun: false,
      only: new Set([`${database}.http`]),
      accepted: new Set(),
      // Another one than the daemon's: what that stages at the same time is not the drill's to drop.
      installation: "drill",
      agreements: new Map(),
      deep: true,
      now: new Date(),
    });
  }
}

/** `ch_sync_drill_dr_0123abcd_` of `ch_sync_drill_dr_0123abcd_m5x1`. */
function prefixOf(database: string): string {
  return database.slice(0, database.lastIndexOf("_") + 1);
}

function completed(report: CheckReport): CheckReport {
  if (report.outcome !== "completed") throw new Failed(report.error ?? "the check was not completed");
  return report;
}

function advised(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /ACCESS_DENIED|code 497|READONLY|code 164|code 516/.test(text)
    ? `${text}. Run scripts/grants-drill.sql at both sites, and set DRILL_USER and DRILL_PASSWORD_FILE`
    : text;
}

/** The role that makes a check pull from the other site, whoever is active. */
export function pretendPassive({ role }: Settings): CheckPorts["role"] {
  return {
    resolve: () => Promise.resolve({ active: otherSite(role), unexpected: [], problem: null }),
  };
}
