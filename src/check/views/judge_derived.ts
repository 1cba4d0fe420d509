/** From what was found of the target of views to what is said of it. */
import type { Cause } from "../../model/cause.ts";
import type { PartitionPlan, TablePlan } from "../../model/plan.ts";
import type { Reason } from "../../model/reason.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import { isSettled } from "../../verdict/clean.ts";
import { sayMore } from "../plan/plan_policies.ts";
import type { TargetShape } from "./target_shape.ts";
import { counted, grouped } from "../../text/readable.ts";

/** A plan of a target that is put together by key, after its keys were held against each other. */
export interface Refined {
  readonly plan: TablePlan;
  /** What cannot be told of the same keys, in words. */
  readonly untold: readonly string[];
  /** Partitions that still change, of which nothing tells which rows are settled. */
  readonly waiting: readonly PartitionPlan[];
}

/** What would be wrong whatever filled the table: nothing is known of it then. */
const KNOWS_NOTHING: ReadonlySet<Reason> = new Set(["failed", "filtered", "mutating", "drifted"]);

/** Which partitions of the plan are at rest is judged by the caller; others may still be filled. */
export type Restless = (partitionId: string) => boolean;

/**
 * Where rows make the same at both sites, a difference is what it is of any table. Elsewhere it proves nothing: it is said, with
 * what both sites hold; only what is not here at all is copied, and what may be added any number of times.
 */
export function judgeDerived(
  { name, here }: TablePair,
  { method, doubt }: TargetShape,
  { plan: { report, plans }, untold, waiting }: Refined,
  restless: Restless,
): TablePlan {
  if (report.findings.some(({ reason, partitionId }) => partitionId === null && isGrave(reason))) {
    return { report, plans };
  }
  const whole = plans.map((plan) => method === "rows" && doubt === null ? plan : awaitRest(plan, restless));
  const open = whole.filter((plan) => plan.finding && !isSettled(plan.finding));
  const addsAgain = here.mergeRule.kind === "aggregate" && here.mergeRule.again;
  const ties = here.traits.lastRowWins || addsAgain ? TIES : new Set<Cause>();
  const wrong = open.filter((plan) =>
    doubt === null
      ? ties.has(plan.finding!.cause)
      : !isAbsent(plan) && !isGrave(plan.finding!.reason) && !(addsAgain && lacksRows(plan))
  );
  // Beside what is brought here.
  const tied = open.filter((plan) =>
    !wrong.includes(plan) && plan.held && (doubt !== null || ties.has(plan.held.cause))
  );
  const why = doubt ??
    `of the ${
      addsAgain ? "values of a key any may stay" : "rows of a key the one that was inserted last stays"
    }, which need not be the same at both sites`;
  const said = whole.filter((plan) => !wrong.includes(plan) && plan.finding?.reason !== "unmerged")
    .map((plan) => tied.includes(plan) ? withoutHeld(plan) : plan);
  const findings = report.findings.filter(({ reason }) => reason !== "unmerged");
  const gaps = said.filter((plan) => plan.finding && !isSettled(plan.finding) && plan.repair === null);
  const known = [...findings.filter((found) => !isSettled(found)), ...gaps];
  const unproven = [...wrong, ...tied];
  const summary = unproven.length > 0
    ? {
      ...say(
        name,
        "derived_unproven",
        `${figures(unproven)}, and they are not the same, and that proves nothing: ${why}`,
      ),
      ...sums(unproven),
    }
    : untold.length > 0 && known.length === 0
    ? say(name, "derived_unproven", `filled by a view; ${untold.join("; ")}`)
    : waiting.length > 0 && known.length === 0
    ? {
      ...say(
        name,
        "derived_waiting",
        `${
          figures(waiting)
        }, and they are not the same; they still change, and nothing in them tells when: compared once they rest`,
      ),
      ...sums(waiting),
    }
    : known.length === 0
    ? say(name, "derived_proven", proven(report.partitions, said))
    : null;
  return { report: { ...report, findings: [...findings, ...summary ? [summary] : []] }, plans: said };
}

/** What is found where the last row of a key wins. */
const TIES: ReadonlySet<Cause> = new Set(["same_version", "last_row_wins"]);

function isGrave(reason: Reason): boolean {
  return KNOWS_NOTHING.has(reason);
}

function isAbsent({ finding, repair }: PartitionPlan): boolean {
  return finding?.reason === "missing" && finding.rowsHere === 0n && repair !== null;
}

function withoutHeld({ held: _, ...plan }: PartitionPlan): PartitionPlan {
  return plan;
}

/** What a key has not seen yet: where it does no harm to have seen it before, it is added whatever it proves. */
function lacksRows({ finding }: PartitionPlan): boolean {
  return finding?.reason === "missing" || finding?.reason === "partial";
}

/** What is put together is complete, and copied, only once it has been left alone for a while. */
function awaitRest(plan: PartitionPlan, restless: Restless): PartitionPlan {
  const { finding, repair } = plan;
  if (!finding || !repair || !restless(plan.partitionId)) return plan;
  const more = "copied once neither site's rows of the partition have changed for a while";
  return {
    ...plan,
    finding: sayMore({ ...finding, repair: null, sql: [] }, more),
    repair: null,
    ifAccepted: null,
  };
}

function say(table: string, cause: Cause, detail: string): Finding {
  return finding(table, null, cause, detail);
}

function proven(partitions: number, said: readonly PartitionPlan[]): string {
  const repaired = said.filter(({ repair }) => repair !== null).length;
  return repaired > 0
    ? `filled by a view; ${repaired} of its partitions ${
      repaired === 1 ? "was" : "were"
    } not what the active site holds, and ${repaired === 1 ? "is" : "are"} copied from there`
    : `filled by a view, and compared with the active site's: ${
      counted(partitions, "partition holds", "partitions hold")
    } the same`;
}

/** Partitions that are named at most. */
const NAMED = 5;

function figures(plans: readonly PartitionPlan[]): string {
  const { rowsActive, rowsHere } = sums(plans);
  const named = plans.slice(0, NAMED).map(({ partitionId }) => partitionId).join(", ");
  const more = plans.length > NAMED ? ` and ${plans.length - NAMED} more` : "";
  return `filled by a view; in ${plans.length} of its partitions (${named}${more}) the active site holds ${
    counted(rowsActive, "row")
  }, ` +
    `this one ${grouped(rowsHere)}`;
}

function sums(plans: readonly PartitionPlan[]): Pick<Finding, "rowsActive" | "rowsHere"> {
  const rows = (of: "rowsActive" | "rowsHere") =>
    plans.reduce((sum, { finding }) => sum + (finding?.[of] ?? 0n), 0n);
  return { rowsActive: rows("rowsActive"), rowsHere: rows("rowsHere") };
}
