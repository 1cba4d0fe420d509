/** What kind the views of this site are, asked of its server. */
import type { FeedingView } from "../../model/derived_view.ts";
import type { TimeColumn } from "../../model/settings.ts";
import type { Table } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Discovery } from "../tables/discovery.ts";
import type { FedBy, Upstream } from "./target_shape.ts";

/** @returns asks when it is called first, and answers the same from then on */
export function explainViews(
  { here }: Pick<CheckPorts, "here">,
  { views, pairs, sources, tables, holding, unread }: Pick<
    Discovery,
    "views" | "pairs" | "sources" | "tables" | "holding" | "unread"
  >,
  timeColumns: readonly TimeColumn[],
): () => Promise<Upstream> {
  let asked: Promise<Upstream> | null = null;
  const ask = async (): Promise<Upstream> => {
    const unsteady = await here.unsteadyFunctions();
    const explain = async (feeding: FeedingView): Promise<FedBy> => ({
      ...feeding,
      kind: await here.viewKind(feeding, unsteady),
    });
    const explained = new Map<string, FedBy[]>();
    for (const [target, feeding] of views) explained.set(target, await Promise.all(feeding.map(explain)));
    const compared = pairs.map((pair): [string, Table] => [pair.name, pair.here]);
    return {
      tables: new Map([...tables, ...compared]),
      views: explained,
      sources,
      holding,
      unread,
      unsteady,
      timeColumns,
    };
  };
  return () => asked ??= ask();
}
