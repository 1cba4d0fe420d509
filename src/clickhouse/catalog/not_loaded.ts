/** Tables that a server has not loaded since it was started, as nobody has asked for them yet (`lazy_load_tables`). */

/** The engine of what stands for them. */
export const NOT_LOADED = "TableProxy";

/** Of a row of `system.tables`: whether it may be of the MergeTree family. */
export const MAY_BE_MERGE_TREE = `(endsWith(engine, 'MergeTree') OR engine = '${NOT_LOADED}')`;

/** The row with the engine that its table is of. */
export function withEngine<Row extends { readonly engine: string; readonly engine_full: string }>(
  row: Row,
): Row {
  return row.engine === NOT_LOADED ? { ...row, engine: /^\w*/.exec(row.engine_full)![0] } : row;
}
