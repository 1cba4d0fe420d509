// deno-lint-ignore-file no-console
/**
 * Measures repairs against what an operator would type: `INSERT … SELECT … FROM remote(…)` of the partition. Both
 * sites run on this machine, so that every digest of either takes time from the other; figures are medians of ratios
 * within one run.
 */
import { checkSites, reasonsOf } from "../test/sites/check_sites.ts";
import { startTwoSites, type TwoSites } from "../test/sites/two_sites.ts";

const ROWS = Number(Deno.args[0] ?? 2_500_000);
const RUNS = Number(Deno.args[1] ?? 5);
const MAX_INSERT_THREADS = 4;

const TABLE = `CREATE TABLE bench.http (
  ts DateTime64(9, 'UTC'), trace_id String, span_id String, parent_span_id String, service LowCardinality(String),
  host LowCardinality(String), method LowCardinality(String), route String, url String, status UInt16,
  duration_ns UInt64, bytes_in UInt32, bytes_out UInt32, client IPv4, user_agent String, error Nullable(String),
  attributes Map(LowCardinality(String), String)
) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)`;

const DAY = `INSERT INTO bench.http SELECT
  toDateTime64('2026-01-01 00:00:00', 9, 'UTC') + toIntervalNanosecond(number * ${
  Math.floor(86_400e9 / ROWS)
}),
  lower(hex(sipHash128(number))), lower(hex(sipHash64(number))), lower(hex(sipHash64(number, 1))),
  concat('service-', toString(number % 20)), concat('host-', toString(number % 100)),
  ['GET', 'POST', 'PUT'][1 + number % 3], concat('/api/v1/', toString(number % 200)),
  concat('https://shop.example/api/v1/', toString(number % 200), '/', toString(number * 7919 % 1000003)),
  200 + number % 5, number * 7919 % 1000000007, number % 5000, number * 31 % 90000,
  toIPv4(toUInt32(number * 2654435761 % 4294967296)),
  concat('Mozilla/5.0 (X11; Linux x86_64) agent/', toString(number % 300)),
  if(number % 50 = 0, concat('error ', toString(number % 97)), NULL),
  map('k8s.pod', concat('pod-', toString(number % 500)), 'user', toString(number * 13 % 100000))
  FROM numbers(${ROWS})`;

/** Seconds that the work takes, once what came before it has been cleaned up. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

interface Case {
  readonly name: string;
  readonly goal: number;
  /** Puts the passive site into the state that is repaired. */
  readonly damage: (sites: TwoSites) => Promise<unknown>;
  readonly found: string;
}

const CASES: readonly Case[] = [
  {
    name: "an absent day",
    goal: 1.5,
    damage: ({ dr }) => dr.query("TRUNCATE TABLE bench.http SYNC"),
    found: "missing, repaired",
  },
  {
    name: "a 15-minute gap",
    goal: 0.8,
    damage: async ({ dr }) => {
      await dr.query(
        "ALTER TABLE bench.http DELETE WHERE ts >= '2026-01-01 12:00:00' AND ts < '2026-01-01 12:15:00' SETTINGS mutations_sync = 2",
      );
    },
    found: "partial, repaired",
  },
  {
    name: "1 % at random",
    goal: NaN,
    damage: async ({ dr }) => {
      await dr.query(
        "ALTER TABLE bench.http DELETE WHERE cityHash64(trace_id) % 100 = 0 SETTINGS mutations_sync = 2",
      );
    },
    found: "partial, repaired",
  },
];

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function measure(sites: TwoSites, { name, goal, damage, found }: Case): Promise<void> {
  const { primary, dr } = sites;
  const { user, password } = primary.endpoint;
  const bare =
    `INSERT INTO bench.http SELECT * FROM remote('${primary.host}:${primary.tcpPort}', bench, http, ` +
    `'${user}', '${password}') WHERE _partition_id = '20260101' SETTINGS max_insert_threads = ${MAX_INSERT_THREADS}`;
  const [bares, repairs]: [number[], number[]] = [[], []];
  for (let run = 0; run <= RUNS; run++) {
    await dr.query("TRUNCATE TABLE bench.http SYNC");
    const recopied = await seconds(() => dr.query(bare));
    await damage(sites);
    let reasons = {};
    const repaired = await seconds(async () => {
      reasons = reasonsOf(await checkSites(sites, { settings: { maxInsertThreads: MAX_INSERT_THREADS } }));
    });
    const counts = [
      await primary.query("SELECT count() FROM bench.http"),
      await dr.query("SELECT count() FROM bench.http"),
    ];
    if (counts[0] !== counts[1] || Object.values(reasons).join() !== found) {
      throw new Error(`The case ${name} went wrong: ${JSON.stringify(reasons)}, ${counts}`);
    }
    if (run === 0) continue; // the first one warms both sites up
    bares.push(recopied);
    repairs.push(repaired);
  }
  const ratios = repairs.map((repair, run) => repair / bares[run]!);
  console.log([
    name.padEnd(18),
    `${median(bares).toFixed(2)} s`.padStart(8),
    `${median(repairs).toFixed(2)} s`.padStart(8),
    `${median(ratios).toFixed(2)} x`.padStart(8),
    Number.isNaN(goal) ? "" : `(goal ${goal} x)`,
  ].join("  "));
}

await using sites = await startTwoSites();
for (const site of [sites.primary, sites.dr]) {
  await site.query("CREATE DATABASE bench");
  await site.query(TABLE);
}
await sites.primary.query(DAY);
await sites.primary.query("OPTIMIZE TABLE bench.http FINAL");
const size = await sites.primary.query(
  "SELECT formatReadableSize(sum(bytes_on_disk)) FROM system.parts WHERE active AND table = 'http'",
);
console.log(
  `${ROWS} wide rows a day (${size.trim()} on disk), medians of ${RUNS} runs, ${navigator.hardwareConcurrency} cores`,
);
console.log(["".padEnd(18), "recopied", "ch-sync".padStart(8), "ratio".padStart(8)].join("  "));
for (const one of CASES) await measure(sites, one);
