// deno-lint-ignore-file no-console -- what it prints is for the person who builds
/** `deno task release`: archives that operators install from, with checksums and a bill of materials. */
import { BuildError } from "./build/commands.ts";
import { makeRelease, type ReleaseOrder } from "./build/release_files.ts";
import { readTarget, TARGETS, THIS_TARGET } from "./build/runtime.ts";
import { readFlags, runTask } from "./build/task.ts";

const USAGE =
  `Usage: deno task release [--target TRIPLE]... [--self-extracting] [--output DIR] [--allow-dirty]

  --target TRIPLE    one of ${TARGETS.join(", ")};
                     repeatable; default: this machine's
  --self-extracting  the program as one file from the running Deno, for this machine's target alone
  --output DIR       where to put the files; default: dist
  --allow-dirty      also with changes that are not committed, but no new files: for trying things out`;

/** @throws BuildError for arguments that cannot be followed */
export function readReleaseArguments(args: readonly string[]): ReleaseOrder | "help" {
  const options = {
    target: { type: "string", multiple: true },
    "self-extracting": { type: "boolean", default: false },
    output: { type: "string", default: "dist" },
    "allow-dirty": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = readFlags({ args: [...args], options }, USAGE);
  if (values.help) return "help";
  const selfExtracting = values["self-extracting"];
  const targets = [...new Set(values.target ?? [THIS_TARGET])].map((name) =>
    readTarget(name, selfExtracting)
  );
  const output = values.output.replace(/(?<=.)\/+$/, "");
  if (output === "") throw new BuildError("--output= must name a folder");
  return { targets, selfExtracting, output, allowDirty: values["allow-dirty"] };
}

async function main(args: readonly string[]): Promise<void> {
  const wanted = readReleaseArguments(args);
  if (wanted === "help") return console.log(USAGE);
  for await (const path of makeRelease(wanted)) {
    console.log(`${path}: ${((await Deno.stat(path)).size / 1e6).toFixed(1)} MB`);
  }
}

if (import.meta.main) await runTask(() => main(Deno.args));
