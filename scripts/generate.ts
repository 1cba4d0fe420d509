/** `deno task generate`: writes again what is made from tables in the source. A test holds that it was done. */
import { bashCompletion, fishCompletion, zshCompletion } from "./build/completions.ts";
import { configurationTable } from "./build/configuration_table.ts";
import { envTemplate } from "./build/env_template.ts";
import { manPage } from "./build/man_page.ts";
import { causesTable, reasonsTable, withReasons } from "./build/reasons_table.ts";
import { olderDrillGrants, olderGrants } from "./build/older_grants.ts";
import { metricsTable } from "./build/metrics_table.ts";
import { RECORD, versionsTable } from "./build/versions_record.ts";
import { schemaMarker, schemaOutcomes } from "./build/schema_outcomes.ts";
import { PRODUCTS } from "../test/support/schemas/all.ts";

const ROOT = new URL("../", import.meta.url);

/** The page that holds the tables of settings, between its two markers. */
export const CONFIGURATION_PAGE = "docs/configuration.md";

/** Every generated file, by its path in the repository. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    [CONFIGURATION_PAGE, between(page(CONFIGURATION_PAGE), "configuration", configurationTable())],
    ["docs/monitoring.md", between(page("docs/monitoring.md"), "metrics", metricsTable())],
    [
      "docs/reasons.md",
      between(between(page("docs/reasons.md"), "reasons", reasonsTable()), "causes", causesTable()),
    ],
    ["docs/schemas.md", schemasPage()],
    [
      "docs/versions.md",
      between(page("docs/versions.md"), "versions", versionsTable(JSON.parse(page(RECORD)))),
    ],
    ["docs/report.schema.json", withReasons(page("docs/report.schema.json"))],
    ["docs/evidence.schema.json", withReasons(page("docs/evidence.schema.json"))],
    ["docs/history.schema.json", withReasons(page("docs/history.schema.json"))],
    [".env.primary", envTemplate("primary")],
    [".env.dr", envTemplate("dr")],
    ["scripts/grants-older.sql", olderGrants(page("scripts/grants.sql"))],
    ["scripts/grants-drill-older.sql", olderDrillGrants(page("scripts/grants-drill.sql"))],
    ["scripts/ch-sync.1", manPage()],
    ["scripts/completions/ch-sync.bash", bashCompletion()],
    ["scripts/completions/_ch-sync", zshCompletion()],
    ["scripts/completions/ch-sync.fish", fishCompletion()],
  ]);
}

function schemasPage(): string {
  return PRODUCTS.reduce(
    (text, product) => between(text, schemaMarker(product), schemaOutcomes(product)),
    page("docs/schemas.md"),
  );
}

function page(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The text with something else between the two markers of this name. */
function between(text: string, name: string, made: string): string {
  const markers = new RegExp(`(<!-- ${name}:begin -->\\n)[^]*?(\\n<!-- ${name}:end -->)`);
  return text.replace(markers, (_, begin, end) => `${begin}\n${made}\n${end}`);
}

if (import.meta.main) {
  await Deno.mkdir(new URL("scripts/completions/", ROOT), { recursive: true });
  for (const [path, text] of generated()) await Deno.writeTextFile(new URL(path, ROOT), text);
}
