/** Situations as pictures show them: all is well, a repair under way, and the active site lost. */
import type { PageFacts } from "../../../src/status/page.ts";
import type { RunDay } from "../../../src/model/run_day.ts";
import { buildBoard, OVERVIEW } from "../../../src/status/board.ts";
import { holdingsOf } from "../../../src/verdict/holdings.ts";
import { reasons } from "../../../src/verdict/left_behind.ts";
import { found, report } from "./tables.ts";
import { dayBefore, facts, NOW, READY, remembered, sites } from "../shown_page.ts";

const TABLES = [
  "default.http_telemetry",
  "default.sessions",
  "otel.otel_logs",
  "otel.otel_metrics_gauge",
  "otel.otel_metrics_sum",
  "otel.otel_traces",
  "otel.otel_traces_by_id",
  "shop.orders",
];
/** Defined differently at the two sites, while a repair is under way. */
const DRIFTED = "otel.otel_traces_by_id";
const DAYS = 45;
const MONTHLY = "shop.invoices";
const MONTHS = ["202509", "202510", "202511", "202512", "202601", "202602", "202603"];

const known = new Map([
  ...TABLES.map((table) => {
    const days = Array.from({ length: DAYS }, (_, age) => {
      const rows = BigInt(812_440 + age * 7919 % 40_000);
      return [dayBefore(age), remembered({ rowsHere: rows, rowsActive: rows })] as const;
    });
    return [table, new Map(days)] as const;
  }),
  [MONTHLY, new Map(MONTHS.map((month) => [month, remembered()]))] as const,
]);
const partitions = (table: string) => known.get(table)!.size;
const totals = {
  tables_checked: TABLES.length + 1,
  partitions_checked: TABLES.length * DAYS + MONTHS.length,
};
const settledBefore = Date.parse(READY.verified_through!) / 1000;
/** The hours of an outage, of so many days ago. */
const span = (age: number, from: number, to: number, rows: bigint) => {
  const day = Math.floor(NOW.getTime() / 86_400_000) * 86_400 - age * 86_400;
  return [{ from: day + from * 3600, to: day + to * 3600, rows }];
};
const before = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const hot = (table: string) =>
  found({
    table,
    partitionId: dayBefore(0),
    reason: "hot",
    detail: "only rows inside the settle window differ",
  });
const quiet = report(
  [...TABLES, MONTHLY].map((table) => ({
    table,
    partitions: partitions(table),
    findings: /otel|http/.test(table) ? [hot(table)] : [],
    through: settledBefore,
  })),
  { settledBefore },
);

/** A check every five minutes, an outage three days ago, a night in which a table had drifted, and a site that did not answer. */
const month = new Map(Array.from({ length: 27 }, (_, index): [string, RunDay] => {
  const age = 26 - index;
  const day = new Date(NOW.getTime() - age * 86_400_000).toISOString().slice(0, 10);
  const repaired = [1, 3, 12, 13].includes(age) ? 2 : 0;
  const [left_open, not_completed] = [age === 3 ? 1 : age === 17 ? 84 : 0, age === 20 ? 6 : 0];
  const clean = (age === 0 ? 36 : 288) - repaired - left_open - not_completed;
  const rowsRepaired = { 1: 412_000, 3: 1_852_512, 12: 220_400, 13: 951_000 }[age] ?? 0;
  return [day, { day, checks: { clean, repaired, left_open, not_completed, standby: 0 }, rowsRepaired }];
}));

export const READY_EXAMPLE: PageFacts = facts({
  month,
  state: {
    ...READY,
    ...totals,
    consecutive_clean: 211,
    holds: holdingsOf(quiet),
    partitions_synced: 14,
    rows_synced: 9_120_334,
  },
  board: buildBoard(quiet, known, null, OVERVIEW),
  events: [
    { at: before(61 * 17), text: "Repaired otel.otel_traces partition 20260227: 648,112 rows" },
    { at: before(61 * 17), text: "Repaired otel.otel_logs partition 20260227: 1,204,400 rows" },
    { at: before(61 * 17), text: "Sync complete. 6 partitions synced" },
    { at: before(60 * 17), text: "FAILBACK READY. All tables synced" },
  ],
});

const outage = ["otel.otel_logs", "otel.otel_traces", "otel.otel_metrics_sum", "otel.otel_metrics_gauge"];
const lost = report(
  [...TABLES, MONTHLY].map((table) => ({
    table,
    partitions: table === DRIFTED ? 0 : partitions(table),
    ...table === DRIFTED ? {} : { through: settledBefore },
    findings: [
      ...table === DRIFTED
        ? [found({ table, partitionId: null, reason: "drifted", detail: "column region is missing here" })]
        : [],
      ...outage.includes(table)
        ? [3, 4].map((age) => {
          const [rowsActive, rowsHere] = [844_000n, age === 3 ? 211_000n : 0n];
          const reason = age === 3 ? "partial" as const : "missing" as const;
          return found({
            table,
            partitionId: dayBefore(age),
            reason,
            rowsActive,
            rowsHere,
            missing: rowsActive - rowsHere,
            spans: age === 3 ? span(3, 0, 18, rowsActive - rowsHere) : span(4, 0, 24, rowsActive),
          });
        })
        : [],
      ...table === "default.sessions"
        ? [
          found({
            table,
            partitionId: dayBefore(17),
            reason: "independent",
            detail: "rows differ at both sites",
            missing: 411n,
          }),
        ]
        : [],
      ...table === "shop.orders"
        ? [9, 10, 11].map((age) =>
          found({ table, partitionId: dayBefore(age), reason: "surplus", surplus: 80n })
        )
        : [],
      ...table === "default.http_telemetry"
        ? [
          found({
            table,
            partitionId: dayBefore(1),
            reason: "backfilling",
            detail: "old rows keep arriving here",
            missing: 9000n,
            spans: span(1, 14, 16.1, 9000n),
          }),
        ]
        : [],
    ],
  })),
  { settledBefore },
);

/** An hour ago the active site went away; what was found before is all that is known. */
const away = new Date(NOW.getTime() - 61 * 60_000).toISOString();
export const LOST_EXAMPLE: PageFacts = facts({
  month,
  state: {
    ...READY,
    ...totals,
    last_check: away,
    failback_ready: false,
    ready_until: null,
    consecutive_clean: 0,
    verified_through: null,
    unreachable: ["remote"],
    last_error: "no answer from the remote ClickHouse: connect timed out",
    holds: holdingsOf({ ...quiet, settledBefore: settledBefore - 3600 }),
  },
  sites: sites().map((site) => site.side === "local" ? site : { ...site, answers: false }),
  board: buildBoard(quiet, known, null, OVERVIEW, { at: away, why: "no answer from the remote ClickHouse" }),
  events: [{ at: before(58), text: "The remote ClickHouse does not answer" }],
});

const repair = { table: "otel.otel_traces", partitionId: dayBefore(4), rows: 844_000n };

export const REPAIRING_EXAMPLE: PageFacts = facts({
  month,
  state: {
    ...READY,
    ...totals,
    failback_ready: false,
    ready_until: null,
    consecutive_clean: 0,
    verified_through: null,
    partitions_synced: 8,
    rows_synced: 5_213_900,
    reasons: reasons(lost),
    holds: holdingsOf(lost),
  },
  nextCheck: null,
  check: {
    since: before(2),
    tables: TABLES.length + 1,
    begun: TABLES.length + 1,
    repair: { ...repair, copiedRows: 512_000, copiedBytes: 381 * 1024 ** 2, since: before(0.7) },
  },
  board: buildBoard(lost, known, repair, OVERVIEW),
  events: [
    {
      at: before(3),
      text:
        "4 tables have data gaps: otel.otel_logs, otel.otel_metrics_gauge, otel.otel_metrics_sum, otel.otel_traces",
    },
    { at: before(3), text: "A guard refused a repair. Look at the log, or at ch-sync --dry-run" },
    { at: before(1), text: `Repaired otel.otel_logs partition ${dayBefore(3)}: 633,000 rows` },
  ],
});
