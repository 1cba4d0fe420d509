/** States for property tests. */
import { fc } from "../seed.ts";
import { CAUSES } from "../../../src/model/cause.ts";
import { REASONS } from "../../../src/model/reason.ts";
import type { State } from "../../../src/model/state.ts";

const time = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true })
  .map((date) => date.toISOString());
const timeOrNull = fc.option(time);
const names = fc.array(fc.string({ unit: "grapheme" }), { maxLength: 3 });

function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true });
}

const lacks = { missing: fc.maxSafeNat(), from: timeOrNull, to: timeOrNull };

/** Any state that ch-sync could have written; it may be ready. */
export const arbitraryState: fc.Arbitrary<State> = fc.record({
  version: fc.constant(1 as const),
  last_check: timeOrNull,
  last_sync: timeOrNull,
  consecutive_clean: fc.maxSafeNat(),
  ready_until: timeOrNull,
  ready_undone: timeOrNull,
  active_site: fc.constantFrom("primary", "dr", "unknown"),
  tables_checked: fc.maxSafeNat(),
  tables_with_gaps: fc.maxSafeNat(),
  partitions_synced: fc.maxSafeNat(),
  rows_synced: fc.maxSafeNat(),
  new_tables_detected: names,
  last_error: fc.option(fc.string({ unit: "grapheme" })),
  config_digest: fc.string(),
  gap_tables: names,
  partitions_checked: fc.maxSafeNat(),
  partitions_proven: fc.maxSafeNat(),
  partitions_counted: fc.maxSafeNat(),
  clean_since: timeOrNull,
  oldest_digest: timeOrNull,
  verified_through: timeOrNull,
  waits_for_neighbour: fc.boolean(),
  told_not_ready: timeOrNull,
  reasons: fc.dictionary(
    fc.string({ unit: "grapheme" }),
    fc.dictionary(fc.constantFrom(...Object.keys(REASONS)), fc.maxSafeNat(), { noNullPrototype: true }),
    { maxKeys: 3, noNullPrototype: true },
  ),
  causes: fc.dictionary(fc.string({ unit: "grapheme" }), fc.array(fc.constantFrom(...Object.keys(CAUSES))), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  steady_checks: fc.maxSafeNat(),
  refused: names,
  replicas_read: fc.dictionary(fc.constantFrom("local", "remote"), fc.webUrl(), { noNullPrototype: true }),
  unreachable: names,
  holds: fc.option(plain({
    compared_through: time,
    through: timeOrNull,
    ...lacks,
    tables: fc.array(plain({ table: fc.string(), through: time, ...lacks }), { maxLength: 2 }),
    unknown: fc.array(plain({ table: fc.string(), why: fc.string() }), { maxLength: 2 }),
  })),
  installation: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), maxLength: 16 }),
}).map((state) => ({
  ...state,
  failback_ready: state.ready_until !== null && state.consecutive_clean > 0,
}));
