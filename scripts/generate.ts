/** `deno task generate`: writes again what is made from tables in the source. A test holds that it was done. */
import { bashCompletion, fishCompletion, zshCompletion } from "./build/completions.ts";
import { configurationTable } from "./build/configuration_table.ts";
import { envTemplate } from "./build/env_template.ts";
import { manPage } from "./build/man_page.ts";
import { metricsTable } from "./build/metrics_table.ts";

const ROOT = new URL("../", import.meta.url);

/** The page that holds the tables of settings, between its two markers. */
export const CONFIGURATION_PAGE = "README.md";

/** Every generated file, by its path in the repository. */
export function generated(): ReadonlyMap<string, string> {
  const configuration = Deno.readTextFileSync(new URL(CONFIGURATION_PAGE, ROOT));
  const tables = /(<!-- configuration:begin -->\n\n)[^]*?(\n\n<!-- configuration:end -->)/;
  const monitoring = Deno.readTextFileSync(new URL("docs/monitoring.md", ROOT));
  const metrics = /(<!-- metrics:begin -->\n)[^]*?(\n<!-- metrics:end -->)/;
  return new Map([
    [
      CONFIGURATION_PAGE,
      configuration.replace(tables, (_, begin, end) => begin + configurationTable() + end),
    ],
    [
      "docs/monitoring.md",
      monitoring.replace(metrics, (_, begin, end) => `${begin}\n${metricsTable()}\n${end}`),
    ],
    [".env.primary", envTemplate("primary")],
    [".env.dr", envTemplate("dr")],
    ["scripts/ch-sync.1", manPage()],
    ["scripts/completions/ch-sync.bash", bashCompletion()],
    ["scripts/completions/_ch-sync", zshCompletion()],
    ["scripts/completions/ch-sync.fish", fishCompletion()],
  ]);
}

if (import.meta.main) {
  await Deno.mkdir(new URL("scripts/completions/", ROOT), { recursive: true });
  for (const [path, text] of generated()) await Deno.writeTextFile(new URL(path, ROOT), text);
}
