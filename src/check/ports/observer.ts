/** Ports for whoever follows a check while it runs. */
import type { TablePlan } from "../../model/plan.ts";
import type { Repair, RepairOutcome } from "../../model/repair.ts";
import type { JudgedPartition } from "../judge/judged_partition.ts";
import type { ActiveSite, SiteName } from "../../model/site.ts";

/** Follows a copy. */
export interface RepairProgress {
  /** A slice of several has been copied. */
  slice(copied: number, slices: number): void;
  /** Rows, and their bytes uncompressed, that have been copied so far; about every second. */
  written(rows: number, bytes: number): void;
}

/** Follows a check while it runs. */
export interface Observer {
  roleKnown(active: ActiveSite, we: SiteName): void;
  checkingTable(table: string): void;
  /** How many tables there are to compare. */
  tablesFound(tables: number): void;
  /** A partition was looked at, or need not be; twice where what was presumed of it had to be looked for. */
  judged(partition: JudgedPartition): void;
  /**
   * Something is known of these, and none of them is repaired yet: the check waits for whoever must know first. Tables that only one site
   * has come first, and those that were compared later.
   */
  planned(plans: readonly TablePlan[]): void | Promise<void>;
  /** A repair begins. @param beside others of the table that begin together with it; none: it goes by itself */
  repairing(repair: Repair, beside?: readonly Repair[]): void;
  /** As `RepairProgress` hears it; of several that began together, by the first of them. */
  written(repair: Repair, rows: number, bytes: number): void;
  /** A slice of a large repair has been copied. */
  copied(repair: Repair, slices: number, of: number): void;
  /** This one began together with others and was not repaired with them: it goes by itself, unless something forbids it by then. */
  apart(repair: Repair): void;
  repaired(repair: Repair, outcome: RepairOutcome): void | Promise<void>;
  warn(text: string): void;
}

/** A step of a check that takes time. */
export interface StepName {
  readonly kind: "table" | "repair";
  readonly table: string;
  readonly partition?: string;
}

/**
 * Runs a step, and learns how it ended.
 *
 * @param summary what is worth knowing about the result; `error` if it failed
 */
export type Step = <Result>(
  name: StepName,
  run: () => Promise<Result>,
  summary: (
    result: Result,
  ) => { readonly error?: string; readonly [fact: string]: string | number | undefined },
) => Promise<Result>;
