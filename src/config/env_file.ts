/** The environment of the process, completed from a file. */
import type { Mistake } from "./mistake.ts";
import { parseEnvFile } from "./parse_env_file.ts";
import type { Environment } from "./read_values.ts";

export interface ReadEnvironment {
  readonly environment: Environment;
  /** Those of the file alone. */
  readonly file: Environment;
  readonly mistakes: readonly Mistake[];
}

/**
 * The variables of the process take precedence over those of the file, even if they are empty.
 *
 * @param path from `--env-file`; null: `.env` in the working directory, if there is one
 * @param readFile returns a file's content, or throws
 * @param needed whether it is a mistake if the file is missing
 */
export function readEnvironment(
  process: Environment,
  path: string | null,
  readFile: (path: string) => string,
  needed = path !== null,
): ReadEnvironment {
  let text = "";
  try {
    text = readFile(path ?? ".env").replace(/^\uFEFF/, "");
  } catch (error) {
    if (needed || !(error instanceof Deno.errors.NotFound)) {
      const problem = `${path ?? ".env"} cannot be read: check the path and its mode`;
      return { environment: process, file: {}, mistakes: [{ variable: "--env-file", value: null, problem }] };
    }
  }
  const { variables, problems } = parseEnvFile(text);
  return {
    environment: { ...variables, ...process },
    file: variables,
    mistakes: problems.map(({ line, problem }) => ({
      variable: `${path ?? ".env"} line ${line}`,
      value: null,
      problem,
    })),
  };
}
