/** Two sites of which neither is of today, with profiles that change what statements mean: only with `CH_SYNC_VERSIONS`. */
import { startTwoSites } from "../support/sites/two_sites.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { siteOf } from "../support/versions/engine_of_run.ts";
import { mainJob } from "../support/versions/main_job.ts";

/** The passive and the active site: far apart, and either way round. */
const PAIRS = [["24.8", "25.8"], ["25.8", "24.8"], ["23.10", "24.8"], ["24.8", "23.10"]] as const;

/** At both sites, as far as each version knows the settings. */
const PROFILES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "the old analyzer": { allow_experimental_analyzer: 0 },
  "an old compatibility": { compatibility: "23.8" },
  "other answers": {
    join_use_nulls: 1,
    joined_subquery_requires_alias: 0,
    transform_null_in: 1,
    aggregate_functions_null_for_empty: 1,
    empty_result_for_aggregation_by_empty_set: 1,
    group_by_use_nulls: 1,
    prefer_column_name_to_alias: 1,
    cast_keep_nullable: 1,
    date_time_output_format: "unix_timestamp",
    data_type_default_nullable: 1,
    insert_null_as_default: 0,
    final: 1,
    limit: 3,
    optimize_on_insert: 0,
    use_query_cache: 1,
  },
};

const { works } = Deno.env.get("CH_SYNC_VERSIONS") === undefined ? { works: [] } : await enginesOfThisRun();

for (const [passive, active] of PAIRS) {
  const [here, there] = [passive, active].map((name) => works.find(({ version }) => version === name));
  if (!here || !there) continue;
  for (const [words, profile] of Object.entries(PROFILES)) {
    Deno.test(`a passive site of ${passive} gets back what it missed from one of ${active}, both with ${words}`, async () => {
      const sync = { profile };
      await using sites = await startTwoSites({
        dr: { ...siteOf(here), sync },
        primary: { ...siteOf(there), sync },
      });
      await mainJob(sites);
    });
  }
}
