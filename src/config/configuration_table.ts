/** The configuration as the table of the README. */
import { VARIABLES } from "./variables.ts";

/** A Markdown table with a row for every variable. */
export function configurationTable(): string {
  const rows = VARIABLES.map(({ name, default: value, meaning, required }) => {
    const shown = required
      ? "required"
      : value === null
      ? "none"
      : value.includes(" ")
      ? value
      : `\`${value}\``;
    return `| \`${name}\` | ${shown} | ${meaning} |`;
  });
  return ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
}
