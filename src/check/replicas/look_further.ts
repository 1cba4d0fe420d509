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

const NOTHING_FURTHER: FoundFurther = {
  tables: new Map(),
  lacking: new Map(),
  others: [],
  warnings: [],
};

const NOBODY: OtherServers = { servers: [], unseen: null };

/**
 * Sites without Replicated and Distributed tables are asked nothing.
 *
 * @param limited whether the check is, to some of the tables: then only what concerns these is told, as it makes no site ready
 */
export async function lookFurther(
  ports: Pick<CheckPorts, "here" | "there">,
  { pairs, queues, compared, known: shown }: Pick<Discovery, "pairs" | "queues" | "compared" | "known">,
  { excludePatterns }: Pick<Settings, "excludePatterns">,
  limited: boolean,
): Promise<FoundFurther> {
  const distributed = {
    here: queues.here.distributed.length > 0,
    there: queues.there.distributed.length > 0,
  };
  const ask = async (side: "here" | "there") => {
    const needed = distributed[side] || pairs.some((pair) => isReplicated(pair, SIDE[side]));
    return needed
      ? await (side === "here" ? ports.here : ports.there).otherServers(distributed[side])
      : NOBODY;
  };
  const [here, there] = await Promise.all([ask("here"), ask("there")]);
  const waiting = [
    queuedFurther(here, "here", pairs, queues.here, compared),
    queuedFurther(there, "active", pairs, queues.there, compared),
  ];
  const tables = new Map(waiting.flatMap(({ tables }) => [...tables]));
  const warnings = [
    ...unanswered(here, "here", queues.here),
    ...unanswered(there, "active", queues.there),
  ];
  if (limited) return { ...NOTHING_FURTHER, tables, warnings };
  return {
    tables,
    lacking: lackingReplicas(here, pairs),
    others: [...waiting.flatMap(({ others }) => others), ...elsewhere(there, shown, excludePatterns)],
    warnings: [...databasesElsewhere(there, shown.databases, excludePatterns), ...warnings],
  };
}

const SIDE = { here: "here", there: "active" } as const satisfies Record<string, Side>;

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
