/** Which tables may be repaired beside each other, and which wait for those before them. */
import type { TablePlan } from "../../model/plan.ts";
import type { Sources } from "../views/derived_tables.ts";

/**
 * Cuts the plans into runs, without changing their order. The tables of one run have nothing to do with each other; a table that
 * feeds views, or is read by one, is a run of its own: what its repair finds depends on what came before it.
 *
 * @param partners other tables that the views of a table read
 */
export function runsOf(plans: readonly TablePlan[], partners: Sources): TablePlan[][] {
  const read = new Set([...partners.values()].flatMap((names) => [...names]));
  const tied = ({ report: { table }, plans }: TablePlan) =>
    (partners.get(table)?.size ?? 0) > 0 || read.has(table) ||
    plans.some(({ repair }) => repair !== null && !standsAlone(repair.repair));
  const runs: TablePlan[][] = [];
  let open = false;
  for (const plan of plans) {
    const alone = tied(plan);
    if (open && !alone) runs.at(-1)!.push(plan);
    else runs.push([plan]);
    open = !alone;
  }
  return runs;
}

type Planned = NonNullable<TablePlan["plans"][number]["repair"]>["repair"];

/** Whether a repair adds rows to its own table, and touches nothing else. */
function standsAlone({ method, pair }: Planned): boolean {
  return method === "attach" && pair.here.feeds.length === 0;
}
