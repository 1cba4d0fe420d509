/** From what was discovered to a plan for each table. Reads rows at both sites, changes nothing. */
import type { Cause } from "../../model/cause.ts";
import type { TablePlan } from "../../model/plan.ts";
import type { ActiveSite, Distance } from "../../model/site.ts";
import type { TablePair } from "../../model/table.ts";
import { awaitSteadyRole } from "../../verdict/steady_role.ts";
import { Budget } from "../budget.ts";
import type { CheckOptions } from "../check_options.ts";
import type { Choice } from "../tables/choose_partitions.ts";
import type { Discovery } from "../tables/discovery.ts";
import type { ExamineContext } from "./examine_context.ts";
import { examineTable, failedTable } from "./examine_table.ts";
import { finding } from "../../model/report.ts";
import { tablePlan } from "../../model/plan.ts";
import type { SiteFacts } from "../open/open_sites.ts";
import { placesBeside, sideBySide, workersFor } from "./tables_at_a_time.ts";
import { PartitionReader } from "../compare/partition_reader.ts";
import type { Doubts } from "../replicas/looked.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { explainViews } from "../views/explain_views.ts";
import { refuseDefinitions } from "../tables/refuse_table.ts";
import { namePlace } from "../tables/staging_place.ts";
import { unsteadyFunctions } from "../tables/unstable_partitions.ts";

/** Hashes that the repairs of one check may name: 8 bytes each, as long as its report lives. */
const MOST_HASHES = 1_000_000n;

/** What the examination of every table needs to know. */
export async function examineContext(
  ports: CheckPorts,
  { settings, dryRun, deep, steady, verify = false }: CheckOptions,
  discovery: Discovery,
  { moment, here, there }: SiteFacts,
  active: ActiveSite,
  chosen?: Pick<Choice, "partitions" | "failed">,
): Promise<ExamineContext> {
  const { pairs, derived, ambiguous, summaries } = discovery;
  const compared = pairs.filter(({ name }) => !derived.has(name) && !ambiguous.has(name));
  return {
    ...discovery,
    settings,
    moment,
    deep,
    refused: new Map([
      ...chosen?.failed ?? [],
      ...await refuseDefinitions(ports, pairs, { here: here.timezone, there: there.timezone }),
    ]),
    verify,
    ...chosen ? { chosen: chosen.partitions } : {},
    unsteady: await unsteadyFunctions(ports, pairs),
    upstream: explainViews(ports, discovery, settings.timeColumns),
    reader: new PartitionReader(ports, compared, summaries),
    hashBudget: new Budget(MOST_HASHES),
    budget: new Budget(BigInt(Math.floor(settings.verifyBudget * settings.checkIntervalSeconds / 3600))),
    // If the plan is shown, or if no repair will prove it, everything is looked for.
    presumes: !dryRun && await ports.repairsWait() === null,
    roleAwaited: awaitSteadyRole(settings, steady, active),
  };
}

/** Plans tables side by side, as many as the servers can take. A failure is in the table's plan, and the others go on. */
export async function planTables(
  ports: CheckPorts,
  discovery: Discovery,
  context: ExamineContext,
  facts: SiteFacts & Distance,
  doubts: Doubts,
): Promise<TablePlan[]> {
  const { pairs } = discovery;
  const { step = (_name, run) => run() } = ports;
  const plan = async (pair: TablePair): Promise<TablePlan | null> => {
    if (ports.signal.aborted) return null;
    ports.observer.checkingTable(pair.name);
    const examine = async () => tablePlan(pair.name, await examineTable(ports, pair, context));
    const run = async () =>
      notCompared(pair, discovery, doubts, context) ??
        await examine().catch((error) => failedTable(pair.name, error));
    return await step({ kind: "table", table: pair.name }, run, summary);
  };
  ports.observer.tablesFound(pairs.length);
  const workers = workersFor(context.settings.maxConcurrentTables, facts);
  const plans = await sideBySide(pairs, workers, placesBeside(ports, facts, workers - 1), plan);
  return plans.filter((plan) => plan !== null);
}

const DERIVED = {
  cause: "derived_waiting",
  detail: "filled by a view; compared once its sources are whole and at rest",
} as const;

/** Of its sources, too, only some partitions are looked at. */
const NOT_IN_PART = {
  cause: "derived_waiting",
  detail:
    "filled by a view: not looked at by a check of some partitions, which does not tell whether its sources are whole",
} as const;

/** The plan of a table that is never compared; null: this one is compared. */
function notCompared(
  { name, here }: TablePair,
  { derived, unprovable, ambiguous, unstaged }: Discovery,
  doubts: Doubts,
  { chosen }: Pick<ExamineContext, "chosen">,
): TablePlan | null {
  const say = (cause: Cause, detail: string) =>
    tablePlan(name, { findings: [finding(name, null, cause, detail)] });
  if (ambiguous.has(name)) {
    return say(
      "two_of_a_name",
      "two tables have this name, because a name has a dot in it; rename one of them",
    );
  }
  if (unstaged.has(name)) return say("no_staging", namePlace(here.id));
  const doubted = doubts.tables.get(name);
  if (doubted) return tablePlan(name, { findings: [doubted] });
  const { cause, detail } = unprovable.get(name) ?? (chosen ? NOT_IN_PART : DERIVED);
  return derived.has(name) ? say(cause, detail) : null;
}

/** What a trace tells about a table. */
function summary({ report, plans }: TablePlan) {
  const { partitions, compared, findings } = report;
  const error = findings.find(({ reason }) => reason === "failed")?.detail;
  const facts = { partitions, rows: Number(compared.rows), findings: findings.length + plans.length };
  return error === undefined ? facts : { ...facts, error };
}
