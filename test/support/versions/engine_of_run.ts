/**
 * Any test of two sites with a site of another version: `CH_SYNC_SITE_ENGINES=dr=24.8`, or `primary=24.8,dr=25.8`. This is how
 * `deno task test:versions` runs tests that know of no versions.
 */
import { start, type User } from "../sites/clickhouse_server.ts";
import { ENGINES, type OldEngine } from "./engines.ts";
import { frontOf } from "./front_server.ts";
import { NOT_TAKEN } from "./not_taken.ts";

/** Unknown function, type, engine or setting; no such syntax; what was an experiment then; combinations that came later. */
const NOT_KNOWN: ReadonlySet<string> = new Set(
  ["36", "37", "42", "43", "44", "46", "47", "48", "50", "53", "56", "62", "80", "115", "344", "378", "455"],
);

/** What the user of tests may do there, as far as it must be allowed. Their definitions allow the first themselves. */
const ALLOWED = {
  allow_suspicious_low_cardinality_types: 1,
  allow_suspicious_fixed_string_types: 1,
  allow_suspicious_variant_types: 1,
  allow_suspicious_types_in_order_by: 1,
  allow_experimental_bfloat16_type: 1,
  allow_experimental_dynamic_type: 1,
  allow_experimental_json_type: 1,
  allow_experimental_nullable_tuple_type: 1,
  allow_experimental_qbit_type: 1,
  allow_experimental_variant_type: 1,
  enable_time_time64_type: 1,
};

/** Settings of a table that this version takes with the statement alone, or needs not. */
const IN_DEFINITIONS =
  /(?:, | SETTINGS )(?:allow_suspicious_\w+|allow_experimental_nullable_tuple_type|allow_dimensions_outside_sorting_key) = 1\b/g;

export interface EngineOfRun {
  /** Starts a server, of another version perhaps. */
  readonly engine: typeof start;
  /** As whom tests speak to it, and how. */
  readonly tester?: {
    readonly user: User;
    readonly worded: (sql: string) => string;
    /** What the server says of a statement, marked if this version does not take it. */
    readonly told: (text: string) => string;
  };
}

/** What starts this site where a test says nothing else, and how tests speak to it. */
export function engineOfRun(site: "primary" | "dr"): EngineOfRun {
  const named = namedEngines().find(([name]) => name === site);
  return named ? siteOf(named[1]) : { engine: start };
}

/** Whether no site is of another version. */
export function ofToday(): boolean {
  return namedEngines().length === 0;
}

/** How many of so many generated cases are run: a quarter of them where an engine starts anew for each statement. */
export function casesOfRun(usual: number): number {
  return namedEngines().some(([, { slow }]) => slow) ? Math.ceil(usual / 4) : usual;
}

function namedEngines(): readonly (readonly [site: string, engine: OldEngine])[] {
  const named = (Deno.env.get("CH_SYNC_SITE_ENGINES") ?? "").split(",").filter(Boolean);
  return named.map((one) => one.split("=")).map(([site = "", version]) => {
    const engine = ENGINES.find((one) => one.version === version);
    if (engine === undefined) throw new Error(`CH_SYNC_SITE_ENGINES: no engine ${version} is known`);
    return [site, engine];
  });
}

/** A site of this version, which tests speak to in words that it takes. */
export function siteOf(engine: OldEngine): EngineOfRun {
  return {
    engine: frontOf(engine),
    tester: {
      user: { password: "tester", profile: ALLOWED },
      worded,
      told: (text) => NOT_KNOWN.has(/Code: (\d+)/.exec(text)?.[1] ?? "") ? `${NOT_TAKEN}: ${text}` : text,
    },
  };
}

/** A definition without those settings, and other statements as they are. */
function worded(sql: string): string {
  if (/^ALTER TABLE \S+ RESET SETTING allow_dimensions_outside_sorting_key$/.test(sql)) return "SELECT 1";
  if (!sql.startsWith("CREATE TABLE")) return sql;
  const left = sql.replace(IN_DEFINITIONS, (found) => found.startsWith(" SETTINGS") ? " SETTINGS" : "");
  return left.replace(/ SETTINGS, /, " SETTINGS ").replace(/ SETTINGS$/, "").replace(
    " SETTINGS COMMENT",
    " COMMENT",
  );
}
