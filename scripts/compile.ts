// deno-lint-ignore-file no-console -- what it prints is for the person who builds
/** `deno task compile`: one file that runs where there is neither Deno nor npm. */
import { compileBinary } from "./build/binary.ts";
import { bundle } from "./build/bundle.ts";
import { BuildError } from "./build/commands.ts";
import { readTarget, type Target, TARGETS, THIS_TARGET } from "./build/runtime.ts";
import { makeSelfExtracting } from "./build/self_extracting.ts";
import { readFlags, runTask } from "./build/task.ts";

const USAGE = `Usage: deno task compile [--output FILE] [--target TRIPLE] [--self-extracting]

  --output FILE      what to write; default: dist/ch-sync
  --target TRIPLE    one of ${TARGETS.join(", ")};
                     default: this machine's
  --self-extracting  one file from the running Deno, for places that cannot download Deno's runtime base

DENORT_BIN names a runtime base (denort) that Deno shall take instead of downloading it.`;

interface Wanted {
  readonly output: string;
  readonly target: Target;
  readonly selfExtracting: boolean;
}

/** @throws BuildError for arguments that cannot be followed */
export function readArguments(args: readonly string[]): Wanted | "help" {
  const options = {
    output: { type: "string", default: "dist/ch-sync" },
    target: { type: "string", default: THIS_TARGET },
    "self-extracting": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = readFlags({ args: [...args], options }, USAGE);
  if (values.help) return "help";
  const { output, "self-extracting": selfExtracting } = values;
  const target = readTarget(values.target, selfExtracting);
  if (output === "" || output.endsWith("/")) throw new BuildError(`--output=${output} must name a file`);
  return { output, target, selfExtracting };
}

async function main(args: readonly string[]): Promise<void> {
  const wanted = readArguments(args);
  if (wanted === "help") return console.log(USAGE);
  const { output, target, selfExtracting } = wanted;
  const program = await bundle();
  const folder = output.replace(/[^/]*$/, "");
  if (folder) await Deno.mkdir(folder, { recursive: true });
  if (selfExtracting) await makeSelfExtracting(program, output);
  else await compileBinary(program, output, target);
  const { size } = await Deno.stat(output);
  console.log(`${output}: ${(size / 1e6).toFixed(1)} MB for ${target}`);
}

if (import.meta.main) await runTask(() => main(Deno.args));
