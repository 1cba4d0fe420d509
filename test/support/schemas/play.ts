/** An outage at one site, played with the tables of real products; what a check says of each, and what both sites hold then. */
import type { CheckReport, Finding } from "../../../src/model/report.ts";
import { isSettled } from "../../../src/verdict/clean.ts";
import { checkSites } from "../sites/check_sites.ts";
import { onBoth } from "../data/telemetry.ts";
import { settingsOf } from "../sites/settings.ts";
import type { Site, TwoSites, TwoSitesOptions } from "../sites/two_sites.ts";
import { events, type Holds, OUTAGE, type Outcome, type SchemaFixture } from "./fixture.ts";

/** A table without a time column may change until it has been left alone for this long. */
const SETTLE = 1;
const settle = () => new Promise((resolve) => setTimeout(resolve, (SETTLE + 1.5) * 1000));

const ONE_SHARD = {
  config: { remote_servers: { cluster: { shard: { replica: { host: "127.0.0.1", port: 1 } } } } },
};

/** Servers that know the cluster which Distributed tables name; nobody ever connects to it. */
export const SITES: TwoSitesOptions = { primary: ONE_SHARD, dr: ONE_SHARD };

export interface Played {
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** With what the operator excludes: what still keeps FAILBACK READY away, by table. */
  readonly left: Readonly<Record<string, string>>;
}

/** Makes the tables at both sites, and has each site's writer insert what reached it. */
export async function fill({ primary, dr }: TwoSites, fixture: SchemaFixture): Promise<void> {
  await onBoth({ primary, dr } as TwoSites, ...fixture.statements);
  const inserts: readonly [Site, "primary" | "dr", string][] = [
    [primary, "primary", "number < 400"],
    [primary, "primary", "number >= 400"],
    [dr, "dr", `number < 300 AND NOT (${OUTAGE})`],
    [dr, "dr", `number >= 300 AND NOT (${OUTAGE})`],
  ];
  for (const [site, name, where] of inserts) {
    for (const statement of fixture.rows(name, events(where))) await site.query(statement);
  }
}

/**
 * The other way to run two sites: only the active one's writer writes, and all that this site holds comes through ch-sync.
 *
 * @returns what is not the same at both sites then, and what keeps the next check from being clean, by table
 */
export async function standBy(
  sites: TwoSites,
  fixtures: readonly SchemaFixture[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  for (const fixture of fixtures) {
    await onBoth(sites, ...fixture.statements);
    for (const where of ["number < 400", "number >= 400"]) {
      for (const statement of fixture.rows("primary", events(where))) await sites.primary.query(statement);
    }
  }
  await settle();
  await checkSites(sites, { settings: { settleSeconds: SETTLE } });
  const held = await holds(sites, fixtures);
  await settle();
  const next = await checkSites(sites, { settings: { settleSeconds: SETTLE } });
  return new Map(fixtures.map((fixture) => {
    const names = [...held.keys()].filter((name) => belongs(name, fixture));
    const odd = names.map((name) => [
      name,
      [blocking(next, name), SAME.has(held.get(name)!) ? "" : held.get(name)!].filter(Boolean).join(": "),
    ]);
    return [fixture.system, Object.fromEntries(odd.filter(([, words]) => words !== ""))];
  }));
}

const SAME: ReadonlySet<Holds> = new Set(["the same rows", "the same once merged", "nothing of its own"]);

/** Plays the outage for all of them at once, on sites where nothing else is. */
export async function play(
  sites: TwoSites,
  fixtures: readonly SchemaFixture[],
): Promise<ReadonlyMap<string, Played>> {
  for (const fixture of fixtures) await fill(sites, fixture);
  await settle();
  const settings = { settleSeconds: SETTLE };
  const first = await checkSites(sites, { settings });
  const held = await holds(sites, fixtures);
  await settle();
  const second = await checkSites(sites, { settings });
  const excludePatterns = [
    ...settingsOf().excludePatterns,
    ...fixtures.flatMap(({ excludes }) => excludes),
  ];
  const third = await checkSites(sites, { settings: { ...settings, excludePatterns } });
  return new Map(fixtures.map((fixture) => {
    const names = [...held.keys()].filter((name) => belongs(name, fixture));
    return [fixture.system, {
      outcomes: Object.fromEntries(
        names.map((name) => [name, [said(first, name), held.get(name)!, said(second, name)]]),
      ),
      left: Object.fromEntries(
        names.map((name) => [name, blocking(third, name)]).filter(([, reason]) => reason !== ""),
      ),
    }];
  }));
}

/** The databases that a fixture makes. */
function belongs(name: string, { statements }: SchemaFixture): boolean {
  return statements.some((statement) => statement === `CREATE DATABASE ${name.split(".")[0]}`);
}

/** What a report says of a table and of the inner ones that it keeps its rows in: its reasons, each once. */
function said(report: CheckReport, name: string): string {
  const words = findings(report, name).map(({ reason, repaired }) =>
    repaired ? `${reason}, repaired` : reason
  );
  if (words.length === 0 && report.leftOut.some(({ table }) => table === name)) return "left out";
  return [...new Set(words)].sort().join("; ") || "in sync";
}

/** The reasons that keep a check from being clean. */
function blocking(report: CheckReport, name: string): string {
  const reasons = findings(report, name).filter((one) => !isSettled(one)).map(({ reason }) => reason);
  return [...new Set(reasons)].sort().join("; ");
}

/** A table that is neither compared by its own name nor left out keeps its rows in inner ones: of those no database here has two. */
function findings({ tables, leftOut }: CheckReport, name: string): Finding[] {
  const known = tables.some(({ table }) => table === name) || leftOut.some(({ table }) => table === name);
  const inner = `${name.split(".")[0]}..inner_id.`;
  return tables.filter(({ table }) => known ? table === name : table.startsWith(inner))
    .flatMap(({ findings }) => findings);
}

interface Shape {
  readonly name: string;
  readonly engine: string;
  /** Its sorting key; "": it has none. */
  readonly key: string;
}

async function holds(sites: TwoSites, fixtures: readonly SchemaFixture[]): Promise<Map<string, Holds>> {
  const tables = await sites.primary.rows<Shape>(
    "SELECT concat(database, '.', name) AS name, engine, sorting_key AS key FROM system.tables WHERE engine NOT IN ('View', " +
      "'MaterializedView') AND name NOT LIKE '%..inner%' ORDER BY name",
  );
  const found = new Map<string, Holds>();
  for (const table of tables) {
    const fixture = fixtures.find((one) => belongs(table.name, one));
    if (fixture) found.set(table.name, await holdsOf(sites, table, fixture));
  }
  return found;
}

async function holdsOf(sites: TwoSites, table: Shape, fixture: SchemaFixture): Promise<Holds> {
  const { name, engine, key } = table;
  const [event, merged] = [fixture.event?.[name], fixture.merged?.[name]];
  if (!engine.endsWith("MergeTree") && merged === undefined) return "nothing of its own";
  const final = engine === "MergeTree" ? "" : " FINAL";
  if (event !== undefined) {
    const twice = await sites.dr.query(`SELECT count() - uniqExact(${event}) FROM ${name}${final}`);
    if (Number(twice) > 0) return "events twice";
  }
  if (merged !== undefined) {
    const [there, here] = [await sites.primary.query(merged), await sites.dr.query(merged)];
    return there === here ? "the same once merged" : "rows missing";
  }
  const columns = await shownColumns(sites.primary, name);
  const both = async (select: string) => {
    const read = (site: Site) =>
      site.query(
        `SELECT toString(tuple(${select})) AS line FROM ${name}${final} ORDER BY line FORMAT TSVRaw`,
      );
    return (await Promise.all([read(sites.primary), read(sites.dr)])).map((text) => text.split("\n")) as [
      string[],
      string[],
    ];
  };
  const [there, here] = await both(columns);
  if (there.join("\n") === here.join("\n")) return final === "" ? "the same rows" : "the same once merged";
  if (contains(here, there)) return "all rows, and its own";
  return final !== "" && contains(...(await both(key)).reverse() as [string[], string[]])
    ? "all keys, other values"
    : "rows missing";
}

/** All columns, with states as what they come down to. */
async function shownColumns(site: Site, name: string): Promise<string> {
  const columns = await site.rows<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns WHERE concat(database, '.', table) = '${name}' AND default_kind != 'ALIAS' ` +
      "ORDER BY position",
  );
  return columns.map(({ name, type }) =>
    type.startsWith("AggregateFunction")
      ? `finalizeAggregation(\`${name}\`)`
      : type.includes("groupUniqArray")
      ? `arraySort(\`${name}\`)`
      : `\`${name}\``
  ).join(", ");
}

/** Whether every line is there at least as often. */
function contains(here: readonly string[], there: readonly string[]): boolean {
  const counts = new Map<string, number>();
  for (const line of here) counts.set(line, (counts.get(line) ?? 0) + 1);
  return there.every((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left > 0;
  });
}
