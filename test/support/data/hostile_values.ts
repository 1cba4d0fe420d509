/** Values of settings that a profile should not have. */

/** Of types that are lists of words, one that is not the usual word. */
const WORDS: Readonly<Record<string, string>> = {
  DateTimeOutputFormat: "iso",
  DateTimeOverflowBehavior: "saturate",
  DistributedProductMode: "local",
  IdentifierQuotingRule: "always",
  IdentifierQuotingStyle: "DoubleQuotes",
  IntervalOutputFormat: "kusto",
  JoinAlgorithm: "full_sorting_merge",
  JoinOrderAlgorithm: "dpsize",
  JoinStrictness: "ANY",
  OverflowMode: "break",
  OverflowModeGroupBy: "any",
  ShortCircuitFunctionEvaluation: "disable",
  Timezone: "Asia/Tokyo",
};

/**
 * A value of the setting that is not its own.
 *
 * @param large in place of a small number
 * @returns null: none is known for its type
 */
export function hostileValue(
  { name, type, value }: { readonly name: string; readonly type: string; readonly value: string },
  large = false,
): string | null {
  switch (type) {
    case "Bool":
      return value === "1" ? "0" : "1";
    case "UInt64":
    case "Int64":
    case "Int32":
    case "NonZeroUInt64":
    case "UInt64Auto":
      return large ? "1000000007" : value === "1" ? "2" : "1";
    case "Milliseconds":
    case "Seconds":
      return value === "7" ? "8" : "7";
    case "String":
      return value === "" ? "x" : null;
    case "Map":
      return name === "additional_table_filters" ? "{'d.t':'duration < 3'}" : null;
    default:
      return WORDS[type] ?? null;
  }
}
