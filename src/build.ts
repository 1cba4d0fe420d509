/** What was built, from which commit, and when: `--version` prints it. */
import project from "../deno.json" with { type: "json" };

/** Where a built program comes from. */
export interface Build {
  /** Git's short name of the commit; with `-dirty` where the tree was changed; `unknown` without git. */
  readonly commit: string;
  /** Day of the commit, as YYYY-MM-DD, so that the same commit always gives the same program. */
  readonly date: string;
}

/** Written in front of the bundled program by `scripts/build/bundle.ts`; there is none when run from source. */
declare const CH_SYNC_BUILD: Build | undefined;

export const VERSION: string = project.version;

const build = typeof CH_SYNC_BUILD === "undefined" ? null : CH_SYNC_BUILD;

/** Git's short name of the commit; `source` where this was not built. */
export const COMMIT: string = build?.commit ?? "source";

/** `ch-sync 1.2.3 (commit 0123456789ab, 2026-01-31)`. */
export const VERSION_LINE = `ch-sync ${VERSION} (${
  build ? `commit ${build.commit}, ${build.date}` : "from source"
})`;
