/** An outage at one site, played with the tables of real products; what a check says of each, and what both sites hold then. */
import type { CheckReport } from "../../../src/model/report.ts";
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

/** What a report says of a table: its reasons, each once. */
function said(report: CheckReport, name: string): string {
  if (report.leftOut.some(({ table }) => table === name)) return "left out";
  const found = report.tables.filter(({ table }) => table === name).flatMap(({ findings }) => findings);
  const words = found.map(({ reason, repaired }) => repaired ? `${reason}, repaired` : reason);
  return [...new Set(words)].sort().join("; ") || "in sync";
}

function blocking(report: CheckReport, name: string): string {
  const found = report.tables.filter(({ table }) => table === name).flatMap(({ findings }) => findings);
  return [...new Set(found.filter((one) => !isSettled(one)).map(({ reason }) => reason))].sort().join("; ");
}

async function holds(sites: TwoSites, fixtures: readonly SchemaFixture[]): Promise<Map<string, Holds>> {
  const tables = await sites.primary.rows<{ name: string; engine: string }>(
    "SELECT concat(database, '.', name) AS name, engine FROM system.tables WHERE database NOT IN ('system', 'default', " +
      "'INFORMATION_SCHEMA', 'information_schema') AND engine NOT IN ('View', 'MaterializedView') ORDER BY name",
  );
  const found = new Map<string, Holds>();
  for (const { name, engine } of tables) {
    const fixture = fixtures.find((one) => belongs(name, one));
    if (fixture) found.set(name, await holdsOf(sites, name, engine, fixture.event?.[name]));
  }
  return found;
}

async function holdsOf(
  { primary, dr }: TwoSites,
  name: string,
  engine: string,
  event?: string,
): Promise<Holds> {
  if (!engine.endsWith("MergeTree")) return "nothing of its own";
  const columns = await primary.rows<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns WHERE concat(database, '.', table) = '${name}' AND default_kind != 'ALIAS' ` +
      "ORDER BY position",
  );
  const shown = columns.map(({ name, type }) =>
    type.startsWith("AggregateFunction") ? `finalizeAggregation(\`${name}\`)` : `\`${name}\``
  ).join(", ");
  const lines = async (site: Site, final: string) =>
    (await site.query(
      `SELECT toString(tuple(${shown})) AS line FROM ${name}${final} ORDER BY line FORMAT TSVRaw`,
    ))
      .split("\n");
  if (event !== undefined) {
    const twice = await dr.query(`SELECT count() - uniqExact(${event}) FROM ${name}`);
    if (Number(twice) > 0) return "events twice";
  }
  const [there, here] = [await lines(primary, ""), await lines(dr, "")];
  if (there.join("\n") === here.join("\n")) return "the same rows";
  const merges = engine !== "MergeTree";
  if (merges) {
    const [there, here] = [await lines(primary, " FINAL"), await lines(dr, " FINAL")];
    if (there.join("\n") === here.join("\n")) return "the same once merged";
  }
  if (contains(here, there)) return "all rows, and its own";
  return "other rows";
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
