import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { type ParsedState, parseState } from "../../src/state/parse_state.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";

function parse(value: unknown): ParsedState {
  return parseState(new TextEncoder().encode(JSON.stringify(value)));
}

function problemOf(value: unknown): string | null {
  const parsed = parse(value);
  return parsed.kind === "corrupt" ? parsed.problem : null;
}

const READY: State = {
  ...FRESH_STATE,
  last_check: "2026-01-01T00:00:00.000Z",
  consecutive_clean: 3,
  failback_ready: true,
  ready_until: "2026-01-01T00:10:00.000Z",
  active_site: "primary",
};

/** Fields that every version has written: they may not be absent. */
const CONTRACT: readonly (keyof State)[] = [
  "last_check",
  "last_sync",
  "consecutive_clean",
  "failback_ready",
  "active_site",
  "tables_checked",
  "tables_with_gaps",
  "partitions_synced",
  "rows_synced",
  "new_tables_detected",
  "last_error",
  "ready_until",
];

Deno.test("parseState() reads every state that JSON can write", () => {
  fc.assert(fc.property(arbitraryState, (state) => {
    assert.deepEqual(parse(state), { kind: "state", state });
  }));
});

Deno.test("parseState() drops fields that it does not know", () => {
  const parsed = parse({ ...READY, from_tomorrow: { rows: 1 } });
  assert.deepEqual(parsed, { kind: "state", state: READY });
});

Deno.test("parseState() takes defaults for fields that an older ch-sync did not write", () => {
  const old = Object.fromEntries(CONTRACT.map((name) => [name, READY[name]]));
  assert.deepEqual(parse(old), { kind: "state", state: READY });
});

Deno.test("parseState() misses every field that all versions have written", () => {
  for (const absent of CONTRACT) {
    const { [absent]: _, ...rest } = READY;
    assert.equal(problemOf(rest), `it lacks ${absent}`);
  }
});

Deno.test("parseState() refuses values that a field cannot have, and names the field", () => {
  const wrong: Record<string, readonly unknown[]> = {
    version: [0, -1, 1.5, "1", null],
    last_check: ["yesterday", "2026-01-01", "2026-01-01T00:00:00+01:00", "2026-13-01T00:00:00Z", 0, {}],
    ready_until: ["", "2026-01-01T25:00:00Z", true],
    consecutive_clean: [-1, 0.5, "3", null, 2 ** 53, [3]],
    failback_ready: ["true", 1, null],
    active_site: ["both", "", null, 1],
    rows_synced: [-5, "many", 1e300],
    new_tables_detected: ["d.t", null, [1], {}, [["d.t"]]],
    last_error: [1, ["error"], false],
    gap_tables: [null, {}, [null]],
    installation: ["../../etc", "ABCD", "0123456789abcdef0", 1],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      assert.equal(problemOf({ ...READY, [name]: value }), `${name} has a value that it cannot have`);
    }
  }
});

Deno.test("parseState() refuses what is no JSON object", () => {
  const corrupt = (text: string) => {
    const parsed = parseState(new TextEncoder().encode(text));
    return parsed.kind === "corrupt" ? parsed.problem : parsed.kind;
  };
  assert.equal(corrupt(""), "it is empty");
  for (const text of ["\0\0\0", "{", "ready", "{}{}"]) assert.equal(corrupt(text), "it is not JSON");
  for (const text of ["[]", "null", "7", '"ready"', "true"]) {
    assert.equal(corrupt(text), "it holds no JSON object");
  }
  const broken = new Uint8Array([...new TextEncoder().encode('{"last_error":"'), 0xff, 0x22, 0x7d]);
  assert.deepEqual(parseState(broken), { kind: "corrupt", problem: "it is not JSON" });
});

Deno.test("parseState() knows the file of a newer ch-sync, whatever its fields have become", () => {
  assert.deepEqual(parse({ version: 2, ready: { since: "soon" } }), { kind: "newer", version: 2 });
});

Deno.test("parseState() takes nobody's word for FAILBACK READY without an end and clean checks", () => {
  for (const damage of [{ ready_until: null }, { consecutive_clean: 0 }]) {
    assert.match(problemOf({ ...READY, ...damage }) ?? "", /^failback_ready is true without/);
  }
});

Deno.test("parseState() survives any bytes, and finds no state in them", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    assert.equal(parseState(bytes).kind, "corrupt");
  }));
});

Deno.test("parseState() survives what is huge or nested without end", () => {
  for (const text of ["[", '{"a":', " ", "9", "\0", '"'].map((piece) => piece.repeat(2_000_000))) {
    assert.equal(parseState(new TextEncoder().encode(text)).kind, "corrupt");
  }
  const huge = { ...READY, gap_tables: new Array(500_000).fill("d.t") };
  assert.equal(problemOf(huge), null);
  assert.equal(problemOf({ ...huge, rows_synced: 1e21 }), "rows_synced has a value that it cannot have");
});

Deno.test("parseState() survives any JSON, and any value in any field", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assert.notEqual(parseState(new TextEncoder().encode(text)).kind, "state");
  }));
  const field = fc.constantFrom(...Object.keys(FRESH_STATE));
  fc.assert(fc.property(field, fc.jsonValue(), (name, value) => {
    const parsed = parse({ ...FRESH_STATE, [name]: value });
    if (parsed.kind === "state") assert.equal(parsed.state.failback_ready, false);
  }));
});

Deno.test("parseState() is not made ready by any single damaged byte", () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...FRESH_STATE, consecutive_clean: 2 }));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const parsed = parseState(bytes.with(at, value));
      assert.ok(parsed.kind !== "state" || !parsed.state.failback_ready);
    }),
    { numRuns: 2000 },
  );
});
