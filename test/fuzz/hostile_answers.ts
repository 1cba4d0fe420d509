/** A hostile site's answers: those of a real server, with texts of somebody else's in some of their places. */
import { fc } from "../support/seed.ts";

import type { Change } from "../support/links/answers_relay.ts";
import { hostileExpression, hostileTail, TAP } from "./hostile_deeds.ts";
import { DEFINITIONS, type Row } from "./hostile_definitions.ts";
import { hostileJson, hostileText } from "./hostile_text.ts";

/** A question of the program by what only its statement holds, and the fields of the answer. */
const QUESTIONS: Readonly<Record<string, readonly [RegExp, readonly string[]]>> = {
  summaries: [
    /uniqExactIf\(partition_id/,
    ["database", "table", "partitions", "stored_rows", "fingerprint", "changed_at", "unseen"],
  ],
  partitions: [
    /replaceRegexpOne\(partition_id/,
    ["id", "stored_rows", "stored_bytes", "fingerprint", "changed_at", "deletes", "patches"],
  ],
  parts: [/^SELECT partition_id, name, rows AS stored_rows/, ["partition_id", "name", "stored_rows"]],
  "visible parts": [
    /_part AS _chsync_part/,
    ["_chsync_partition", "_chsync_part", "_chsync_rows", "_chsync_from", "_chsync_to"],
  ],
  digests: [
    /AS _chsync_city/,
    ["_chsync_partition", "_chsync_bucket", "_chsync_rows", "_chsync_city", "_chsync_xxh"],
  ],
  counts: [/count\(\) AS _chsync_rows\nFROM [^]*\nGROUP BY _chsync_partition$/, [
    "_chsync_partition",
    "_chsync_rows",
  ]],
  differences: [/AS _chsync_missing_city/, [
    "_chsync_bucket",
    "_chsync_missing_rows",
    "_chsync_repeated_rows",
    "_chsync_surplus_rows",
  ]],
  "parts that lack columns": [/\blacking\b/, ["partition_id", "lacking", "parts"]],
};

/** The same of questions that are not about one table. */
const QUESTIONS_TO_SITES: typeof QUESTIONS = {
  facts: [/timezone\(\) AS zone/, ["now", "day", "zone", "version", "cores", "id"]],
  "other objects": [/'view' AS kind/, ["kind", "name"]],
  load: [/FROM system\.metrics/, ["metric", "value"]],
  functions: [/FROM system\.functions/, ["function"]],
  "hash constants": [/^SELECT\s+concat\(toString\(cityHash64/, ["String", "UInt32", "DateTime('UTC')"]],
  "free space": [/system\.disks/, ["disks", "free"]],
  staging: [/startsWith\(name, '_chsync/, ["name", "comment", "database"]],
  arrival: [/AS lag\b/, ["database", "table", "lag"]],
};

const value: fc.Arbitrary<unknown> = fc.oneof(
  {
    arbitrary: fc.tuple(fc.constantFrom("1", "202601", "0", "-1", "", "20260101"), hostileTail).map((s) =>
      s.join("")
    ),
    weight: 4,
  },
  { arbitrary: hostileExpression, weight: 2 },
  { arbitrary: hostileText, weight: 1 },
  {
    arbitrary: fc.constantFrom<unknown>(
      null,
      -1,
      1e300,
      "NaN",
      "1e999",
      "-9223372036854775809",
      "",
      [],
      {},
      true,
    ),
    weight: 2,
  },
  { arbitrary: hostileJson, weight: 1 },
);

/** Only the question for the catalog has it. */
const CATALOG_MARK = "AS feeds";

/** One lie about one table, or (`table: null`) about the site. */
export interface Lie {
  readonly table: number | null;
  /** `row TTL`, or `parts: name`. */
  readonly carrier: string;
  readonly text: unknown;
}

function fieldsOf(questions: typeof QUESTIONS): string[] {
  return Object.entries(questions).flatMap(([question, [, fields]]) =>
    fields.map((field) => `${question}: ${field}`)
  );
}

/** @param tables how many there are, `d.t0` and on */
export function lieAboutTable(tables: number): fc.Arbitrary<Lie> {
  const definitions = fc.constantFrom(...Object.keys(DEFINITIONS)).chain((carrier) =>
    fc.record({ table: fc.nat(tables - 1), carrier: fc.constant(carrier), text: DEFINITIONS[carrier]!.text })
  );
  const fields = fc.record({
    table: fc.nat(tables - 1),
    carrier: fc.constantFrom(...fieldsOf(QUESTIONS)),
    text: value,
  });
  return fc.oneof({ arbitrary: definitions, weight: 3 }, { arbitrary: fields, weight: 1 });
}

export const lieAboutSite: fc.Arbitrary<Lie> = fc.oneof(
  fc.record({
    table: fc.constant(null),
    carrier: fc.constantFrom(...fieldsOf(QUESTIONS_TO_SITES)),
    text: value,
  }),
  fc.record({
    table: fc.constant(null),
    carrier: fc.constantFrom(
      ...Object.keys({ ...QUESTIONS, ...QUESTIONS_TO_SITES }).map((name) => `error: ${name}`),
    ),
    text: fc.oneof(hostileTail, hostileText),
  }),
);

/** Puts the lies into the answers of a server. `port` takes the place of the address that must not be called. */
export function liar(lies: readonly Lie[], port: number): Change {
  const real = (text: unknown): unknown =>
    typeof text === "string" ? text.replaceAll(TAP, `127.0.0.1:${port}`) : text;
  const told = lies.map((lie) => ({ ...lie, text: real(lie.text) }));
  return (statement, answer) => {
    for (const { carrier, text } of told) {
      const [kind, question = ""] = carrier.split(": ");
      if (kind === "error" && ({ ...QUESTIONS, ...QUESTIONS_TO_SITES })[question]![0].test(statement)) {
        return { status: 500, text: `Code: 60. DB::Exception: ${text} (UNKNOWN_TABLE)` };
      }
    }
    if (!answer.startsWith("{")) return answer;
    let parsed: { data: Record<string, unknown>[] } | null = null;
    const parse = () => parsed ??= JSON.parse(answer);
    for (const lie of told) tell(lie, statement, parse);
    return parsed === null ? answer : whole(parsed);
  };
}

/** It says how many rows it holds. */
function whole(answer: { readonly data: readonly unknown[] }): string {
  return JSON.stringify({ ...answer, rows: answer.data.length });
}

function tell(
  { table, carrier, text }: Lie,
  statement: string,
  parse: () => { data: Record<string, unknown>[] },
) {
  const definition = DEFINITIONS[carrier];
  if (definition) {
    if (!statement.includes(CATALOG_MARK)) return;
    const { data } = parse();
    for (const row of data.filter((row) => isOf(row, table!))) {
      data.push(...definition.put(row as unknown as Row, String(text)) as unknown as typeof data ?? []);
    }
    return;
  }
  const [question = "", field = ""] = carrier.split(": ");
  const [asked] = QUESTIONS[question] ?? QUESTIONS_TO_SITES[question] ?? [];
  if (!asked?.test(statement)) return;
  const many = /uniqExactIf\(partition_id/.test(statement) || /\(database, table\) IN/.test(statement);
  const about = table === null || many || new RegExp(`[\`']t${table}[\`']`).test(statement);
  if (!about) return;
  const rows = parse().data.filter((row) => table === null || !many || row.table === `t${table}`);
  for (const row of rows.slice(0, table === null ? 1 : 2)) row[field] = text;
}

/** A drill makes a table of its own. */
function isOf({ database, name, engine }: Record<string, unknown>, table: number): boolean {
  if (engine === "Database") return false;
  return (database === "d" && name === `t${table}`) || String(database).startsWith("ch_sync_drill_");
}
