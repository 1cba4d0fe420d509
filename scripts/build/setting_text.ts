/** What every list of the settings says of one of them, in Markdown. */
import type { Setting } from "../../src/config/setting.ts";

/** Sentences: what it means, and by which old names it goes. */
export function explained({ meaning, aliases = [] }: Setting): string {
  return [meaning, ...aliases.map((alias) => `The old name \`${alias}\` is still accepted`)].join(". ");
}

/** A sentence, or none where any text will do. */
export function accepted({ accepts, anything }: Setting): string {
  return anything ? "" : ` Accepts ${accepts}.`;
}

/** What counts where it is not set, or that it has to be. */
export function defaultOf(setting: Setting): string {
  if (setting.required) return "required";
  return setting.otherwise ?? (setting.default === null ? "none" : `\`${setting.default}\``);
}
