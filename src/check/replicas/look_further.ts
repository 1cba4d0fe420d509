/** Looks at the servers of both sites that are not read, once a check: at their queues, and which tables they have. */
import type { OtherServers } from "../../model/other_servers.ts";
import type { Finding, TableReport } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Discovery } from "../tables/discovery.ts";
import type { Side } from "./believe.ts";
import {
  databasesElsewhere,
  elsewhere,
  type FoundFurther,
  lackingReplicas,
  queuedFurther,
  unanswered,
} from "./judge_other_servers.ts";
import { type Doubts, isReplicated } from "./looked.ts";

export const NOTHING_FURTHER: FoundFurther = {
  tables: new Map(),
  lacking: new Map(),
  others: [],
  warnings: [],
};

const NOBODY: OtherServers = { servers: [], unseen: null };

/** Sites without Replicated and Distributed tables are asked nothing. */
export async function lookFurther(
  ports: Pick<CheckPorts, "here" | "there">,
  { pairs, distributed, uncounted, compared, known: shown }: Pick<
    Discovery,
    "pairs" | "distributed" | "uncounted" | "compared" | "known"
  >,
  { excludePatterns }: Pick<Settings, "excludePatterns">,
): Promise<FoundFurther> {
  const ask = async (side: Side) => {
    const queues = side === "here" ? distributed.here : distributed.there;
    if (queues.length === 0 && !pairs.some((pair) => isReplicated(pair, side))) return NOBODY;
    return await (side === "here" ? ports.here : ports.there).otherServers(queues.length > 0);
  };
  const [here, there] = await Promise.all([ask("here"), ask("active")]);
  const known = (side: "here" | "there") => ({
    distributed: distributed[side],
    uncounted: uncounted[side],
    excludePatterns,
  });
  const queues = [
    queuedFurther(here, "here", pairs, known("here"), compared),
    queuedFurther(there, "active", pairs, known("there"), compared),
  ];
  return {
    tables: new Map(queues.flatMap(({ tables }) => [...tables])),
    lacking: lackingReplicas(here, pairs),
    others: [...queues.flatMap(({ others }) => others), ...elsewhere(there, shown, excludePatterns)],
    warnings: [
      ...databasesElsewhere(there, shown.databases, excludePatterns),
      ...unanswered(here, "here", distributed.here.length > 0),
      ...unanswered(there, "active", distributed.there.length > 0),
    ],
  };
}

/** What is in doubt of the replicas that are read comes first. */
export function withDoubts(doubts: Doubts, { tables, others }: FoundFurther): Doubts {
  return { tables: new Map([...tables, ...doubts.tables]), others: [...doubts.others, ...others] };
}

/** Adds what does not stand against comparing and repairing a table. */
export function withLacking(
  reports: readonly TableReport[],
  lacking: ReadonlyMap<string, Finding>,
): TableReport[] {
  return reports.map((report) => {
    const found = lacking.get(report.table);
    return found ? { ...report, findings: [...report.findings, found] } : report;
  });
}
