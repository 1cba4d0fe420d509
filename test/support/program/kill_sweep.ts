/** Killing ch-sync at a chosen moment of a check with repairs of every kind, and looking what the next checks make of it. */
import assert from "node:assert/strict";
import { type ChSync, environmentOf, installChSync } from "./ch_sync.ts";
import { assertNoStatements, stagingTables } from "./endings.ts";
import { type FaultPoints, startFaultPoints } from "../links/fault_points.ts";
import { dailyTable, eachDay, loadDays } from "../data/many_days.ts";
import { content, load, onBoth, telemetryTable } from "../data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../sites/two_sites.ts";

/**
 * When ch-sync dies. `unsent`: as it sends the statement, which gets lost with it. `sent`: as it sends the statement,
 * which arrives. `answered`: before it reads the answer. A number: so many milliseconds after it has sent it.
 */
export type Moment = "unsent" | "sent" | "answered" | number;

export interface Kill {
  /** Number of the statement, from 0; or how the first of its kind begins. */
  readonly statement: number | string;
  readonly moment: Moment;
}

export interface Survived {
  /** What ch-sync was sending. */
  readonly sql: string;
  /** Checks until everything was whole; null: it asked for an operator. */
  readonly checks: number | null;
}

const SETTLE = { SETTLE_SECONDS: "1", CHECK_INTERVAL: "3600" };
const [DAY, NEXT_DAY] = ["2026-01-01", "2026-01-02"];
const TABLES = ["d.plain", "d.latest", "d.viewed"];
/** Small partitions, which are repaired together. */
const [MANY, DAYS, ROWS] = ["d.many", 8, 50];

/** Two sites with a table that is attached to, one of many partitions, one whose engine merges rows, and one that feeds a chain of views. */
export class KillSweep implements AsyncDisposable {
  readonly #sites: TwoSites;
  readonly #points: FaultPoints;
  readonly #hasLog: boolean;

  private constructor(sites: TwoSites, points: FaultPoints, hasLog: boolean) {
    this.#hasLog = hasLog;
    this.#sites = sites;
    this.#points = points;
  }

  static async start(withQueryLog: boolean): Promise<KillSweep> {
    const log = {
      query_log: { database: "system", table: "query_log", flush_interval_milliseconds: 100 },
    };
    const sites = await startTwoSites({ dr: withQueryLog ? { config: log } : {} });
    await onBoth(
      sites,
      "CREATE DATABASE d",
      telemetryTable("d.plain"),
      dailyTable(MANY),
      telemetryTable("d.latest", "ReplacingMergeTree(duration)"),
      telemetryTable("d.viewed"),
      "CREATE TABLE d.hourly (hour DateTime('UTC'), requests UInt64) ENGINE = SummingMergeTree ORDER BY hour",
      "CREATE MATERIALIZED VIEW d.to_hourly TO d.hourly AS SELECT toStartOfHour(ts) AS hour, count() AS requests " +
        "FROM d.viewed GROUP BY hour",
      "CREATE TABLE d.total (day Date, requests UInt64) ENGINE = SummingMergeTree ORDER BY day",
      "CREATE MATERIALIZED VIEW d.to_total TO d.total AS SELECT toDate(hour) AS day, sum(requests) AS requests " +
        "FROM d.hourly GROUP BY day",
    );

    for (const table of TABLES) await load(sites.primary, table, DAY, 2000);
    await load(sites.primary, "d.plain", NEXT_DAY, 2000);
    await loadDays(sites.primary, MANY, DAYS, ROWS);
    return new KillSweep(sites, startFaultPoints(() => sites.dr.url), withQueryLog);
  }

  /** The statements that a check with these repairs sends to the local server, in order. */
  async statements(): Promise<readonly string[]> {
    await using chSync = await this.#damage();
    const before = this.#points.statements.length;
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    return this.#points.statements.slice(before);
  }

  /** Kills a check, and lets later ones repair what it left. Throws where a row is lost or doubled. */
  async kill({ statement, moment }: Kill): Promise<Survived> {
    await using chSync = await this.#damage();
    const first = this.#points.statements.length;
    const running = chSync.start(["--once"]);
    const die = () => running.child.kill("SIGKILL");
    let found = -1;
    this.#points.before = ({ sql, number }) => {
      const isIt = typeof statement === "number"
        ? number - first === statement
        : found < 0 && sql.startsWith(statement);
      if (!isIt) return;
      found = number;
      if (moment === "answered") return;
      if (typeof moment === "number") setTimeout(die, moment);
      else die();
      return moment === "unsent" ? "cut" : "answer";
    };
    this.#points.after = ({ number }) => {
      if (number === found && moment === "answered") die();
    };
    await running.finished;
    this.#points.before = this.#points.after = () => "answer";
    const sql = this.#points.statements[found] ?? "";
    return { sql, checks: await this.#repair(chSync) };
  }

  /** Some rows of every table are missing here, and a new installation is to repair them. */
  async #damage(): Promise<ChSync> {
    const { dr, primary } = this.#sites;
    for (const table of [...TABLES, MANY, "d.hourly", "d.total"]) await dr.query(`TRUNCATE TABLE ${table}`);
    for (const table of TABLES) await load(dr, table, DAY, 2000, "number % 10 != 3 AND number < 1500");
    await loadDays(dr, MANY, DAYS, ROWS, "day < 4 AND n % 10 != 3");
    return await installChSync({
      ...environmentOf("dr", dr, primary),
      ...SETTLE,
      LOCAL_CH_URL: this.#points.url,
    });
  }

  async #repair(chSync: ChSync): Promise<number | null> {
    const { dr } = this.#sites;
    for (let checks = 1; checks <= 6; checks++) {
      const { code, stderr } = await chSync.run(["--once"]);
      assert.ok([0, 1, 3].includes(code), stderr);
      await this.#assertNothingDoubled();
      if (code === 0) {
        await this.#assertWhole();
        return checks;
      }
      if (/d\.viewed partition \w+: views/.test(stderr)) {
        // The server may have the end of the INSERT on record in a moment, or be still at it.
        const open = (await stagingTables(dr)).trim();
        assert.notEqual(open, "");
        if (checks === (this.#hasLog ? 6 : 2)) {
          await dr.query(`DROP TABLE d.${open} SYNC`);
          return null;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 600)); // what grew since has to come to rest
    }
    assert.fail("never whole");
  }

  async #assertNothingDoubled(): Promise<void> {
    const doubled = await this.#sites.dr.query(
      [...TABLES, MANY].map((table) =>
        `SELECT '${table}', count() FROM ${table} GROUP BY ts, service HAVING count() > 1`
      )
        .join(" UNION ALL "),
    );
    assert.equal(doubled, "");
  }

  async #assertWhole(): Promise<void> {
    const { dr, primary } = this.#sites;
    for (const table of TABLES) assert.equal(await content(dr, table), await content(primary, table), table);
    assert.equal(await eachDay(dr, MANY), await eachDay(primary, MANY));
    const rollup = "SELECT hour, sum(requests) FROM d.hourly GROUP BY hour ORDER BY hour";
    assert.equal(await dr.query(rollup), await primary.query(rollup));
    assert.equal(await dr.query("SELECT sum(requests) FROM d.total"), "2000\n");
    assert.equal(await stagingTables(dr), "");
    await assertNoStatements(dr, primary);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#points[Symbol.asyncDispose]();
    await this.#sites[Symbol.asyncDispose]();
  }
}
