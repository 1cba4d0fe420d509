/** Engines of other versions than the one that all tests run, as PyPI has them. */
import { isBefore } from "../../../src/clickhouse/dialect/versions.ts";
import { onStderr } from "../sites/fetch_progress.ts";
import { engineFolder } from "./wheel.ts";

export interface OldEngine {
  /** Of ClickHouse. */
  readonly version: string;
  readonly wheel: string;
  /** Older than what ch-sync works with. */
  readonly refused?: true;
  /** Starts anew for each statement, which takes ten times as long. */
  readonly slow?: true;
}

/** The next version is one line. */
export const ENGINES: readonly OldEngine[] = [
  { version: "23.6", wheel: "chdb==0.15.0", refused: true },
  { version: "23.10", wheel: "chdb==1.0.2", slow: true },
  { version: "24.5", wheel: "chdb==2.0.4", slow: true },
  { version: "24.8", wheel: "chdb==3.0.1" },
  { version: "25.5", wheel: "chdb==3.5.0" },
  { version: "25.8", wheel: "chdb==3.7.1" },
  { version: "26.3", wheel: "chdb-core==26.3.0" },
  { version: "26.9", wheel: "chdb-core==26.9.0" },
];

/** Whether ch-sync refuses this pair: the older one is read without the analyzer, and the newer one has nothing else. */
export function areApart(older: OldEngine, newer: OldEngine): boolean {
  return isBefore(older.version, "24.3") && !isBefore(newer.version, "26.9");
}

/** What each run of the tests takes: each of them is 600 MB and more. */
const EVERY_RUN = ["24.8", "25.8"];

/** Those of this run: `CH_SYNC_VERSIONS` names them, by commas; `all` is every one. */
function wantedEngines(wanted = Deno.env.get("CH_SYNC_VERSIONS")): readonly OldEngine[] {
  if (wanted === "all") return ENGINES;
  const names = wanted ? wanted.split(",") : EVERY_RUN;
  return names.map((name) => {
    const engine = ENGINES.find(({ version }) => version === name);
    if (engine) return engine;
    throw new Error(
      `CH_SYNC_VERSIONS: no engine ${name} is known, but ${ENGINES.map(({ version }) => version).join(", ")}`,
    );
  });
}

/**
 * The engines of this run, fetched. One that cannot be had is left out, which is said; with CI=true it stays, and its tests
 * fail with the reason.
 */
export async function enginesOfThisRun(): Promise<{
  readonly works: readonly OldEngine[];
  readonly refused: readonly OldEngine[];
}> {
  const had: OldEngine[] = [];
  for (const engine of wantedEngines()) {
    try {
      await engineFolder(engine);
      had.push(engine);
    } catch (error) {
      if (Deno.env.get("CI") === "true") had.push(engine);
      else onStderr().say(error instanceof Error ? error.message : String(error));
    }
  }
  return { works: had.filter(({ refused }) => !refused), refused: had.filter(({ refused }) => refused) };
}
