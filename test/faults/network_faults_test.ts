/** Networks that refuse, reset, swallow, delay, lose and cut: no request hangs, nothing is lost, nothing is doubled. */
import assert from "node:assert/strict";
import { PATIENCE } from "../../src/clickhouse/http/statement_watch.ts";
import { exitCode } from "../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { stagingTables, statements, until } from "../support/program/endings.ts";
import { type FaultPoints, startFaultPoints } from "../support/links/fault_points.ts";
import { type FaultyLink, startFaultyLink } from "../support/links/faulty_link.ts";
import { content, load, onBoth, PLAIN_AND_VIEWED } from "../support/data/telemetry.ts";
import { reachedAt, startTwoSites } from "../support/sites/two_sites.ts";

const patience = { ...PATIENCE, quick: 4000, look: 100, silent: 3000, stalled: 60_000 };
/** As `CONNECT_TIMEOUT_MS`, where somebody is silent or is not; the other server may be silent for fifteen times as long. */
const CONNECT_TIMEOUT_MS = { silent: 600, speaking: 10_000 };

interface Fault {
  readonly what: string;
  /** Breaks the native path between the servers, the way of ch-sync to the local server, or that to the remote one. */
  readonly break: (paths: Paths) => void;
  /** What is said; null: the check completes all the same. */
  readonly says: RegExp | null;
  /** Only the end of the patience with the other site ends it. */
  readonly silent?: true;
  /** Seconds that the check may take at most, also beside other work; what hangs takes minutes. */
  readonly within: number;
}

interface Paths {
  readonly native: FaultyLink;
  readonly local: FaultPoints;
  readonly remote: FaultyLink;
}

const once = (paths: Paths, word: RegExp, when: "before" | "after", ending: "cut" | "vanish") => {
  let done = false;
  paths.local[when] = ({ sql }) => {
    if (done || !word.test(sql)) return "answer";
    done = true;
    return ending;
  };
};
const COPY = /^INSERT INTO `d`\.`_chsync/;
const FEED = /^INSERT INTO `d`\.`viewed/;

const FAULTS: readonly Fault[] = [
  {
    what: "the native port resets every connection",
    break: ({ native }) => native.mode = "reset",
    says: /the local ClickHouse cannot (reach|read)/,
    within: 40,
  },
  {
    what: "the native port accepts connections and swallows everything",
    break: ({ native }) => native.mode = "vanish",
    says: /the local ClickHouse cannot (reach|read)/,
    silent: true,
    within: 60,
  },
  {
    what: "packets between the servers vanish in the middle of a copy",
    break: ({ native }) => native.vanishAfter = 600_000,
    says: /SOCKET_TIMEOUT, code 209\); the other site fell silent/,
    silent: true,
    within: 60,
  },
  {
    what: "a copy that is cut in the middle",
    break: ({ native }) => native.cutAfter = 600_000,
    says: /code 3[23]\); the connection to the other site broke/,
    within: 40,
  },
  {
    what: "half a second there and back, and two of a hundred packets lost, between the servers",
    break: ({ native }) => {
      native.delayMs = 50;
      native.lossPercent = 2;
    },
    says: null,
    within: 120,
  },
  {
    what: "300 ms there and back to the remote server",
    break: ({ remote }) => remote.delayMs = 140,
    says: null,
    within: 120,
  },
  {
    what: "the remote server swallows everything from now on",
    break: ({ remote }) => remote.mode = "vanish",
    says: /no answer from the remote ClickHouse/,
    silent: true,
    within: 60,
  },
  {
    what: "the answer to a copy is cut",
    break: (paths) => once(paths, COPY, "after", "cut"),
    says: /ClickHouse execute error: /,
    within: 40,
  },
  {
    what: "the answer to a copy never comes",
    break: (paths) => once(paths, COPY, "after", "vanish"),
    says: /Timeout: .*ended in the server.*answer never came/,
    within: 40,
  },
  {
    what: "a copy never reaches the local server",
    break: (paths) => once(paths, COPY, "before", "vanish"),
    says: /Timeout: .*ended in the server.*answer never came/,
    within: 40,
  },
  {
    what: "the answer to a MOVE is cut: the parts tell",
    break: (paths) => once(paths, /MOVE PARTITION/, "after", "cut"),
    says: null,
    within: 40,
  },
  {
    what: "the answer to a MOVE never comes: the parts tell",
    break: (paths) => once(paths, /MOVE PARTITION/, "after", "vanish"),
    says: null,
    within: 40,
  },
  {
    what: "a MOVE never reaches the local server",
    break: (paths) => once(paths, /MOVE PARTITION/, "before", "cut"),
    says: /ClickHouse execute error: /,
    within: 40,
  },
  {
    what: "the answer to an INSERT that feeds views is cut: the server's log tells",
    break: (paths) => once(paths, FEED, "after", "cut"),
    says: null,
    within: 40,
  },
  {
    what: "an INSERT that feeds views never reaches the local server",
    break: (paths) => once(paths, FEED, "before", "cut"),
    says: /ClickHouse execute error: /,
    within: 40,
  },
];

Deno.test("whatever the network does: no request hangs, nothing is lost, nothing is doubled", async (t) => {
  const log = { query_log: { database: "system", table: "query_log", flush_interval_milliseconds: 20 } };
  await using sites = await startTwoSites({ dr: { config: log } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    ...PLAIN_AND_VIEWED,
  );
  await load(primary, "d.viewed", "2026-01-01", 1000);
  await primary.query(
    "INSERT INTO d.plain SELECT toDateTime64('2026-01-01', 3, 'UTC') + number, 's', 1, number, " +
      "map('text', randomPrintableASCII(200)) FROM numbers(20000)",
  );
  for (const fault of FAULTS) {
    await t.step(fault.what, async () => {
      for (const table of ["plain", "viewed", "total"]) await dr.query(`TRUNCATE TABLE d.${table}`);
      await using native = startFaultyLink(primary.tcpPort);
      await using remote = startFaultyLink(Number(new URL(primary.url).port));
      await using local = startFaultPoints(() => dr.url);
      const reached = {
        ...sites,
        primary: {
          ...reachedAt(primary, `http://127.0.0.1:${remote.port}`),
          tcpPort: native.port,
        },
        dr: reachedAt(dr, local.url),
      };
      const settings = { connectTimeoutMs: CONNECT_TIMEOUT_MS[fault.silent ? "silent" : "speaking"] };
      fault.break({ native, local, remote });
      const begun = performance.now();
      const report = await checkSites(reached, { settings, patience });
      const took = (performance.now() - begun) / 1000;
      assert.ok(took < fault.within, `it took ${took} s`);
      const said = [report.error, ...findingsOf(report).map(({ detail }) => detail)].join("\n");
      if (fault.says) assert.match(said, fault.says);
      assert.equal(exitCode(report), fault.says ? 1 : 0, said);
      const moved = local.statements.filter((sql) => sql.includes("MOVE PARTITION")).length;
      assert.ok(moved <= 1, "never issued twice");
      if (fault.says) {
        // The network is well again, and what was under way ends by itself.
        await until("the end of the statements", async () => await statements(dr) === "");
        const next = await checkSites(sites);
        assert.equal(exitCode(next), 0, JSON.stringify(reasonsOf(next)));
      }
      for (const table of ["d.plain", "d.viewed"]) {
        assert.equal(await content(dr, table), await content(primary, table), table);
      }
      assert.equal(await dr.query("SELECT sum(requests) FROM d.total"), "1000\n");
      assert.equal(await stagingTables(dr), "");
    });
  }
});
