/** How the program is run, wherever it runs: from source, compiled, or from the self-extracting file. */
import { BuildError } from "./commands.ts";

/**
 * Exactly what ch-sync needs: ClickHouse, DNS and webhooks; its configuration; files. No subprocess, no FFI. Which
 * files and hosts is the operator's to say, so it is the unit that narrows them, not these flags.
 */
export const PERMISSIONS: readonly string[] = ["--allow-net", "--allow-env", "--allow-read", "--allow-write"];

/**
 * `--max-semi-space-size=2` (MiB): a daemon that mostly sleeps needs no large young generation; measured, it keeps
 * some 15 MB less. `--heap-growing-percent=30`: garbage is collected when the heap has grown by that, not doubled: some 20 MB
 * less after thirty checks (93 of 114), 40 % less with 300,000 rows of a catalog in hand, for a tenth of the time of such work. `--unstable-net`: datagrams to systemd's `NOTIFY_SOCKET`.
 */
export const RUNTIME_FLAGS: readonly string[] = [
  "--quiet",
  "--no-prompt",
  "--unstable-net",
  "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=30",
  ...PERMISSIONS,
];

/** What may be built for; the names are Deno's. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "aarch64-apple-darwin",
  "x86_64-apple-darwin",
] as const;
export type Target = typeof TARGETS[number];

/** The target of the machine that this runs on, in Deno's words. */
export const THIS_TARGET: string = Deno.build.target;

/** The target that somebody named. @throws BuildError if nothing can be built for it */
export function readTarget(name: string, selfExtracting: boolean): Target {
  const target = TARGETS.find((known) => known === name);
  if (!target) throw new BuildError(`--target=${name} must be one of ${TARGETS.join(", ")}`);
  if (selfExtracting && target !== THIS_TARGET) {
    throw new BuildError(
      `--self-extracting packs the Deno that is running, which is ${THIS_TARGET}; run it on a ${target}`,
    );
  }
  return target;
}
