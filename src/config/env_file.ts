/** The environment of the process, and the file that fills its gaps. */
import { parseEnv } from "node:util";
import type { Mistake } from "./mistake.ts";
import type { Environment } from "./read_values.ts";

export interface ReadEnvironment {
  readonly environment: Environment;
  readonly mistakes: readonly Mistake[];
}

/**
 * The variables of the process over those of the file. One that the process sets to nothing stays set to nothing.
 *
 * @param path from `--env-file`; null: `.env` in the working directory, if there is one
 * @param readFile returns a file's content, or throws
 */
export function readEnvironment(
  process: Environment,
  path: string | null,
  readFile: (path: string) => string,
): ReadEnvironment {
  let text = "";
  try {
    text = readFile(path ?? ".env").replace(/^\uFEFF/, "");
  } catch (error) {
    if (path !== null || !(error instanceof Deno.errors.NotFound)) {
      const problem = `${path ?? ".env"} cannot be read: check the path and its mode`;
      return { environment: process, mistakes: [{ variable: "--env-file", value: null, problem }] };
    }
  }
  return { environment: { ...parseEnv(text), ...process }, mistakes: strayLines(text, path ?? ".env") };
}

const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(.*)$/;

/** Lines that the parser would ignore or cut in silence. The line itself may hold a secret and is not shown. */
function strayLines(text: string, path: string): Mistake[] {
  const mistakes: Mistake[] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const say = (problem: string) =>
      mistakes.push({ variable: `${path} line ${index + 1}`, value: null, problem });
    if (line.trim() === "" || line.trim().startsWith("#")) continue;
    const value = ASSIGNMENT.exec(line)?.[1];
    if (value === undefined) say("must be NAME=value, a comment or blank");
    else if (/^["'`]/.test(value)) {
      const quoted = [value, ...lines.slice(index + 1)].join("\n");
      const end = quoted.indexOf(quoted[0]!, 1);
      if (end < 0) say(`must close the quote ${quoted[0]} that it opens`);
      else {
        const [rest = ""] = quoted.slice(end + 1).split("\n", 1);
        if (!/^\s*(#.*)?$/.test(rest)) {
          say(`must have nothing after the quote ${quoted[0]} that ends its value`);
        }
        index += quoted.slice(0, end).split("\n").length - 1;
      }
    } else if (/\S#/.test(value)) {
      say("must have quotes around a value with #, which begins a comment otherwise");
    }
  }
  return mistakes;
}
