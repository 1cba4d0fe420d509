/** The templates of the configuration file, one for each site. */
import { type NamedSetting, namedSettings, SECTIONS } from "../../src/config/table/table.ts";
import type { SiteName } from "../../src/model/site.ts";
import { accepted, explained } from "./setting_text.ts";

const WIDTH = 110;

/** The file for this site: every setting once, those that must be set with an example, the others as comments. */
export function envTemplate(site: SiteName): string {
  const head = [
    `# ch-sync at the ${
      site === "dr" ? "DR" : site
    } site. Copy this file to .env, change the addresses, and: chmod 600 .env`,
    "#",
    ...comment(
      "For systemd (EnvironmentFile) and for ch-sync alike: one NAME=value a line, comments on lines of their own. " +
        "A line like #NAME=value shows the default; without a value there is none, or the text above says it. " +
        "Variables of the environment win over this file.",
    ),
  ].join("\n");
  const sections = SECTIONS.flatMap((section) => [
    `# --- ${section.title} `.padEnd(WIDTH + 2, "-"),
    ...section.note ? [comment(section.note).join("\n")] : [],
    ...namedSettings(section).map((setting) => entry(setting, site)),
  ]);
  return [head, ...sections].join("\n\n") + "\n";
}

function entry(setting: NamedSetting, site: SiteName): string {
  const { name, required, example = "", otherwise } = setting;
  const text = `${explained(setting)}.${accepted(setting)}${otherwise ? ` Default: ${otherwise}.` : ""}`;
  const line = required
    ? envLine(name, typeof example === "string" ? example : example[site])
    : `#${envLine(name, setting.default ?? "")}`;
  return [...comment(text), line].join("\n");
}

/**
 * A line that readers of such files, systemd among them, take for this variable with this value.
 *
 * @param value without carriage returns, which end lines for some readers
 */
export function envLine(name: string, value: string): string {
  if (/^[\w.,:;/@%+*?[\]{}()<>=~^&|!-]*$/.test(value)) return `${name}=${value}`;
  return value.includes("'") ? `${name}="${value.replace(/["\\`$]/g, "\\$&")}"` : `${name}='${value}'`;
}

/** Markdown as lines of a comment. */
function comment(markdown: string): string[] {
  const lines: string[] = [];
  for (const word of markdown.replaceAll("`", "").split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(`# ${word}`);
  }
  return lines;
}
