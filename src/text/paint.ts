/** Colours for a terminal, by what they say. */
import { styleText } from "node:util";

/** `good`: nothing to do; `wait`: ch-sync tends to it; `bad`: somebody has to; `soft`: less important than the rest. */
export type Style = "good" | "wait" | "bad" | "strong" | "soft";

/** Gives a text the look of a style; control characters in it must be escaped before. */
export type Paint = (style: Style, text: string) => string;

/** For files, pipes and programs. */
export const PLAIN: Paint = (_style, text) => text;

const FORMATS = { good: "green", wait: "yellow", bad: "red", strong: "bold", soft: "gray" } as const;

export const COLOURED: Paint = (style, text) => styleText(FORMATS[style], text, { validateStream: false });

/** @param isTerminal whether the text goes to one; what it can do, and whether colours are wanted, tells the environment */
export function paintFor(
  isTerminal: boolean,
  { NO_COLOR, TERM }: { readonly NO_COLOR?: string | undefined; readonly TERM?: string | undefined },
): Paint {
  const plain = !isTerminal || NO_COLOR || TERM === undefined || TERM === "" || TERM === "dumb";
  return plain ? PLAIN : COLOURED;
}
