/** What a status page shows, for tests: a quiet pair of sites, and a large one on which not all is well. */
import type { Board } from "../../src/model/board.ts";
import type { SiteView } from "../../src/model/live.ts";
import type { RememberedPartition, RememberedPartitions, RememberedTable } from "../../src/model/memory.ts";
import type { Reason } from "../../src/model/reason.ts";
import type { CheckReport, TableReport } from "../../src/model/report.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { reasons } from "../../src/verdict/left_behind.ts";
import { verdictOf } from "../../src/verdict/failback_words.ts";
import { type BoardLimits, buildBoard, OVERVIEW } from "../../src/status/board.ts";
import type { PageFacts } from "../../src/status/page.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { found, report } from "./data/tables.ts";

export const NOW = new Date("2026-03-01T03:00:00.000Z");
export const POLICY = { role: "dr", failbackCleanChecks: 3, checkIntervalSeconds: 300 } as const;

/** After the third clean check, two minutes ago. */
export const READY: State = {
  ...FRESH_STATE,
  last_check: "2026-03-01T02:58:00.000Z",
  consecutive_clean: 3,
  failback_ready: true,
  ready_until: "2026-03-01T03:08:00.000Z",
  active_site: "primary",
  verified_through: "2026-03-01T02:48:00.000Z",
  tables_checked: 1,
  partitions_checked: 3,
};

export function remembered(fields: Partial<RememberedPartition> = {}): RememberedPartition {
  const proof = { here: "a", active: "b", written: 1n, city: 1n, reason: null, surplus: 0n };
  const [rowsHere, rowsActive, digestedAt] = [400n, 400n, 1_772_333_880];
  return { rowsHere, rowsActive, quiet: false, arrivedAt: null, repair: null, digestedAt, proof, ...fields };
}

export function sites(fields: Partial<SiteView> = {}): SiteView[] {
  const facts = {
    answers: true,
    replica: null,
    shards: [],
    version: "26.7.2.1",
    timezone: "Etc/UTC",
    skewSeconds: 0,
  };
  return [
    { name: "dr", side: "local", role: "passive", ...facts, ...fields },
    { name: "primary", side: "remote", role: "active", ...facts, ...fields },
  ];
}

export function facts(fields: Partial<PageFacts> = {}): PageFacts {
  const state = fields.state ?? READY;
  return {
    now: NOW,
    verdict: verdictOf(state, POLICY, fields.now ?? NOW),
    state,
    wanted: POLICY.failbackCleanChecks,
    sites: sites(),
    check: null,
    nextCheck: new Date("2026-03-01T03:03:00.000Z"),
    waiting: null,
    board: boardOf([{ partitions: 1 }], new Map([["d.t", new Map([["20260228", remembered()]])]])),
    table: null,
    events: [],
    month: new Map(),
    ...fields,
  };
}

export function boardOf(
  tables: readonly Partial<TableReport>[],
  known: ReadonlyMap<string, RememberedPartitions> = new Map(),
  limits: BoardLimits = OVERVIEW,
): Board {
  return buildBoard(report(tables), known, null, limits);
}

const KINDS: readonly Reason[] = [
  "missing",
  "partial",
  "surplus",
  "independent",
  "backfilling",
  "failed",
  "hot",
];

/** `YYYYMMDD`, so many days before `NOW`. */
export function dayBefore(days: number): string {
  return new Date(NOW.getTime() - days * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "");
}

export interface Installation {
  readonly report: CheckReport;
  readonly known: ReadonlyMap<string, RememberedPartitions>;
  readonly state: State;
}

/** @param trouble of so many partitions one carries a reason, and so does every hundredth of the others */
export function installation(tables: number, partitions: number, trouble: number): Installation {
  const names = Array.from(
    { length: tables },
    (_, at) => `telemetry_${at % 7}.service_requests_by_route_${at}`,
  );
  const known = new Map(names.map((name) => [
    name,
    new Map(Array.from({ length: partitions }, (_, age) => [dayBefore(age), remembered()] as const)),
  ]));
  const checked = names.map((table, at) => {
    const findings = Array.from({ length: partitions }, (_, age) => age)
      .filter((age) => (at * 31 + age * 17) % trouble === 0)
      .map((age) => {
        const reason = KINDS[(at + age) % KINDS.length]!;
        const detail = `${age + 7} rows of the active site are not here; 12 of 400 rows differ`;
        return found({
          table,
          partitionId: dayBefore(age),
          reason,
          detail,
          rowsActive: 400n,
          rowsHere: 393n,
          missing: 7n,
        });
      });
    return { table, partitions, findings };
  });
  const made = report(checked);
  const totals = { tables_checked: tables, partitions_checked: tables * partitions };
  const state = {
    ...READY,
    ...totals,
    failback_ready: false,
    ready_until: null,
    consecutive_clean: 0,
    verified_through: null,
    reasons: reasons(made),
  };
  return { report: made, known, state };
}

const TABLE: RememberedTable = {
  uuid: "",
  checkedAt: 0,
  settledBefore: 0,
  settledBeforeDay: 0,
  proofKey: "",
  fingerprintHere: "",
  fingerprintActive: "",
  whole: true,
  oldestDigest: 0,
  partitions: 0,
  rowsActive: 0n,
  city: 0n,
};

/** Leaves it in the directory as a check does. */
export async function rememberAll(
  directory: string,
  configDigest: string,
  known: ReadonlyMap<string, RememberedPartitions>,
): Promise<void> {
  using memory = await MemoryFile.open(directory, configDigest);
  for (const [name, partitions] of known) await memory.remember(name, partitions);
  const tables = new Map([...known].map(([name, { size }]) => [name, { ...TABLE, partitions: size }]));
  await memory.commit({ tables, keep: () => false, partitions: new Map() });
}
