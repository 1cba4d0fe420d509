/** Two sites with a relay before each: one of them lies, and what the other one holds must stay as it is. */
import { identifier } from "../../src/clickhouse/sql/quoting.ts";
import type { Endpoint } from "../../src/model/settings.ts";
import { type AnswersRelay, type Change, startAnswersRelay } from "../support/links/answers_relay.ts";
import { startTap, type Tap } from "../support/receivers/tap.ts";
import { type Site, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

/** Everybody's tables have these columns. */
const COLUMNS = "ts DateTime('UTC'), k UInt32, v String, n UInt64";
const PARTITION = "PARTITION BY toYYYYMM(ts)";

/** `d.t0` and on: one of each kind of what ch-sync does with a table. */
const TABLES: readonly string[] = [
  `(${COLUMNS}) ENGINE = MergeTree ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = MergeTree ${PARTITION} ORDER BY (k, ts) TTL ts + toIntervalYear(60)`,
  `(${COLUMNS}) ENGINE = ReplacingMergeTree(n) ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = SummingMergeTree(n) ${PARTITION} ORDER BY (k, ts)`,
  `(${
    COLUMNS.replace("v String", "v String TTL ts + toIntervalYear(60)")
  }) ENGINE = MergeTree ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = MergeTree ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = SummingMergeTree ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = AggregatingMergeTree ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = MergeTree ORDER BY (k, ts)`,
  `(${COLUMNS}, sign Int8 DEFAULT 1) ENGINE = CollapsingMergeTree(sign) ${PARTITION} ORDER BY (k, ts)`,
  `(${COLUMNS}) ENGINE = MergeTree ${PARTITION} ORDER BY (k, ts) ` +
  `TTL ts + toIntervalYear(60) GROUP BY k SET n = max(n)`,
  `(${COLUMNS}, m UInt64 MATERIALIZED n + 1, INDEX i v TYPE minmax, CONSTRAINT c CHECK n >= 0) ENGINE = MergeTree ` +
  `${PARTITION} ORDER BY (k, ts)`,
];
export const TABLE_COUNT = TABLES.length;
const VIEW = "CREATE MATERIALIZED VIEW d.view TO d.t6 AS SELECT ts, k, '' AS v, n FROM d.t5";
/** Filled by the view. */
export const FILLED = 6;
const VICTIMS = ["d.victim", "vault.victim"];
/** No merge of its own may change what is looked at. */
const VICTIM = `(${COLUMNS}) ENGINE = MergeTree ${PARTITION} ORDER BY (k, ts) SETTINGS ` +
  "max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1";
const ROWS = "SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 60000 AS ts, number % 5 AS k, " +
  "concat('v', toString(number)) AS v, number AS n FROM numbers(60)";

export type SiteRole = "active" | "passive";

/** As whom the program logs in: with all rights, only the program itself protects anything. */
export const USERS = ["all rights", "grants.sql"] as const;

export interface Stand extends AsyncDisposable {
  readonly sites: TwoSites;
  readonly tap: Tap;
  /** How the program reaches each site: through a relay. */
  readonly reached: Readonly<Record<SiteRole, AnswersRelay>>;
  /** The site of this role answers so from now on; the other one by the truth. */
  lie(role: SiteRole, change: Change): void;
  endpoint(role: SiteRole, user: typeof USERS[number]): Endpoint;
  /** What there is to lose or to gain at a site, a line each. */
  look(role: SiteRole): Promise<Set<string>>;
  /** What the server ran on victims since the last call, as the program's users. */
  ran(role: SiteRole): Promise<string[]>;
  /** Makes the gaps again that repairs closed; `anew`: everything. */
  reset(anew: boolean): Promise<void>;
}

export async function startStand(): Promise<Stand> {
  const log = {
    config: { query_log: { database: "system", table: "query_log", flush_interval_milliseconds: 1000 } },
  };
  const sites = await startTwoSites({
    leastPrivilege: { databases: ["d"], with: ["AUTO_CREATE_TABLES"] },
    users: { attacked: { password: "attacked" } },
    primary: log,
    dr: log,
  });
  const site = (role: SiteRole) => role === "active" ? sites.primary : sites.dr;
  const truth: Change = (_statement, answer) => answer;
  const changes = { active: truth, passive: truth };
  const relay = (role: SiteRole) =>
    startAnswersRelay(site(role).url, (statement, answer) => changes[role](statement, answer));
  const reached = { active: relay("active"), passive: relay("passive") };
  const tap = startTap(() => [sites.primary.server.pid, sites.dr.server.pid]);
  const seen = { active: "0", passive: "0" };
  await build(sites);
  let parts = await gaps(sites.dr);
  return {
    sites,
    tap,
    reached,
    lie(role, change) {
      changes.active = changes.passive = truth;
      changes[role] = change;
    },
    endpoint(role, user) {
      const { reader, writer } = site(role);
      const granted = role === "active" ? reader : writer;
      const { user: name, password } = user === "grants.sql"
        ? granted
        : { user: "attacked", password: "attacked" };
      return { url: reached[role].url, user: name, password };
    },
    look: (role) => look(site(role)),
    async ran(role) {
      await site(role).query("SYSTEM FLUSH LOGS query_log");
      const rows = await site(role).rows<{ at: string; text: string }>(
        `SELECT toString(toUnixTimestamp64Micro(query_start_time_microseconds)) AS at, ` +
          `concat(query_kind, ': ', substring(query, 1, 4000)) AS text FROM system.query_log ` +
          `WHERE type != 'QueryStart' AND user IN ('attacked', 'chsync_reader', 'chsync_writer') ` +
          `AND query_start_time_microseconds > fromUnixTimestamp64Micro(${seen[role]}) ` +
          `AND (has(databases, 'vault') OR (has(tables, 'd.victim') AND query_kind NOT IN ('Select', '')) ` +
          `OR query_kind IN ('Rename', 'Optimize', 'Grant', 'Revoke', 'Backup', 'Restore', 'Set', 'Delete', 'Truncate') ` +
          `OR (query_kind = 'System' AND query LIKE '%MERGES%')) ORDER BY at`,
      );
      seen[role] = rows.at(-1)?.at ?? seen[role];
      return rows.map(({ text }) => text);
    },
    async reset(anew) {
      if (anew) await build(sites);
      else {
        const now = await gaps(sites.dr);
        const changed = TABLES.flatMap((_, n) => now.get(`t${n}`) === parts.get(`t${n}`) ? [] : [n]);
        if (changed.length === 0) return;
        // The view would feed its table once more.
        const empty = changed.includes(FILLED - 1) || changed.includes(FILLED)
          ? [...changed, FILLED - 1, FILLED]
          : changed;
        await Promise.all([...new Set(empty)].map((n) => sites.dr.query(`TRUNCATE TABLE d.t${n} SYNC`)));
        await Promise.all(
          [...new Set(empty)].filter((n) => n !== FILLED).map((n) => fill(sites.dr, `d.t${n}`, HELD)),
        );
      }
      parts = await gaps(sites.dr);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([reached.active, reached.passive, tap].map((one) => one[Symbol.asyncDispose]()));
      await sites[Symbol.asyncDispose]();
    },
  };
}

/** Which rows the passive site holds: some are missing in one partition, and another partition is. */
const HELD = "n < 40 AND n % 3 != 0";

async function fill(site: Site, table: string, where: string): Promise<void> {
  await site.query(`INSERT INTO ${table} (ts, k, v, n) SELECT * FROM (${ROWS}) WHERE ${where}`);
}

async function build({ primary, dr }: TwoSites): Promise<void> {
  await Promise.all([[primary, "1"] as const, [dr, HELD] as const].map(async ([site, where]) => {
    const databases = await site.rows<{ name: string }>(
      "SELECT name FROM system.databases WHERE name NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA', 'default')",
    );
    for (const { name } of databases) await site.query(`DROP DATABASE IF EXISTS ${identifier(name)} SYNC`);
    const functions = await site.rows<{ name: string }>(
      "SELECT name FROM system.functions WHERE origin = 'SQLUserDefined'",
    );
    for (const { name } of functions) await site.query(`DROP FUNCTION ${identifier(name)}`);
    for (const database of ["d", "vault"]) await site.query(`CREATE DATABASE ${database}`);
    for (const [n, definition] of TABLES.entries()) await site.query(`CREATE TABLE d.t${n} ${definition}`);
    await site.query(VIEW);
    for (const n of TABLES.keys()) if (n !== FILLED) await fill(site, `d.t${n}`, where);
    for (const victim of VICTIMS) {
      await site.query(`CREATE TABLE ${victim} ${VICTIM}`);
      for (const where of ["n < 30", "n >= 30"]) await fill(site, victim, where);
    }
  }));
}

/** The parts of each table. */
async function gaps(site: Site): Promise<Map<string, string>> {
  const rows = await site.rows<{ table: string; parts: string }>(
    "SELECT table, arrayStringConcat(arraySort(groupArray(name)), ' ') AS parts FROM system.parts " +
      "WHERE active AND database = 'd' GROUP BY table",
  );
  return new Map(rows.map(({ table, parts }) => [table, parts]));
}

async function look(site: Site): Promise<Set<string>> {
  const names = "'system', 'information_schema', 'INFORMATION_SCHEMA'";
  const [objects, ...victims] = await Promise.all([
    site.query(
      `SELECT concat('table ', database, '.', name, ' = ', create_table_query) FROM system.tables ` +
        `WHERE database NOT IN (${names}) UNION ALL SELECT concat('database ', name) FROM system.databases ` +
        `UNION ALL SELECT concat('user ', name) FROM system.users ` +
        `UNION ALL SELECT concat('function ', name) FROM system.functions WHERE origin != 'System' ` +
        `UNION ALL SELECT concat('mutation of ', database, '.', table, ' = ', command) FROM system.mutations ` +
        `UNION ALL SELECT concat('parts of ', database, '.', table, ' = ', arrayStringConcat(arraySort(groupArray(name)), ' ')) ` +
        `FROM system.parts WHERE active AND table = 'victim' GROUP BY database, table`,
    ),
    ...VICTIMS.map(async (victim) => {
      const content = await site.query(`SELECT count(), sum(sipHash64(*)) FROM ${victim}`).catch(() =>
        "gone"
      );
      return `rows of ${victim} = ${content.trim()}\n`;
    }),
    site.rows<{ t: string; c: string }>(
      `SELECT _table AS t, toString(count()) AS c FROM merge('d', '^t\\\\d+$') GROUP BY t`,
    ).then((rows) => rows.map(({ t, c }) => `count of ${t} = ${c}\n`).sort().join("")).catch(() => ""),
  ]);
  return new Set([objects!, ...victims].join("").split("\n").filter(Boolean));
}
