/** Looking at the replicas once more: before a repair, and before FAILBACK READY depends on what was compared. */
import type { Repair } from "../../model/repair.ts";
import type { Finding, TableReport } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import { isSettled } from "../../verdict/clean.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Discovery } from "../tables/discovery.ts";
import { allSources } from "../views/derived_tables.ts";
import { lookAtSites } from "./look_at_sites.ts";

type Known = Pick<Discovery, "pairs" | "sources" | "derived" | "queues" | "compared">;

/** Why a partition must not be repaired now: rows of it, or of what its rows are fed to, may be on their way. */
export function doubtOfRepairs(
  ports: Pick<CheckPorts, "here" | "there" | "signal">,
  discovery: Known,
): (repair: Repair) => Promise<Finding | null> {
  return async ({ pair, partitionId, method }) => {
    const fed = method === "insert" ? fedBy(pair, discovery) : [];
    const options = { partitionId: fed.length === 0 ? partitionId : null, strict: true, keeper: true };
    const { tables } = await lookAtSites(ports, [pair, ...fed], discovery, options);
    return tables.get(pair.name) ?? [...tables.values()].map((found) => ({
      ...found,
      table: pair.name,
      detail: `its views fill ${found.table}: ${found.detail}`,
    }))[0] ?? null;
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
