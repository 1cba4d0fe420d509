import assert from "node:assert/strict";
import { settingsDigest } from "../../src/config/settings_digest.ts";
import { LiveView } from "../../src/daemon/live_view.ts";
import type { Repair, RepairOutcome } from "../../src/model/repair.ts";
import { appendRepair } from "../../src/state/repair_record.ts";
import { settingsWith } from "../support/data/example_environment.ts";
import { found, report } from "../support/data/tables.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { READY, rememberAll, remembered } from "../support/shown_page.ts";

const SETTINGS = settingsWith();
const NEXT = new Date("2026-03-01T03:03:00Z");
const repair = (partitionId: string) =>
  ({ pair: { name: "d.t" }, partitionId, missing: { rows: 9n, city: 1n, xxh: 1n } }) as Repair;

async function remember(directory: string, ...ids: string[]): Promise<void> {
  const known = new Map([["d.t", new Map(ids.map((id) => [id, remembered()]))]]);
  await rememberAll(directory, await settingsDigest(SETTINGS), known);
}
const ids = async (view: LiveView, table: string | null = null) =>
  (await view.board(table))?.tables[0]?.cells.map(({ partitionId, tone }) => `${partitionId} ${tone}`);

Deno.test("the board shows what the last check found, and what the memory knows besides", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  assert.equal(await view.board(null), null);
  await remember(directory.path, "20260101", "20260102");
  const findings = [found({ partitionId: "20260102", reason: "partial", missing: 1n })];
  view.checkEnds({ report: report([{ partitions: 2, findings }]), state: READY }, NEXT);
  assert.deepEqual(await ids(view), ["20260101 sync", "20260102 partial"]);
  assert.deepEqual(await ids(view, "d.t"), ["20260101 sync", "20260102 partial"]);
  assert.deepEqual((await view.board("d.nowhere"))!.tables, []);
});

Deno.test("the memory is read once after each check, however often somebody looks", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  await remember(directory.path, "20260101");
  view.checkEnds({ report: report([{}]), state: READY }, NEXT);
  await Promise.all([view.board(null), view.board("d.t")]);
  await remember(directory.path, "20260102");
  assert.deepEqual(await ids(view), ["20260101 sync"]);
  assert.deepEqual(await ids(view, "d.t"), ["20260101 sync"]);
  view.checkEnds({ report: report([{}]), state: READY }, NEXT);
  assert.deepEqual(await ids(view), ["20260102 sync"]);
  assert.deepEqual(await ids(view, "d.t"), ["20260102 sync"]);
});

Deno.test("a memory that a check has replaced meanwhile is opened again, and one that is gone is no error", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  await remember(directory.path, "20260101");
  view.checkEnds({ report: report([{ table: "d.u" }, {}]), state: READY }, NEXT);
  await view.board("d.u");
  // Other pages hold it now.
  await remember(directory.path, ...Array.from({ length: 50 }, (_, day) => `202602${day + 10}`), "20260301");
  assert.equal((await ids(view, "d.t"))!.at(-1), "20260301 sync");
  await Deno.remove(`${directory.path}/ch-sync-memory.sqlite`);
  view.checkEnds({ report: report([{ findings: [found({})] }]), state: READY }, NEXT);
  assert.deepEqual(await ids(view), ["20260101 missing"]);
});

Deno.test("a check that compared nothing takes nothing from the board", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  view.checkEnds({ report: report([{ findings: [found({})] }]), state: READY }, NEXT);
  const down = report([], { outcome: "site_unreachable", unreachable: ["remote"] });
  view.checkEnds({ report: down, state: { ...READY, unreachable: ["remote"] } }, NEXT);
  assert.deepEqual(await ids(view), ["20260101 missing"]);
  assert.deepEqual(view.sites.map(({ answers }) => answers), [true, false]);
  view.checkBegins(new Date());
  view.checkEnds(null, NEXT);
  assert.deepEqual([view.check, view.nextCheck, await ids(view)], [null, NEXT, ["20260101 missing"]]);
});

Deno.test("partitions that are repaired together are all on the board, with their rows in one sum", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  view.checkEnds({ report: report([{}]), state: READY }, NEXT);
  view.checkBegins(new Date());
  view.observer.repairing!(repair("20260102"), [repair("20260103")]);
  view.observer.written!(repair("20260102"), 12, 400);
  assert.deepEqual(await ids(view), ["20260102 repairing", "20260103 repairing"]);
  const { rows, copiedRows, beside } = view.repair!;
  assert.deepEqual([rows, copiedRows, beside?.length], [18n, 12, 1]);
  view.observer.apart!(repair("20260102"));
  assert.equal(view.repair, null);
});

Deno.test("of tables that are repaired beside each other, the one that began first is shown", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  view.checkBegins(new Date());
  const { observer } = view;
  const other = { ...repair("20260103"), pair: { ...repair("20260103").pair, name: "d.other" } };
  observer.repairing!(repair("20260102"));
  observer.repairing!(other);
  observer.written!(other, 5, 500);
  observer.written!(repair("20260102"), 4, 400);
  assert.deepEqual([view.repair!.table, view.repair!.copiedRows], ["d.t", 4]);
  await observer.repaired!(repair("20260102"), { kind: "repaired", rows: 9n, queryIds: [] });
  assert.deepEqual([view.repair!.table, view.repair!.copiedRows], ["d.other", 5]);
  await observer.repaired!(other, { kind: "repaired", rows: 9n, queryIds: [] });
  assert.equal(view.repair, null);
});

Deno.test("what no later check compared is not of now, and the board says since when and why", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  await remember(directory.path, "20260101");
  const compared = report([{ partitions: 1 }]);
  const since = async () => {
    const board = (await view.board(null))!;
    const past = board.tables[0]!.cells.every((cell) => cell.past === true);
    assert.equal(past, board.notSince !== null);
    return board.notSince && `${board.notSince.at} ${board.notSince.why}`;
  };
  view.checkEnds({ report: compared, state: READY }, NEXT);
  assert.equal(await since(), null);
  const outcomes = [
    [{ outcome: "site_unreachable", unreachable: ["remote"] }, /no answer from the remote ClickHouse/],
    [{ outcome: "role_unknown" }, /the active site is unknown/],
    [{ outcome: "standby" }, /this site is the active one/],
    [{ outcome: "failed" }, /not completed/],
  ] as const;
  for (const [fields, why] of outcomes) {
    view.checkEnds({ report: report([], fields), state: READY }, NEXT);
    assert.match((await since())!, why);
    assert.ok((await since())!.startsWith(compared.startedAt));
  }
  view.checkEnds(null, NEXT);
  assert.match((await since())!, /broke off/);
  view.checkEnds({ report: compared, state: READY }, NEXT);
  assert.equal(await since(), null);
});

Deno.test("a running repair is on the board, and its end among the events", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  const { observer } = view;
  view.checkEnds({ report: report([{}]), state: READY }, NEXT);
  view.checkBegins(new Date());
  observer.tablesFound!(3);
  observer.checkingTable!("d.t");
  assert.deepEqual([view.check!.tables, view.check!.begun, view.repair], [3, 1, null]);
  observer.repairing!(repair("20260102"));
  observer.written!(repair("20260102"), 4, 400);
  assert.deepEqual(await ids(view), ["20260102 repairing"]);
  const { rows, copiedRows, copiedBytes } = view.repair!;
  assert.deepEqual([rows, copiedRows, copiedBytes], [9n, 4, 400]);
  const ends: RepairOutcome[] = [
    { kind: "disproved" },
    { kind: "repaired", rows: 9n, queryIds: [] },
    { kind: "failed", error: "no room" },
  ];
  for (const outcome of ends) await observer.repaired!(repair("20260102"), outcome);
  assert.equal(view.repair, null);
  assert.deepEqual(view.events.map(({ text }) => text), [
    "Repaired d.t partition 20260102: 9 rows",
    "Could not repair d.t partition 20260102: no room",
  ]);
});

Deno.test("fifty events are kept, and repairs of before the start are among them", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  await view.loadRepairs();
  assert.deepEqual(view.events, []);
  const digests = { city: "1", xxh: "1" };
  const time = "2026-01-02T03:04:05.000Z";
  await appendRepair(directory.path, {
    time,
    table: "d.t",
    partition: "p",
    reason: "missing",
    rows: 7,
    digests,
    query_ids: [],
  });
  await Deno.writeTextFile(`${directory.path}/ch-sync-repairs.jsonl`, `{"time":"soon"}\nnull\n{"ti`, {
    append: true,
  });
  await view.loadRepairs();
  assert.deepEqual(view.events, [{ at: new Date(time), text: "Repaired d.t partition p: 7 rows" }]);
  for (let number = 0; number < 60; number++) view.happened(String(number), NEXT);
  assert.equal(view.events.length, 50);
  assert.deepEqual(view.events.slice(-1), [{ at: NEXT, text: "59" }]);
});

Deno.test("the sites are this one and the other one, with their roles, and clocks as far as they are known", async () => {
  await using directory = await temporaryDirectory();
  const view = new LiveView(SETTINGS, directory.path);
  assert.deepEqual(
    view.sites.map(({ name, side, role, answers, version }) => [name, side, role, answers, version]),
    [
      ["dr", "local", "unknown", null, null],
      ["primary", "remote", "unknown", null, null],
    ],
  );
  const server = { settledBeforeDay: 0, timezone: "Etc/UTC", cores: 2, identity: "a", runs: ["a"] };
  const servers = {
    local: { ...server, now: 1_767_225_601, version: "26.7" },
    remote: { ...server, now: 1_767_225_500, version: "25.8" },
  };
  view.checkEnds({ report: report([{}], { servers }), state: READY }, NEXT);
  assert.deepEqual(
    view.sites.map(({ role, answers, version, skewSeconds }) => [role, answers, version, skewSeconds]),
    [
      ["passive", true, "26.7", 1],
      ["active", true, "25.8", -100],
    ],
  );
});
