import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { REASONS } from "../../src/model/reason.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { buildBoard, ONE_TABLE, OVERVIEW } from "../../src/status/board.ts";
import { renderPage } from "../../src/status/page.ts";
import { isReady } from "../../src/verdict/failback_words.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";
import { HOSTILE_NAMES } from "../support/data/hostile_names.ts";
import { found, report } from "../support/data/tables.ts";
import {
  boardOf,
  dayBefore,
  facts,
  installation,
  NOW,
  READY,
  remembered,
  sites,
} from "../support/shown_page.ts";
import { says } from "../support/says.ts";

const page = (fields: Parameters<typeof facts>[0] = {}) => renderPage(facts(fields));
const text = (html: string) =>
  html.replace(/<(style|script)>.*?<\/\1>/gs, "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

Deno.test("renderPage() of a site that is ready says so, through when, and what comes next", () => {
  const html = page();
  assert.match(html, /<title>FAILBACK READY · ch-sync<\/title>/);
  assert.match(
    html,
    /<header class="verdict ready"><h1>FAILBACK READY<\/h1>/,
  );
  const said = text(html);
  says(said, "2026-03-01 02:48:00 UTC (12 minutes ago)", "is here", "until 2026-03-01 03:08:00 UTC");
  for (
    const fact of [
      "Clean in a row 3 ",
      "Next in 3 minutes",
      "Last completed 2 minutes ago",
      "26.7.2.1",
      "Clock in step",
    ]
  ) {
    assert.ok(said.includes(fact), `${fact} in ${said}`);
  }
});

Deno.test("renderPage() never shows green when it is not ready", () => {
  const states = [
    { ...READY, ready_until: "2026-03-01T02:59:59.000Z" },
    { ...READY, failback_ready: false, ready_until: null },
    FRESH_STATE,
  ];
  for (const state of states) {
    const html = page({ state });
    assert.match(html, /<header class="verdict not_ready"><h1>NOT READY<\/h1>/);
    assert.doesNotMatch(html, /FAILBACK READY|verdict ready|safe to switch/);
  }
});

Deno.test("renderPage() of the active site says that there is nothing to do, in neither green nor red", () => {
  const html = page({ state: { ...READY, active_site: "dr" }, board: null });
  assert.match(
    html,
    /<title>active · ch-sync<\/title>.*<header class="verdict active"><h1>This site is the active one/s,
  );
  says(text(html), "passive site");
  assert.doesNotMatch(html, /FAILBACK READY|NOT READY/);
});

Deno.test("renderPage() tells who is active, who does not answer, and whose clock is wrong", () => {
  const said = text(page({ sites: sites({ answers: false, skewSeconds: -200, role: "unknown" }) }));
  assert.match(said, /Role unknown ClickHouse does not answer/);
  assert.match(said, /Clock 3 minutes behind/);
  assert.match(
    text(page({ sites: sites({ answers: null, version: null, timezone: null, skewSeconds: null }) })),
    /not asked yet/,
  );
  says(text(page({ waiting: "process 7 since …" })), "lock", "process 7 since …", "waits");
});

Deno.test("renderPage() shows how far a repair has come, and when it will be over", () => {
  const since = new Date(NOW.getTime() - 10_000);
  const repair = {
    table: "d.t",
    partitionId: "20260228",
    rows: 4000n,
    copiedRows: 1000,
    copiedBytes: 1024 ** 2,
    since,
  };
  const said = text(page({ check: { since, tables: 9, begun: 2, repair }, nextCheck: null }));
  says(said, "d.t", "20260228", "25 %", "1,000 of 4,000 rows", "1.0 MiB", "102.4 KiB/s", "30 seconds");
  says(said, "10 seconds", "2 of 9");
});

Deno.test("renderPage() says of every partition how many rows there are, what is missing, why, and when it was proven", () => {
  const detail = "3 rows are absent here";
  const findings = [
    found({ partitionId: "20260228", reason: "partial", rowsActive: 9n, rowsHere: 6n, missing: 3n, detail }),
  ];
  const known = new Map([["d.t", new Map([["20260227", remembered()], ["20260228", remembered()]])]]);
  const html = page({ board: boardOf([{ partitions: 2, findings }], known) });
  const proven = "proven 2026-03-01 02:58:00 UTC";
  assert.ok(html.includes(`aria-label="20260227: in sync\n400 rows at both sites\n${proven}"></td>`), html);
  assert.ok(
    html.includes(
      `class="g-gap" tabindex="0" aria-label="20260228: partial\n${detail}\nrows here 6, at the active site 9, missing here 3\nlast ${proven}">P</td>`,
    ),
    html,
  );
});

Deno.test("renderPage() says how much is missing, and whether somebody has to do something", () => {
  const of = (...findings: Parameters<typeof found>[0][]) =>
    text(page({ board: boardOf([{ findings: findings.map(found) }]) }));
  const both = of({ missing: 1200n }, { partitionId: "a", reason: "independent", missing: 34n });
  says(both, "At the last check", "1,234 rows", "2 places", "1 by itself", "1 for you", "--dry-run");
  const waiting = of({ reason: "mutating" });
  says(waiting, "At the last check", "1 place", "1 by itself");
  assert.doesNotMatch(waiting, /for you/);
  assert.doesNotMatch(of({ reason: "surplus" }, { missing: 9n, repaired: true }), /At the last check/);
});

const GOOD = /<td[^>]* class="g-good"/;

Deno.test("renderPage() shows a table that was not compared in grey, with its age, and counts it as unknown", () => {
  const days = new Map([["20260227", remembered()], ["20260228", remembered()]]);
  const known = new Map([["d.t", days]]);
  const findings = [found({ partitionId: null, reason: "drifted", detail: "column a" })];
  const html = page({ board: boardOf([{ findings }], known) });
  assert.doesNotMatch(html, GOOD);
  assert.match(
    html,
    /class="g-past"[^>]*aria-label="20260227: not compared [^"]*in sync before/,
  );
  const said = text(html);
  assert.match(said, /1 table, 2 partitions/);
  assert.match(said, /last proven 2 minutes ago/);
  says(said, "nobody knows how many", "1 table");
  const one = page({ table: "d.t", board: boardOf([{ findings }], known, ONE_TABLE) });
  assert.doesNotMatch(one, GOOD);
  says(text(one), "did not compare this table", "2 minutes ago");
});

Deno.test("renderPage() of a map that is not of now has nothing green on it, and says since when and why", () => {
  const known = new Map([["d.t", new Map([["20260227", remembered()], ["20260228", remembered()]])]]);
  const findings = [found({ partitionId: "20260228", missing: 5n })];
  const notSince = { at: "2026-03-01T01:00:00.000Z", why: "no answer from the remote ClickHouse" };
  const board = buildBoard(report([{ partitions: 2, findings }]), known, null, OVERVIEW, notSince);
  const html = page({ board });
  assert.doesNotMatch(html, GOOD);
  says(
    text(html),
    "not of now",
    "2026-03-01 01:00:00 UTC",
    "2 hours ago",
    "no answer from the remote ClickHouse",
    "5 rows missing",
  );
});

Deno.test("renderPage() draws a month over the days that belong to it", () => {
  const days = ["20260130", "20260131", "20260201", "20260202", "20260203"];
  const known = new Map([
    ["d.days", new Map(days.map((id) => [id, remembered()]))],
    ["d.months", new Map(["202512", "202601", "202602"].map((id) => [id, remembered()]))],
  ]);
  const html = page({
    board: boardOf([{ table: "d.days", partitions: 5 }, { table: "d.months", partitions: 3 }], known),
  });
  assert.equal(html.match(/<thead>/g)!.length, 1, "one map");
  assert.match(text(html), /1 table by day, 1 by month 202512 20260203/);
  const row = /d\.<wbr>months.*?<\/tr>/s.exec(html)![0];
  const spans = [...row.matchAll(/<td([^>]*)aria-label="(\d+):/g)].map((
    [, span, id],
  ) => [id, Number(/colspan="(\d+)"/.exec(span!)?.[1] ?? 1)]);
  assert.deepEqual(spans, [["202512", 1], ["202601", 2], ["202602", 3]]);
});

Deno.test("renderPage() keeps what is not in sync on the map, however old it is", () => {
  const known = new Map([[
    "d.new",
    new Map(Array.from({ length: 100 }, (_, age) => [dayBefore(age), remembered()])),
  ]]);
  const findings = [found({ table: "d.old", partitionId: "20200101", reason: "missing", missing: 5n })];
  const html = page({
    board: boardOf([{ table: "d.new", partitions: 400 }, { table: "d.old", findings }], known),
  });
  assert.match(html, /aria-label="20200101: missing/);
  assert.match(html, /title="301 more partitions">\+301</);
});

Deno.test("renderPage() of one table is a calendar of its partitions, and says in words what was found", () => {
  const ids = ["20251231", "20260102", "20260131"];
  const known = new Map([["d.t", new Map(ids.map((id) => [id, remembered()]))]]);
  const findings = [found({ partitionId: "20260102", detail: "why <not>", missing: 1234n })];
  const html = page({ table: "d.t", board: boardOf([{ partitions: 5, findings }], known, ONE_TABLE) });
  const months = [...html.matchAll(/<th scope="row">(\d{6})<\/th>/g)].map(([, month]) => month);
  assert.deepEqual(months, ["202601", "202512"]);
  assert.match(text(html), /2 earlier partitions not shown/);
  assert.match(text(html), /20260102 missing 0 0 1,234 why &lt;not&gt;/);
  assert.match(
    text(page({ table: "d.nowhere", board: boardOf([]) })),
    /The last check saw no table of this name/,
  );
});

Deno.test("renderPage() draws the last month: what each day's checks came to, the gravest, and rows repaired", () => {
  const none = { clean: 0, repaired: 0, left_open: 0, not_completed: 0, standby: 0 };
  const days = [
    { day: "2026-01-29", checks: { ...none, left_open: 9 }, rowsRepaired: 0 },
    { day: "2026-02-27", checks: { ...none, clean: 285, not_completed: 2, repaired: 1 }, rowsRepaired: 1200 },
    { day: "2026-02-28", checks: { ...none, clean: 288 }, rowsRepaired: 0 },
  ];
  const html = page({ month: new Map(days.map((day) => [day.day, day])) });
  assert.match(
    html,
    /class="g-later" tabindex="0" aria-label="2026-02-27: 288 checks\n2 not completed\n1 repaired, nothing left\n285 clean, nothing to repair\n1,200 rows repaired">!/,
  );
  assert.match(html, /class="g-good" tabindex="-1" aria-label="2026-02-28: 288 checks/);
  assert.equal(html.match(/<rect /g)!.length, 1);
  assert.match(text(html), /The last month 2 days with checks/);
  assert.doesNotMatch(html, /2026-01-29: 9 checks/, "that is longer ago");
  assert.doesNotMatch(page(), /The last month/);
});

Deno.test("no name, reason, error or event can put markup or control characters into the page", () => {
  const markup = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    `"' onfocus=alert(1) x="`,
    "\x1b[2J\u202e",
    "-->",
    "\ud800",
  ];
  const hostile = fc.oneof(fc.constantFrom(...markup, ...HOSTILE_NAMES), fc.string({ unit: "binary" }));
  const elements = (html: string) =>
    [...html.replace(/<(style|script)>.*?<\/\1>/gs, "").matchAll(/<[^>]*>/g)]
      .map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
  const shown = (name: string) => {
    const findings = [
      found({ table: name, partitionId: name, detail: name }),
      found({ table: name, partitionId: null, reason: "drifted", detail: name }),
    ];
    const since = NOW;
    const repair = { table: name, partitionId: name, rows: 1n, copiedRows: 0, copiedBytes: 0, since };
    const state = {
      ...READY,
      failback_ready: false,
      last_error: name,
      reasons: { [name]: { missing: 1 } },
      unreachable: [name],
    };
    const fields = {
      state,
      sites: sites({ version: name, timezone: name }),
      check: { since, tables: 1, begun: 1, repair },
      waiting: name,
      events: [{ at: NOW, text: name }],
    };
    const tables = [{ table: name, partitions: 1, findings }];
    const whole = { ...boardOf(tables), foldedInSync: [name], foldedUnsettled: [name] };
    return page({ ...fields, board: whole }) +
      page({ ...fields, table: name, board: boardOf(tables, new Map(), ONE_TABLE) });
  };
  const harmless = elements(shown("db.plain"));
  fc.assert(fc.property(hostile, (text) => {
    const html = shown(`db.${text}`);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(html, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    assert.deepEqual(elements(html), harmless);
  }));
});

Deno.test("renderPage() can show any state that a file may hold, and is green only where it is ready", () => {
  fc.assert(fc.property(arbitraryState, (state) => {
    const html = page({ state });
    const ready = isReady(state, NOW) && state.active_site !== "dr";
    assert.equal(html.includes("verdict ready"), ready);
  }));
});

Deno.test("renderPage() of 500 tables and 50,000 partitions is below 200 kB, whatever is wrong with them", () => {
  for (const trouble of [1, 2, 3, 97, Infinity]) {
    const { report, known, state } = installation(500, 100, trouble);
    const html = page({ state, board: boardOf(report.tables, known) });
    const size = new TextEncoder().encode(html).length;
    assert.ok(size < 200_000, `${size} bytes where one of ${trouble} partitions has a reason`);
    const listed = new Set([...html.matchAll(/href="\?table=([^"]+)"/g)].map(([, name]) => name)).size;
    const counted = [...html.matchAll(/and ([\d,]+) more: see state\.json/g)].map(([, more]) =>
      Number(more!.replace(",", ""))
    );
    assert.equal(listed + counted.reduce((sum, more) => sum + more, 0), 500);
  }
});

Deno.test("every reason has a sign, a colour and a meaning in the legend", () => {
  const html = page();
  for (const [reason, { meaning }] of Object.entries(REASONS)) {
    assert.ok(html.includes(`${reason}: ${meaning}`), reason);
  }
});

Deno.test("a site's card lists its shards and replicas: which is read, its version, its clock, and what it lacks", () => {
  const address = { url: "http://a1", read: true, version: "26.7", skewSeconds: 0, doubted: 0, remark: null };
  const behind = { ...address, url: "http://b1", skewSeconds: -90, doubted: 2, remark: "d.t: it waits" };
  const silent = {
    ...address,
    url: "http://b2",
    read: false,
    version: null,
    skewSeconds: null,
    doubted: null,
  };
  const said = text(
    page({ sites: sites({ shards: [[address], [behind, { ...silent, remark: "it is gone" }]] }) }),
  );
  assert.match(said, /Replica read of shard 1 http:\/\/a1 version 26\.7, clock in step/);
  assert.match(
    said,
    /shard 2 http:\/\/b1 version 26\.7, clock .* behind 2 tables not believed: d\.t: it waits/,
  );
  assert.match(said, /Replica of shard 2 http:\/\/b2 it is gone/);
  const one = text(page({ sites: sites({ shards: [[address, { ...silent, remark: null }]] }) }));
  assert.match(one, /Replica read http:\/\/a1 .* Replica http:\/\/b2/);
});
