import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { Board } from "../../src/model/board.ts";
import type { Reason } from "../../src/model/reason.ts";
import { REASONS } from "../../src/model/reason.ts";
import { type BoardLimits, buildBoard, chooseTables, ONE_TABLE, OVERVIEW } from "../../src/status/board.ts";
import { remembered } from "../support/shown_page.ts";
import { found, report } from "../support/data/tables.ts";

const build = (
  tables: Parameters<typeof report>[0],
  known: Parameters<typeof buildBoard>[1] = new Map(),
  repairing: Parameters<typeof buildBoard>[2] = null,
  limits: BoardLimits = OVERVIEW,
) => buildBoard(report(tables), known, repairing, limits);
const knowing = (...cells: [string, Parameters<typeof remembered>[0]][]) =>
  new Map([["d.t", new Map(cells.map(([id, fields]) => [id, remembered(fields)]))]]);

Deno.test("buildBoard() tells proven, counted and never proven partitions apart", () => {
  const proof = { here: "", active: "", written: 0n, city: 0n, reason: "surplus", surplus: 3n } as const;
  const known = knowing(
    ["20260101", {}],
    ["20260102", { proof: null }],
    ["20260103", { proof: null, digestedAt: null }],
    ["20260104", { proof, rowsHere: 403n }],
  );
  const [table] = build([{ partitions: 4 }], known).tables;
  assert.deepEqual(table!.cells.map(({ tone }) => tone), ["sync", "counted", "unproven", "surplus"]);
  assert.equal(table!.cells[3]!.detail, REASONS.surplus.meaning);
  assert.deepEqual([table!.folded, table!.settled], [0, true]);
});

Deno.test("buildBoard() lays what was found over what is remembered", () => {
  const findings = [
    found({
      partitionId: "20260102",
      reason: "partial",
      detail: "3 rows",
      rowsActive: 10n,
      rowsHere: 7n,
      missing: 3n,
    }),
    found({ partitionId: "20260103", reason: "missing", missing: 9n, rowsActive: 9n, repaired: true }),
    found({ partitionId: null, reason: "drifted", detail: "column a" }),
  ];
  const [table] = build([{ partitions: 3, findings }], knowing(["20260101", {}], ["20260102", {}])).tables;
  const [sync, partial, repaired] = table!.cells;
  assert.equal(sync!.tone, "sync");
  assert.deepEqual([partial!.tone, partial!.rowsHere, partial!.missing, partial!.detail], [
    "partial",
    7n,
    3n,
    "3 rows",
  ]);
  assert.deepEqual([repaired!.tone, repaired!.rowsHere, repaired!.missing], ["repaired", 9n, 0n]);
  assert.deepEqual(table!.notes, [{ reason: "drifted", detail: "column a" }]);
  assert.equal(table!.settled, false);
});

Deno.test("buildBoard() takes nothing for compared that the last check did not compare", () => {
  const known = knowing(["20260101", {}], ["20260102", {}]);
  const past = (board: Board) => board.tables[0]!.cells.map((cell) => cell.past ?? false);
  for (const reason of ["drifted", "lagging", "unsupported", "failed"] as const) {
    const refused = { partitions: 0, findings: [found({ partitionId: null, reason })] };
    const board = build([refused], known);
    assert.deepEqual(past(board), [true, true], reason);
    assert.deepEqual([board.outstanding.unknown, board.total], [1, { tables: 1, partitions: 2 }]);
  }
  const findings = [found({ partitionId: "20260102" })];
  assert.deepEqual(past(build([{ partitions: 2, findings }], known)), [false, false]);
  const notSince = { at: "2026-03-01T01:00:00.000Z", why: "no answer" };
  const older = buildBoard(report([{ partitions: 2, findings }]), known, null, OVERVIEW, notSince);
  assert.deepEqual(past(older), [true, true]);
  const repairing = { table: "d.t", partitionId: "20260102", rows: 5n };
  const now = buildBoard(report([{ partitions: 2, findings }]), known, repairing, OVERVIEW, notSince);
  assert.deepEqual(past(now), [true, false], "what is being repaired was just compared");
});

Deno.test("buildBoard() shows the partition that is being repaired, also one that no check has told of", () => {
  const known = knowing(["20260101", {}]);
  for (const partitionId of ["20260101", "20260102"]) {
    const { tables } = build([{ partitions: 1 }], known, { table: "d.t", partitionId, rows: 5n });
    assert.equal(tables[0]!.cells.find((cell) => cell.partitionId === partitionId)!.tone, "repairing");
  }
  const elsewhere = build([{ partitions: 1 }], known, { table: "d.u", partitionId: "20260101", rows: 5n });
  assert.equal(elsewhere.tables[0]!.cells[0]!.tone, "sync");
});

Deno.test("buildBoard() shows all partitions that are repaired together, each with its own rows", () => {
  const beside = [{ partitionId: "20260102", rows: 2n }, { partitionId: "20260103", rows: 3n }];
  const repairing = { table: "d.t", partitionId: "20260101", beside, rows: 9n };
  const { tables } = build([{ partitions: 3 }], knowing(["20260102", {}]), repairing);
  assert.deepEqual(
    tables[0]!.cells.map(({ partitionId, tone }) => `${partitionId} ${tone}`),
    ["20260101 repairing", "20260102 repairing", "20260103 repairing"],
  );
  assert.deepEqual([tables[0]!.cells[0]!.missing, tables[0]!.cells[2]!.missing], [4n, 3n]);
});

Deno.test("buildBoard() sums up what is missing, what ch-sync tends to, and what waits for an operator", () => {
  const findings = [
    found({ reason: "missing", missing: 5n }),
    found({ reason: "partial", missing: 50n, repaired: true }),
    found({ reason: "backfilling", missing: 7n }),
    found({ reason: "surplus", surplus: 9n }),
  ];
  const refused = {
    table: "d.u",
    findings: [
      found({ reason: "independent", missing: 3n }),
      found({ partitionId: null, reason: "drifted" }),
    ],
  };
  const limits = { ...OVERVIEW, unsettled: 0 };
  assert.deepEqual(build([{ findings }, refused], new Map(), null, limits).outstanding, {
    rows: 15n,
    byItself: 2,
    byYou: 2,
    unknown: 1,
  });
});

Deno.test("chooseTables() puts what is missing first, then what is explained, then what is in sync", () => {
  const names = ["d.in_sync", "d.surplus", "d.few", "d.many", "d.repaired"];
  const of: Record<string, Parameters<typeof found>[0][]> = {
    "d.surplus": [{ reason: "surplus" }],
    "d.few": [{ missing: 2n }],
    "d.many": [{ missing: 20n }],
    "d.repaired": [{ missing: 90n, repaired: true }],
  };
  const tables = names.map((table) => ({ table, findings: (of[table] ?? []).map(found) }));
  const { shown } = chooseTables(report(tables), OVERVIEW);
  assert.deepEqual(shown.map(({ table }) => table), [
    "d.many",
    "d.few",
    "d.repaired",
    "d.surplus",
    "d.in_sync",
  ]);
  const { shown: one, foldedUnsettled, foldedInSync } = chooseTables(report(tables), ONE_TABLE);
  assert.deepEqual(one.map(({ table }) => table), ["d.many", "d.in_sync"]);
  assert.deepEqual([foldedUnsettled, foldedInSync], [["d.few", "d.repaired", "d.surplus"], []]);
});

Deno.test("buildBoard() never folds a partition with missing rows to make room for one that is explained", () => {
  const limits = { ...OVERVIEW, newest: 1, found: 1 };
  const findings = [
    found({ partitionId: "20200101", reason: "missing", missing: 1n }),
    found({ partitionId: "20250101", reason: "surplus" }),
  ];
  const [table] = build([{ partitions: 3, findings }], knowing(["20260101", {}]), null, limits).tables;
  assert.deepEqual(table!.cells.map(({ partitionId }) => partitionId), ["20200101", "20260101"]);
  assert.deepEqual([table!.folded, table!.foldedFound], [1, 1]);
});

Deno.test("buildBoard() shows or counts every table, every partition and everything that was found", () => {
  const reasons = Object.keys(REASONS) as Reason[];
  const arbitraryTable = fc.record({
    known: fc.uniqueArray(fc.nat(60), { maxLength: 30 }),
    found: fc.uniqueArray(fc.record({ at: fc.nat(60), reason: fc.constantFrom(...reasons) }), {
      selector: ({ at }) => at,
      maxLength: 20,
    }),
  });
  const arbitraryLimits = fc.record({
    unsettled: fc.nat(4),
    inSync: fc.nat(4),
    newest: fc.integer({ min: 1, max: 20 }),
    found: fc.nat(10),
  });
  fc.assert(fc.property(fc.array(arbitraryTable, { maxLength: 8 }), arbitraryLimits, (made, limits) => {
    const id = (at: number) => `p${String(at).padStart(2, "0")}`;
    const tables = made.map(({ known, found: of }, at) => ({
      table: `d.t${at}`,
      partitions: new Set([...known, ...of.map(({ at }) => at)]).size,
      findings: of.map(({ at, reason }) => found({ partitionId: id(at), reason })),
    }));
    const known = new Map(
      made.map(({ known }, at) => [`d.t${at}`, new Map(known.map((at) => [id(at), remembered()]))]),
    );
    const board = build(tables, known, null, limits);
    const names = [
      ...board.tables.map(({ table }) => table),
      ...board.foldedUnsettled,
      ...board.foldedInSync,
    ];
    assert.deepEqual(names.toSorted(), tables.map(({ table }) => table).toSorted());
    const all = tables.reduce((sum, { partitions }) => sum + partitions, 0);
    assert.deepEqual(board.total, { tables: tables.length, partitions: all });
    for (const { table, partitions, cells, folded, foldedFound, settled } of board.tables) {
      const { findings } = tables.find((one) => one.table === table)!;
      assert.equal(cells.length + folded, partitions);
      assert.deepEqual(cells, cells.toSorted((a, b) => a.partitionId < b.partitionId ? -1 : 1));
      const shown = findings.filter(({ partitionId, reason }) =>
        cells.some((cell) => cell.partitionId === partitionId && cell.tone === reason)
      );
      assert.equal(shown.length + foldedFound, findings.length);
      if (settled) assert.ok(findings.every(({ reason }) => REASONS[reason].clean));
    }
  }));
});
