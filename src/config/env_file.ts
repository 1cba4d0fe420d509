/** The environment of the process, and the file that fills its gaps. */
import { parseEnv } from "node:util";
import type { Mistake } from "./mistake.ts";
import type { Environment } from "./read_values.ts";

export interface ReadEnvironment {
  readonly environment: Environment;
  readonly mistakes: readonly Mistake[];
}

/**
 * The variables of the process over those of the file.
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
    text = readFile(path ?? ".env");
  } catch (error) {
    if (path !== null || !(error instanceof Deno.errors.NotFound)) {
      const problem = `${path ?? ".env"} cannot be read: check the path and its mode`;
      return { environment: process, mistakes: [{ variable: "--env-file", value: null, problem }] };
    }
  }
  return { environment: { ...parseEnv(text), ...process }, mistakes: strayLines(text, path ?? ".env") };
}

/** Lines that the parser would ignore in silence. The line itself may hold a secret and is not shown. */
function strayLines(text: string, path: string): Mistake[] {
  let quote: string | null = null;
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (quote !== null) {
      if (line.includes(quote)) quote = null;
      return [];
    }
    const assigned = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_.-]*\s*=\s*(.*)$/.exec(line);
    if (!assigned && line.trim() !== "" && !line.trim().startsWith("#")) {
      return [{ variable: `${path} line ${index + 1}`, value: null, problem: "is not NAME=value" }];
    }
    const open = /^(["'`])/.exec(assigned?.[1] ?? "")?.[1];
    if (open && !assigned![1]!.slice(1).includes(open)) quote = open;
    return [];
  });
}
