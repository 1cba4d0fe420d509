/** What must be true of two sites after a check, whatever happened to them before. */
import assert from "node:assert/strict";
import type { CheckReport, Finding } from "../../../../src/model/report.ts";
import { isClean, isSettled } from "../../../../src/verdict/clean.ts";
import type { Site, TwoSites } from "../../sites/two_sites.ts";
import { cutsOff, DIRECTLY, type History, type SiteName, type Step, type Years } from "./field_steps.ts";
import {
  made,
  MEASURES,
  momentOf,
  type TableName,
  type Target,
  TARGETS,
  type TimeKind,
} from "./field_tables.ts";

const TABLES: readonly TableName[] = ["raw", ...TARGETS];
type Counts = ReadonlyMap<string, number>;

/** What the model remembers of what happened. */
export interface Past {
  readonly time: TimeKind;
  readonly named: boolean;
  readonly madeUp: boolean;
  readonly steps: Step[];
  readonly years: Record<SiteName, Record<"raw" | "copy" | "sums" | "notes", Years>>;
  readonly profiles: Record<SiteName, number>;
}

export function newPast({ time, named, madeUp }: History): Past {
  const none = () => ({ raw: null, copy: null, sums: null, notes: null });
  return {
    time,
    named,
    madeUp,
    steps: [],
    years: { primary: none(), dr: none() },
    profiles: { primary: 0, dr: 0 },
  };
}

export function sitesOf({ at }: Extract<Step, { at: unknown }>): readonly SiteName[] {
  return at === "both" ? ["primary", "dr"] : [at];
}

export function remember(past: Past, step: Step): void {
  past.steps.push(step);
  if (!("at" in step)) return;
  for (const site of sitesOf(step)) {
    if (step.kind === "profile") past.profiles[site] = step.profile;
    if (step.kind === "expire rows") {
      past.years[site][step.table] = step.years ?? past.years[site][step.table];
    }
    if (step.kind === "expire notes") past.years[site].notes = step.years ?? past.years[site].notes;
  }
}

/** Everything that both sites hold, and what the views here would make of the source here. */
export interface Held {
  readonly there: Readonly<Record<TableName, Counts>>;
  readonly here: Readonly<Record<TableName, Counts>>;
  readonly made: Readonly<Record<Target, Counts>>;
  /** How often each event is in the source, whatever its id. */
  readonly events: { readonly here: Counts; readonly there: Counts };
  /** As far as the active site has to keep it, and the settle window has gone by. */
  readonly due: Readonly<Record<TableName, Counts>>;
}

async function counts(site: Site, sql: string): Promise<Counts> {
  const rows = await site.rows<{ k: string; n: string | number }>(sql);
  return new Map(rows.map(({ k, n }) => [k, Number(n)]));
}

async function byTable(site: Site, where: (table: TableName) => string, noted: boolean) {
  const sql = (table: TableName) =>
    noted || table !== "raw"
      ? MEASURES[table](where(table))
      : MEASURES.raw(where(table)).replace(", note)", ")");
  return Object.fromEntries(
    await Promise.all(TABLES.map(async (table) => [table, await counts(site, sql(table))])),
  ) as Record<TableName, Counts>;
}

export async function look({ primary, dr }: TwoSites, past: Past, settleSeconds: number): Promise<Held> {
  const { years, time } = past;
  const noted = years.primary.notes !== 10 && years.dr.notes !== 10;
  const due = (table: TableName) => {
    const of = momentOf(table, time);
    const kept = table === "spans" ? null : years.primary[table];
    // What is put together by hours waits until a day has gone by, unless all is at rest.
    const wait = settleSeconds + 1 + (table === "sums" && settleSeconds > 0 ? 86_400 : 0);
    return `${of} < now() - ${wait}${kept === null ? "" : ` AND ${of} + INTERVAL ${kept} YEAR > now()`}`;
  };
  const all = () => "1";
  const events = "SELECT toString(v) AS k, count() AS n FROM d.raw GROUP BY k";
  const [there, here, dueThere, eventsHere, eventsThere, ...makings] = await Promise.all([
    byTable(primary, all, noted),
    byTable(dr, all, noted),
    byTable(primary, due, noted),
    counts(dr, events),
    counts(primary, events),
    ...TARGETS.map((target) => counts(dr, made(target, time))),
  ]);
  return {
    there,
    here,
    due: dueThere,
    events: { here: eventsHere, there: eventsThere },
    made: Object.fromEntries(TARGETS.map((target, at) => [target, makings[at]!])) as Record<Target, Counts>,
  };
}

const of = (counts: Counts, key: string) => counts.get(key) ?? 0;

/** Nothing is doubled, and nothing is lost that the TTL of this site does not take. */
export function assertNothingDoubled(before: Held, after: Held, past: Past, say: string): void {
  for (const [key, n] of after.here.raw) {
    const most = Math.max(of(before.here.raw, key), of(after.there.raw, key));
    assert.ok(n <= most, `raw ${key}: ${n} here, ${most} before or there\n${say}`);
  }
  if (!fewTwins(before)) {
    for (const [event, n] of after.events.here) {
      const most = Math.max(of(before.events.here, event), of(before.events.there, event));
      assert.ok(n <= most, `event ${event}: ${n} here, ${most} before or there\n${say}`);
    }
  }
  for (const target of TARGETS) {
    for (const [key, n] of after.here[target]) {
      const all = [before.here[target], before.there[target], after.made[target]];
      const most = Math.max(...all.map((one) => of(one, key))) + writtenHere(target, key, past);
      // Without a view here its rows are rows like any others, and become the union.
      const union = of(before.here[target], key) + of(before.there[target], key);
      const limit = target === "spans" && !hasViews(past.steps, target).dr ? Math.max(most, union) : most;
      assert.ok(n <= limit, `${target} ${key}: ${n} here, ${limit} before, there or made\n${say}`);
    }
  }
  for (const table of TABLES) {
    const takes = table === "spans" ? null : past.years.dr[table];
    if (takes === 10) continue;
    for (const [key, n] of before.here[table]) {
      assert.ok(of(after.here[table], key) >= n, `${table} ${key}: ${n} here before, and fewer now\n${say}`);
    }
  }
}

/** Rows of both sites that are one event each: a few beside many others are united, which is a limit that is told. */
function fewTwins({ here, there, events }: Held): boolean {
  const only = (a: Counts, b: Counts) => [...a].filter(([key, n]) => n > of(b, key)).length;
  const twins = [...events.here].filter(([event]) => of(events.there, event) > 0).length -
    [...here.raw].filter(([key]) => of(there.raw, key) > 0).length;
  const [surplus, missing] = [only(here.raw, there.raw), only(there.raw, here.raw)];
  return twins > 0 && (twins * 8 <= missing || twins * 8 <= surplus);
}

/** What was written into a target here, past its view. */
function writtenHere(target: Target, key: string, { steps }: Past): number {
  const direct = target === "copy" ? key.includes("direct") : key.includes("s1");
  if (!direct) return 0;
  return DIRECTLY[target] *
    steps.filter((step) => step.kind === "write target" && step.target === target && step.at !== "primary")
      .length;
}

/** What is less here is told of that table, or of the source on which it waits; and so the check is not clean. */
export function assertNothingPassedOver(after: Held, report: CheckReport, say: string): void {
  if (report.outcome !== "completed") return;
  const open = (table: string) =>
    report.tables.some((one) => one.table === table && one.findings.some((found) => !isSettled(found)));
  for (const table of TABLES) {
    for (const [key, n] of after.due[table]) {
      const here = of(after.here[table], key);
      if (here >= n || open(`d.${table}`)) continue;
      if (table !== "raw" && (open("d.raw") || isUnproven(report, table))) continue;
      assert.fail(
        `${table} ${key}: ${here} of ${n} here, and nothing is said of it, clean: ${isClean(report)}\n${say}`,
      );
    }
  }
}

function isUnproven({ tables }: CheckReport, table: TableName): boolean {
  return tables.some((one) =>
    one.table === `d.${table}` &&
    one.findings.some(({ cause }) => ["derived_unproven", "derived_waiting"].includes(cause))
  );
}

/** Nobody is left with a refusal for which there is no reason in what happened. */
export function assertNotStuck(findings: readonly Finding[], past: Past, say: string): void {
  const { steps, years } = past;
  const happened = (is: (step: Step) => boolean) => steps.some(is);
  const differ = (table: "raw" | "copy" | "sums" | "notes") => years.primary[table] !== years.dr[table];
  const cut = cutsOff(past.profiles.primary) || cutsOff(past.profiles.dr);
  const lost = steps.filter(({ kind }) => kind === "lose rows" || kind === "lose target").length;
  const reasons: Readonly<Record<string, boolean>> = {
    failed: cut,
    drifted: TARGETS.some((target) => differViews(steps, target)) || differ("raw") || differ("copy") ||
      differ("sums") ||
      differ("notes"),
    // Where each site makes up ids, any row that only this site has may be the twin of any that is missing.
    // And what was put together by a view at one site only is another row at the other.
    independent: past.madeUp || TARGETS.some((target) => differViews(steps, target)) ||
      happened((step) => step.kind === "insert" && step.writer !== "shared" && step.at === "both") ||
      // Rows of the last minute may be of the same seconds as other ones.
      (["primary", "dr"] as const).every((at) => happened((step) => step.kind === "fresh" && step.at === at)),
    shrunk: happened((step) => step.kind === "lose rows" && step.at === "primary"),
    deleted: happened(({ kind }) => kind === "hide rows"),
    recurring: lost >= 3,
    aggregated: happened(touchesTargets),
    views: happened(touchesTargets),
  };
  const sourceOpen = findings.some((found) => found.table === "d.raw" && !isSettled(found));
  for (const found of findings) {
    if (isSettled(found)) continue;
    // It waits for the source, of which the reason is judged.
    if (found.table !== "d.raw" && found.reason === "missing" && sourceOpen) continue;
    assert.ok(
      reasons[found.reason],
      `${found.table} ${found.partitionId}: ${found.cause} for no reason\n${say}`,
    );
  }
}

function touchesTargets({ kind }: Step): boolean {
  return ["drop view", "write target", "lose target", "lose rows", "expire rows", "hide rows"].includes(kind);
}

function differViews(steps: readonly Step[], target: Target): boolean {
  const { primary, dr } = hasViews(steps, target);
  return primary !== dr;
}

/** Whether each site has the view of a target now. */
function hasViews(steps: readonly Step[], target: Target): Readonly<Record<SiteName, boolean>> {
  const has = { primary: true, dr: true };
  for (const step of steps) {
    if (step.kind !== "drop view" && step.kind !== "make view" || step.target !== target) continue;
    for (const site of sitesOf(step)) has[site] = step.kind === "make view";
  }
  return has;
}
