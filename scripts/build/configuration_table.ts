/** The settings as the tables of the documentation. */
import { namedSettings, SECTIONS } from "../../src/config/table/table.ts";
import { defaultOf, explained } from "./setting_text.ts";

/** Markdown: a table for each section, with a row for each variable. */
export function configurationTable(): string {
  return SECTIONS.map((section) => {
    const rows = namedSettings(section).map((setting) =>
      `| \`${setting.name}\` | ${defaultOf(setting)} | ${explained(setting)} | ${setting.accepts} |`
    );
    // No heading: a chapter of the same name would lose its anchor to it.
    return [
      `**${section.title}**${section.note ? `. ${section.note}` : ""}`,
      "",
      "| variable | default | meaning | accepted |",
      "|---|---|---|---|",
      ...rows,
    ].join("\n");
  }).join("\n\n");
}
