/** Looking at the replicas once more: before a repair, and before FAILBACK READY depends on what was compared. */
import type { Repair } from "../../model/repair.ts";
import type { Settings } from "../../model/settings.ts";
import type { Finding, TableReport } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import { isSettled } from "../../verdict/clean.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Discovery } from "../tables/discovery.ts";
import { allSources } from "../views/derived_tables.ts";
import { doubtsOfBuffers } from "./doubt_buffers.ts";
import { queuedFurther } from "./judge_other_servers.ts";
import { isReplicated } from "./looked.ts";
import { lookAtSites } from "./look_at_sites.ts";

/** @param copied whether its rows are copied, and about to be brought in */
export type DoubtOf = (repair: Repair, copied?: boolean) => Promise<Finding | null>;

type Known = Pick<Discovery, "pairs" | "sources" | "derived" | "queues" | "compared" | "buffers">;

/**
 * Why a partition must not be repaired now: rows of it, or of what its rows are fed to, may be on their way. Once they are copied,
 * its replicas are looked at where it is held, and only what else may bring rows here is asked again.
 */
export function doubtOfRepairs(
  ports: Pick<CheckPorts, "here" | "there" | "signal">,
  discovery: Known,
  settings: Pick<Settings, "settleSeconds">,
): DoubtOf {
  const othersHere = whileItHolds(() => ports.here.otherServers(true));
  return async ({ pair, partitionId, method }, copied = false) => {
    const fed = method === "insert" ? fedBy(pair, discovery) : [];
    const options = { partitionId: fed.length === 0 ? partitionId : null, strict: true };
    const pairs = [pair, ...fed];
    const looked = copied ? null : await lookAtSites(ports, pairs, discovery, options);
    const { queues: { here: known }, compared } = discovery;
    const asked = known.distributed.length > 0 || pairs.some((one) => isReplicated(one, "here"));
    const queued = asked ? queuedFurther(await othersHere(), "here", pairs, known, compared).tables : [];
    const buffers = { here: discovery.buffers.here, there: [] };
    const buffered = [...await doubtsOfBuffers(ports, buffers, settings)].filter(([name]) =>
      pairs.some((one) => one.name === name)
    );
    const tables = new Map([...buffered, ...queued, ...looked?.tables ?? []]);
    return tables.get(pair.name) ?? [...tables.values()].map((found) => ({
      ...found,
      table: pair.name,
      detail: `its views fill ${found.table}: ${found.detail}`,
    }))[0] ?? null;
  };
}

/** Milliseconds for which what the other servers of this site said counts: one that hangs would hold up every repair. */
const HOLDS = 60_000;

function whileItHolds<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | null = null;
  let asked = 0;
  return () => {
    // By the clock that goes on while the machine sleeps.
    if (answer === null || Math.abs(Date.now() - asked) > HOLDS) {
      answer = ask();
      asked = Date.now();
    }
    return answer;
  };
}

function fedBy({ name }: TablePair, { pairs, derived, sources }: Known): TablePair[] {
  return pairs.filter((other) => derived.has(other.name) && allSources(other.name, sources).has(name));
}

/** Reports of tables of which all seems well, looked at once more: a replica may have lost its Keeper meanwhile. */
export async function doubtAgain(
  ports: Pick<CheckPorts, "here" | "there" | "signal">,
  discovery: Known,
  reports: readonly TableReport[],
): Promise<TableReport[]> {
  const well = new Set(reports.filter(({ findings }) => findings.every(isSettled)).map(({ table }) => table));
  const { tables } = await lookAtSites(
    ports,
    discovery.pairs.filter(({ name }) => well.has(name)),
    discovery,
  );
  return reports.map((report) => {
    const doubted = tables.get(report.table);
    return doubted ? { ...report, findings: [...report.findings, doubted], remember: null } : report;
  });
}
