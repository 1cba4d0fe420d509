/** What the program takes over of another site's definitions, without a server: none of a stranger's deeds is in it. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { createStatement, takeDefinition } from "../../src/clickhouse/foreign/create_table.ts";
import { takeType } from "../../src/clickhouse/foreign/data_type.ts";
import { takeExpression } from "../../src/clickhouse/foreign/expression.ts";
import { Untaken } from "../../src/clickhouse/foreign/tokens.ts";
import { takeTtl } from "../../src/clickhouse/foreign/ttl_rules.ts";
import { decodeTable } from "../../src/clickhouse/catalog/catalog_statement.ts";
import { outsideQuotes } from "../support/data/outside_quotes.ts";
import { LONG, MARKS } from "./hostile_deeds.ts";
import { DEFINITIONS, type Row } from "./hostile_definitions.ts";

const CLAUSES = "PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) SETTINGS index_granularity = 8192";
const ROW: Row = {
  database: "d",
  name: "t0",
  uuid: "61f0c404-5cb3-11e7-907b-a6006ad3dba0",
  engine: "MergeTree",
  engine_full: `MergeTree ${CLAUSES}`,
  partition_key: "toYYYYMM(ts)",
  sorting_key: "k, ts",
  create_table_query: "CREATE TABLE d.t0 (`ts` DateTime('UTC'), `k` UInt32, `v` String, `n` UInt64) " +
    `ENGINE = MergeTree ${CLAUSES}`,
  as_select: "",
  feeds: [],
  columns: [
    ["ts", "DateTime('UTC')", "", "", 1, 1],
    ["k", "UInt32", "", "", 0, 1],
    ["v", "String", "", "", 0, 0],
    ["n", "UInt64", "", "", 0, 0],
  ],
  mutations: "0",
  mutated_at: 0,
  deleted_at: 0,
};

const lie = fc.constantFrom(...Object.keys(DEFINITIONS)).chain((carrier) =>
  fc.record({ carrier: fc.constant(carrier), text: DEFINITIONS[carrier]!.text })
);

/** Everything that could become part of a statement of another server. */
function taken(carrier: string, text: string): string[] {
  const row = structuredClone(ROW);
  return [row, ...DEFINITIONS[carrier]!.put(row, text) ?? []].flatMap((row) => {
    const { ttl, rules, id, createQuery, columns } = decodeTable(row);
    const written = [...rules.deletes, ...rules.groups, ...[...rules.columns.values()].flat()];
    return [
      ...written.flatMap(({ plain }) => plain ? [plain.expression, plain.where ?? ""] : []),
      ...orNone(() => createStatement(takeDefinition(createQuery, id), id)),
      ...ttl === null ? [] : orNone(() => takeTtl(ttl)),
      ...columns.flatMap(({ type, defaultExpression }) => [
        ...orNone(() => takeType(type)),
        ...orNone(() => takeExpression(defaultExpression, "default")),
      ]),
    ];
  });
}

function orNone(take: () => string): string[] {
  try {
    return [take()];
  } catch (error) {
    if (error instanceof Untaken) return [];
    throw error;
  }
}

export function takenOver(numRuns: number, seed: number): void {
  const property = fc.property(lie, ({ carrier, text }) => {
    assert.deepEqual(taken(carrier, text).filter((sql) => MARKS.test(outsideQuotes(sql))), []);
  });
  fc.assert(property, { numRuns, seed });
}

/** Milliseconds for one long text: a thousandth of this is usual, a second the most, and the machine may be busy. */
const PATIENCE_MS = 20_000;

/** So many of the long texts, each in some place; there are about a thousand. */
export function longTexts(count: number, seed: number): void {
  const all = Object.keys(DEFINITIONS).flatMap((carrier) =>
    Object.keys(LONG).map((kind) => ({ carrier, kind }))
  );
  const [some] = fc.sample(fc.shuffledSubarray(all, { minLength: all.length }), { numRuns: 1, seed });
  for (const { carrier, kind } of some!.slice(0, count)) {
    const since = performance.now();
    taken(carrier, LONG[kind]!);
    const elapsed = performance.now() - since;
    assert.ok(elapsed < PATIENCE_MS, `${kind} as ${carrier}: ${elapsed.toFixed(0)} ms`);
  }
}
