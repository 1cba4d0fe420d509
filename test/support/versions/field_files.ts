/**
 * Tests that know of no versions, and that `deno task test:versions` runs with each at either site: what a check does to tables.
 * None that is about rights, KILL, logs of the server or the engine's own configuration, which a front cannot show.
 */
export const FIELD_FILES: readonly string[] = [
  "test/check/compare/adding_again_test.ts",
  "test/check/compare/collapsing_property_test.ts",
  "test/check/compare/column_ttl_test.ts",
  "test/check/compare/find_axis_test.ts",
  "test/check/compare/ignored_columns_test.ts",
  "test/check/compare/merging_engines_test.ts",
  "test/check/compare/merging_property_test.ts",
  "test/check/judge/guards/guard_histories_test.ts",
  "test/check/judge/guards/guards_test.ts",
  "test/check/judge/guards/pairs_off_test.ts",
  "test/check/profiles_property_test.ts",
  "test/check/repair/batch_property_test.ts",
  "test/check/repair/repair_test.ts",
  "test/check/repair/replace_test.ts",
  "test/check/repair/union_property_test.ts",
  "test/check/tables/choose_partitions_test.ts",
  "test/check/tables/drift_remedies_test.ts",
  "test/check/tables/drift_test.ts",
  "test/check/tables/early_expiry_test.ts",
  "test/check/tables/foreign_rules_test.ts",
  "test/check/tables/unstable_columns_test.ts",
  "test/check/tables/widening_test.ts",
  "test/check/tables/zones_test.ts",
  "test/check/views/fed_again_test.ts",
  "test/check/views/fed_below_test.ts",
  "test/check/views/fed_beyond_test.ts",
  "test/check/views/fed_histories_test.ts",
  "test/check/views/fed_once_test.ts",
  "test/check/views/prove_derived_test.ts",
  "test/check/views/prove_groups_test.ts",
  "test/check/views/views_test.ts",
];

/**
 * Those of them that are run with an engine that starts anew for each statement, where a file takes minutes: guards, merging
 * engines, views, repairs and what they are compared by, and of each property a quarter of the cases.
 */
export const SLOW_FIELD_FILES: readonly string[] = [
  "test/check/compare/adding_again_test.ts",
  "test/check/compare/merging_engines_test.ts",
  "test/check/compare/merging_property_test.ts",
  "test/check/judge/guards/guards_test.ts",
  "test/check/repair/repair_test.ts",
  "test/check/repair/replace_test.ts",
  "test/check/repair/union_property_test.ts",
  "test/check/tables/drift_test.ts",
  "test/check/views/fed_once_test.ts",
  "test/check/views/prove_derived_test.ts",
  "test/check/views/prove_groups_test.ts",
  "test/check/views/views_test.ts",
];

/** Tests and steps in those files that are about rights all the same. */
export const ABOUT_RIGHTS: readonly string[] = [
  "a replacement that the server refuses keeps nothing, and changes nothing",
];
