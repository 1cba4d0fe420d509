/** Engines of other versions than the one that all tests run, as PyPI has them. */

export interface OldEngine {
  /** Of ClickHouse. */
  readonly version: string;
  readonly wheel: string;
}

/** The next version is one line. */
export const ENGINES: readonly OldEngine[] = [
  { version: "23.10", wheel: "chdb==1.0.2" },
  { version: "24.8", wheel: "chdb==3.0.1" },
  { version: "25.5", wheel: "chdb==3.5.0" },
  { version: "25.8", wheel: "chdb==3.7.1" },
  { version: "26.9", wheel: "chdb-core==26.9.0" },
];

/** What each run of the tests takes: each of them is 600 MB and more. */
const EVERY_RUN = ["24.8", "25.8"];

/** Those of this run: `CH_SYNC_VERSIONS` names them, by commas; `all` is every one. */
export function enginesOfThisRun(wanted = Deno.env.get("CH_SYNC_VERSIONS")): readonly OldEngine[] {
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
