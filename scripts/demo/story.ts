// deno-lint-ignore-file no-console
/** What the demo shows: an outage, the plan, the repair, the proof, readiness. At most 40 lines of 110 columns. */
import type { ChSync, Finished } from "../../test/support/program/ch_sync.ts";
import { METRIC_KINDS, OTEL_SCHEMA, otelRows } from "../../test/support/data/otel.ts";
import { onBoth } from "../../test/support/data/telemetry.ts";
import type { Site, TwoSites } from "../../test/support/sites/two_sites.ts";
import { planned, repaired, type Report } from "./table_lines.ts";

const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"] as const;
/** Rows of each table and day. */
const ROWS = 20_000;
/** Rows that only the DR site has. */
const OWN = 25;
const TABLES = ["otel_logs", "otel_traces", ...METRIC_KINDS.map((kind) => `otel_metrics_${kind}`)];

/** @returns whether everything was as the demo promises */
export async function tellStory(sites: TwoSites, chSync: ChSync, signal: AbortSignal): Promise<boolean> {
  const started = performance.now();
  const { primary, dr } = sites;
  const print = (...lines: readonly string[]) => {
    signal.throwIfAborted();
    console.log(lines.join("\n"));
  };
  const run = async (...args: readonly string[]): Promise<Finished> => {
    signal.throwIfAborted();
    return await chSync.run(args);
  };
  const report = async (...args: readonly string[]): Promise<Report> => {
    const { stdout, stderr } = await run(...args, "--json");
    signal.throwIfAborted();
    if (stdout === "") throw new Error(`ch-sync ${args.join(" ")} failed:\n${stderr.trim()}`);
    return JSON.parse(stdout);
  };

  print(
    "1. OpenTelemetry collectors write logs, traces and metrics to both sites. Then the DR site is cut off.",
  );
  await suffer(sites);
  const [before, whole] = [await count(dr), await count(primary)];
  print(
    `   rows in ${TABLES.length} tables: primary ${whole}, dr ${before}`,
    `   DR lacks ${DAYS[2]}, and nearly two hours of ${DAYS[1]}. ${OWN} of its logs are nowhere else.`,
  );

  print("", "2. ch-sync --dry-run: what is missing here, at the DR site? It looks, and changes nothing.");
  print(...planned(await report("--dry-run")));

  print("", "3. ch-sync --once: it copies what is missing, and compares each partition again.");
  const repair = await report("--once");
  print(...repaired(repair), `   rows in ${TABLES.length} tables: primary ${whole}, dr ${await count(dr)}`);

  print("", "4. Is that true? Plain SQL, which owes nothing to ch-sync, compares every row of both sites.");
  const { lacking, lookups, kept } = await prove(sites);
  print(
    `   rows of the primary that DR lacks, or has more or less often:  ${lacking}`,
    `   each trace spans the same time in the table that a view fills:  ${lookups ? "yes" : "no"}`,
    `   logs that only DR had, and still has:                          ${kept} of ${OWN}`,
  );

  print(
    "",
    "5. Two more checks. After three in a row with nothing open, it says that it is safe to switch to this site.",
  );
  await run("--once");
  const last = await run("--once");
  const ready = last.stderr.split("\n").filter((line) => /clean check|FAILBACK READY/.test(line));
  print(...ready.map((line) => `   ${line}`));

  const proven = repair.exit_code === 0 && last.code === 0 && lacking === 0 && lookups && kept === OWN &&
    ready.some((line) => line.includes("FAILBACK READY"));
  if (!proven) throw new Error(`This went wrong; the last check said:\n${last.stderr.trim()}`);
  print(
    "",
    "So: after an outage, DR holds every row of the primary exactly once and lost none of its own, and ch-sync",
    `says so only once that is proven. Took ${
      ((performance.now() - started) / 1000).toFixed(0)
    } s; nothing is left running.`,
  );
  return true;
}

/** Both receive the first day; of what comes later, the DR site lacks a part. */
async function suffer(sites: TwoSites): Promise<void> {
  await onBoth(sites, ...OTEL_SCHEMA);
  const fill = async (site: Site, statements: readonly string[]) => {
    for (const statement of statements) await site.query(statement);
  };
  for (const day of DAYS) await fill(sites.primary, otelRows(day, ROWS));
  await fill(sites.dr, otelRows(DAYS[0], ROWS));
  await fill(sites.dr, otelRows(DAYS[1], ROWS, `number NOT BETWEEN ${ROWS / 8} AND ${ROWS / 5}`));
  await sites.dr.query(
    `INSERT INTO otel.otel_logs (Timestamp, ServiceName, Body) ` +
      `SELECT '${DAYS[0]} 12:00:00', 'only-at-dr', 'x' FROM numbers(${OWN})`,
  );
}

async function count(site: Site): Promise<string> {
  const counts = TABLES.map((table) => `(SELECT count() FROM otel.${table})`);
  return (await site.query(`SELECT ${counts.join(" + ")}`)).trim();
}

interface Proof {
  /** Distinct rows of the primary that DR does not have as often. */
  readonly lacking: number;
  /** Whether the table that a view fills answers alike. */
  readonly lookups: boolean;
  readonly kept: number;
}

async function prove({ primary, dr }: TwoSites): Promise<Proof> {
  const { user, password } = primary.endpoint;
  let lacking = 0;
  for (const table of TABLES) {
    const remote = `remote('${primary.host}:${primary.tcpPort}', otel, ${table}, '${user}', '${password}')`;
    const rows = (from: string) =>
      `(SELECT toString(tuple(*)) AS line, count() AS n FROM ${from} GROUP BY line)`;
    const joined = `${rows(remote)} AS there LEFT JOIN ${rows(`otel.${table}`)} AS here USING (line)`;
    lacking += Number(await dr.query(`SELECT count() FROM ${joined} WHERE there.n != here.n`));
  }
  const lookup =
    `SELECT count(), sum(cityHash64(TraceId, s, e)) FROM (SELECT TraceId, min(Start) AS s, max(End) AS e ` +
    `FROM otel.otel_traces_trace_id_ts GROUP BY TraceId)`;
  const kept = await dr.query("SELECT count() FROM otel.otel_logs WHERE ServiceName = 'only-at-dr'");
  return { lacking, lookups: await primary.query(lookup) === await dr.query(lookup), kept: Number(kept) };
}
