/** Some rows that one site has and the other has not, for an operator to look at. */

/** The site that has a row, as `missing` and `surplus` are said from the passive one: the active site, or this one. */
export type SampleSide = "missing" | "surplus";

/** A value as text; null: NULL. Long ones are cut. */
export interface ShownValue {
  readonly text: string | null;
  /** Of the whole value. */
  readonly bytes: number;
}

/** The row of the other site that is most like a sampled one. */
export interface SampledTwin {
  /** It has the same sorting key and time; otherwise it is only the same in most columns. */
  readonly sameKey: boolean;
  /** The site of the sampled row has this one as well. */
  readonly atBoth: boolean;
  /** Columns that are compared and differ. */
  readonly differing: readonly string[];
  readonly values: readonly ShownValue[];
}

export interface SampledRow {
  readonly partitionId: string;
  /** How often each site has exactly this row; null: it was not counted, as the other site has no row of the partition. */
  readonly times: { readonly active: bigint; readonly here: bigint } | null;
  /** In the order of the columns of the sample. */
  readonly values: readonly ShownValue[];
  /** Null: the other site has no row like it. */
  readonly twin: SampledTwin | null;
}

export interface Sample {
  /** `database.table`. */
  readonly table: string;
  /** Names, in the order of the table: those that are stored. */
  readonly columns: readonly string[];
  readonly missing: readonly SampledRow[];
  readonly surplus: readonly SampledRow[];
  /** What is to be said besides, in sentences. */
  readonly remarks: readonly string[];
}
