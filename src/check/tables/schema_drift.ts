/** Whether two definitions of a table hold comparable rows, and why not, in words. */
import { shorten } from "../../text/readable.ts";
import type { Drift } from "../../model/drift.ts";
import type { Column, Table, TablePair } from "../../model/table.ts";
import { sameColumn, sameKey } from "./same_expression.ts";
import { timeUnit } from "./time_axis.ts";

/** Time zones of the two servers, as `timezone()` names them. */
export interface Zones {
  readonly here: string;
  readonly there: string;
}

/**
 * Every difference that forbids a repair; empty if the rows of both can be united. The order of the columns, codecs,
 * indices, comments and settings do not count, nor does a TTL that both servers can be asked to apply.
 */
export function compareSchemas({ here, there, untaken }: TablePair, zones: Zones): Drift[] {
  const drifts: Drift[] = [];
  const hereByName = new Map(here.columns.map((column) => [column.name, column]));
  const thereByName = new Map(there.columns.map((column) => [column.name, column]));
  for (const column of there.columns) {
    const columnHere = hereByName.get(column.name);
    if (!columnHere) drifts.push({ kind: "column_missing_here", column });
    else if (!sameColumn(columnHere, column) && !areOwn(columnHere, column)) {
      // Different defaults too: parts written before the column was added read as the default.
      drifts.push({ kind: "column_differs", here: columnHere, there: column });
    }
  }
  for (const column of here.columns) {
    if (!thereByName.has(column.name)) drifts.push({ kind: "column_only_here", column });
  }
  const keys = [
    ["engine", engineOf(here), engineOf(there)],
    ["partition key", here.partitionKey, there.partitionKey],
    ["sorting key", here.sortingKey, there.sortingKey],
  ] as const;
  for (const [key, keyHere, keyThere] of keys) {
    if (!sameKey(keyHere, keyThere)) {
      drifts.push({ kind: "key_differs", key, here: keyHere, there: keyThere });
    }
  }
  if (zones.here !== zones.there && (partitionsByServerZone(here) || partitionsByServerZone(there))) {
    drifts.push({ kind: "zone_differs", ...zones });
  }
  return [...drifts, ...untaken.map((untaken) => ({ kind: "rule_untaken", untaken }) as const)];
}

/** Whether each site fills the column for itself: then their defaults may be, say, the names of the sites. */
function areOwn(here: Column, there: Column): boolean {
  const isGiven = ({ defaultKind }: Column) => defaultKind === "" || defaultKind === "DEFAULT";
  return here.ignored === true && here.type === there.type && isGiven(here) && isGiven(there);
}

/** Functions that take a time from a number or a text, or cut one up, by the zone of the server. */
const ZONED = /\b(?:from|to|parse)(?!String\b|U?Int\d+\b)[A-Z]\w*\(|\b(?:date|year|month|day|hour)\w*\(/i;

/** A time without a zone of its own; and one with a zone, which within a Tuple or the like is most likely what the key is made of. */
const UNZONED = /\bDateTime(?!64)\b(?!\()|\bDateTime64\(\d+\)/;
const HELD_WITH_ZONE = /\bDateTime(?:64)?\((?:\d+, )?'/;

/**
 * Whether the time zone of the server decides to which partition a row belongs: the key reads a DateTime without a zone
 * of its own or a computed column, or makes a time of something that is none. Under different zones equal rows then get
 * different partition ids.
 */
export function partitionsByServerZone(table: Table): boolean {
  return table.columns.some(({ inPartitionKey, type, defaultKind }) => {
    if (!inPartitionKey) return false;
    if (defaultKind !== "") return true;
    const unzoned = UNZONED.test(type);
    if (timeUnit(type) !== null) return unzoned;
    return (unzoned || !HELD_WITH_ZONE.test(type)) && ZONED.test(table.partitionKey);
  });
}

/** One sentence without a final period, such as `column a is missing here; …`. */
export function describeDrift(drifts: readonly Drift[]): string {
  return drifts.map(describe).join("; ");
}

function describe(drift: Drift): string {
  switch (drift.kind) {
    case "column_missing_here":
      return `column ${drift.column.name} is missing here`;
    case "column_only_here":
      return `column ${drift.column.name} exists only here`;
    case "column_differs":
      return `column ${drift.here.name} is ${definition(drift.here)} here and ${
        definition(drift.there)
      } at the active site`;
    case "key_differs":
      return `the ${drift.key} is ${shorten(drift.here) || "none"} here and ${
        shorten(drift.there) || "none"
      } at the active site`;
    case "zone_differs":
      return `the servers' time zones differ (${drift.here} here, ${drift.there} at the active site) and the ` +
        "partition key depends on them";
    case "rule_untaken": {
      const { site, rule, holds } = drift.untaken;
      const [its, other] = site === "here" ? ["here", "the active site"] : ["at the active site", "this one"];
      return `the ${rule} ${its} holds ${holds}: ch-sync does not have ${other} run what another site wrote. Give both ` +
        "sites the same TTL, or one of columns, constants and plain functions";
    }
  }
}

function definition(column: { type: string; defaultKind: string; defaultExpression: string }): string {
  return shorten([column.type, column.defaultKind, column.defaultExpression].filter(Boolean).join(" "));
}

/** `ReplacingMergeTree(version)`: which row of a key stays is part of it. */
function engineOf({ engine, engineArguments }: Table): string {
  return baseEngine(engine) + (engineArguments === "" ? "" : `(${engineArguments})`);
}

/** The engine's name without what says how its parts are kept: `ReplicatedMergeTree` merges rows as `MergeTree`. */
export function baseEngine(engine: string): string {
  return engine.replace(/^(Replicated|Shared)/, "");
}
