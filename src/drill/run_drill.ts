/** Rehearsing a failback in a scratch database: the code of a real check finds, repairs and proves. */
import { errorText } from "../text/error_text.ts";
import { runCheck } from "../check/check.ts";
import { NO_STEADY_ROLE } from "../verdict/steady_role.ts";
import { isExcluded } from "../check/tables/select_tables.ts";
import { proveNativeRoad, readFacts } from "../check/open/open_sites.ts";
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { CheckReport } from "../model/report.ts";
import { ONE_ADDRESS_EACH } from "../model/replica_pick.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite } from "../model/site.ts";
import { isClean } from "../verdict/clean.ts";
import { advise, assertRights } from "./drill_grants.ts";
import type { DrillOptions } from "./drill_options.ts";
import { removeLeftovers, removeScratch } from "./remove_scratch.ts";
import { ALL, HERE, MISSING, THERE } from "./scratch_rows.ts";
import { counted, grouped } from "../text/readable.ts";

class StepFailed extends Error {}

/** Runs all steps, or up to the first that fails; removes everything in any case. True: all passed. */
export async function runDrill(options: DrillOptions): Promise<boolean> {
  const { ports, here, there, onStep, settings } = options;
  let passed = true;
  const step = async (name: string, act: () => Promise<string>): Promise<void> => {
    if (!passed) return;
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    try {
      const detail = await act();
      onStep({ name, seconds: seconds(), detail, passed, remedy: null });
    } catch (error) {
      passed = false;
      const detail = errorText(error);
      onStep({ name, seconds: seconds(), detail, passed, remedy: await advise(error, options) });
    }
  };
  await step("ask who is active", async () => {
    const { active, problem } = await options.resolve();
    if (active === "unknown") throw new StepFailed(problem ?? "DNS names no site as the active one");
    return `${active} (this site: ${settings.role})`;
  });
  await step("reach both sites", async () => {
    const facts = await readFacts(ports, settings, options.replicas);
    await proveNativeRoad(ports, facts, settings);
    return `${facts.here.version} here, ${facts.there.version} at the other site; this site's server reads the other one`;
  });
  await step("remove what an earlier drill left", () => removeLeftovers(options));
  try {
    await step("make a scratch database at both sites", () => make(options));
    await step("load rows at the other site, and fewer here", async () => {
      // Where both sites have shards, they spread their rows by rules of their own.
      for (const rows of THERE) await there.load(rows, "number");
      for (const rows of HERE) await here.load(rows, "intDiv(number, 1000)");
      return `${grouped(ALL)} rows at the other site; ${
        grouped(MISSING)
      } of them are missing here: scattered ones, some hours, a day`;
    });
    await step("find what is missing", async () => moved(await check(options, true)));
    await step("repair and prove", async () => moved(await check(options, false)));
    await step("check again", async () => {
      const report = await check(options, false);
      const [table] = report.tables;
      const found = report.tables.flatMap(({ findings }) => findings).map(({ detail }) => detail);
      // A check that fixes what the repair before it did wrong is clean, too.
      if (!isClean(report) || found.length > 0 || table?.compared.rows !== BigInt(ALL)) {
        throw new StepFailed(["the check after the repair is not clean", ...found].join("; "));
      }
      return `clean: ${counted(table.compared.rows, "row")} by two digests`;
    });
    await step("compare both sites by other hashes", async () => {
      const [rowsHere, rowsThere] = await Promise.all([here.content(), there.content()]);
      if (rowsHere !== rowsThere) throw new StepFailed(`here: ${rowsHere}; at the other site: ${rowsThere}`);
      return "the same rows, none missing, none doubled";
    });
  } finally {
    const removed = await removeScratch(options);
    if (removed) onStep(removed);
    passed &&= removed?.passed ?? true;
  }
  return passed;
}

/** Waits for both in any case: a database still being made when the other fails would not be removed. */
async function make(options: DrillOptions): Promise<string> {
  const { here, there, database } = options;
  await assertRights(options);
  const done = await Promise.allSettled([here.create(), there.create()]);
  for (const one of done) if (one.status === "rejected") throw one.reason;
  return database;
}

async function check(
  { ports, database, settings }: DrillOptions,
  dryRun: boolean,
): Promise<CheckReport> {
  const table = `${database}.http`;
  // Those that name clusters count as ever.
  const patterns = settings.excludePatterns.filter((pattern) => !isExcluded(table, [pattern]));
  const report = await runCheck(ports, {
    settings: { ...settings, excludePatterns: patterns, autoCreateTables: false },
    replicas: ONE_ADDRESS_EACH,
    dryRun,
    only: new Set([table]),
    accepted: new Set(),
    // Not the daemon's: what the daemon stages at the same time must not be dropped by the drill.
    installation: "drill",
    agreements: new Map(),
    deep: true,
    steady: NO_STEADY_ROLE,
    now: new Date(),
  });
  if (report.outcome === "aborted") throw new StepFailed("ch-sync is shutting down");
  if (report.outcome !== "completed") throw new StepFailed(report.error ?? "the check was not completed");
  return report;
}

/** What a check found, or repaired. Throws if that is anything but the rows that the drill left out. */
function moved({ tables, dryRun }: CheckReport): string {
  const findings = tables.flatMap(({ findings }) => findings);
  const others = findings.filter(({ reason, repaired }) =>
    dryRun ? reason !== "missing" && reason !== "partial" : !repaired
  );
  if (others.length > 0) {
    throw new StepFailed([...new Set(others.map(({ reason, detail }) => `${reason}: ${detail}`))].join("; "));
  }
  const rows = findings.reduce((sum, { missing }) => sum + missing, 0n);
  if (rows !== BigInt(MISSING)) {
    throw new StepFailed(
      `${counted(rows, "row was", "rows were")} ${dryRun ? "found" : "repaired"}, and not ${MISSING}`,
    );
  }
  return `${counted(findings.length, "partition")}, ${counted(rows, "row")}`;
}

/** The role that makes a check pull from the other site, whoever is active. */
export function pretendPassive({ role }: Settings): CheckPorts["role"] {
  return {
    resolve: () => Promise.resolve({ active: otherSite(role), unexpected: [], problem: null }),
  };
}
