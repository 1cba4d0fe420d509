/** A partition that is larger than what one statement may hold in memory, on two real sites. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { until } from "../../support/program/endings.ts";
import { startFaultyLink } from "../../support/links/faulty_link.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { grouped } from "../../../src/text/readable.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

/** Bytes that a statement may use at either server: less than the hashes of all rows take. */
const LIMIT = 280_000_000;
const ROWS = 12_000_000;

Deno.test("a partition is compared and repaired within memory that all its hashes would exceed", async () => {
  const limited = { config: { profiles: { default: { max_memory_usage: LIMIT } } } };
  await using sites = await startTwoSites({ primary: limited, dr: limited });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.large (ts DateTime('UTC'), k UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
  );
  const rows = (where: string) =>
    `INSERT INTO d.large SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + intDiv(number, 5), sipHash64(number) ` +
    `FROM numbers(${ROWS}) WHERE ${where} SETTINGS max_insert_block_size = 500000, max_threads = 1`;
  await primary.query(rows("1"));
  await dr.query(rows("number % 97"));

  const { user, password } = primary.endpoint;
  const remote = `remote('${primary.host}:${primary.tcpPort}', d.large, '${user}', '${password}')`;
  await assert.rejects(
    dr.query(
      `SELECT count() FROM ${remote} WHERE cityHash64(tuple(ts, k)) GLOBAL NOT IN (SELECT cityHash64(tuple(ts, k)) FROM d.large)`,
    ),
    /MEMORY_LIMIT_EXCEEDED/,
  );
  // The network breaks off once, when a slice has been copied: the others stay, and that one is copied again.
  await using link = startFaultyLink(primary.tcpPort);
  const cut = until("a slice was copied", async () => {
    const parts = "SELECT count() FROM system.parts WHERE active AND startsWith(table, '_chsync_')";
    return Number(await dr.query(parts)) > 0;
  }).then(() => link.cutAfter = 1);
  const remoteNative = { host: "127.0.0.1", port: link.port, secure: false };
  const broken = until("a copy broke off", () => link.cutAfter === 1)
    .then(() => new Promise((resolve) => setTimeout(resolve, 300)))
    .then(() => link.cutAfter = Infinity);
  const copied: string[] = [];
  const report = await checkSites(sites, {
    settings: { remoteNative },
    observer: { copied: (_, slices, of) => copied.push(`${slices} of ${of}`) },
  });
  await Promise.all([cut, broken]);
  assert.deepEqual(copied, ["1 of 3", "2 of 3", "3 of 3"]);
  assert.deepEqual(findingsOf(report).map(({ reason, detail }) => ({ reason, detail })), [
    {
      reason: "partial",
      detail: `${grouped(Math.ceil(ROWS / 97))} of ${grouped(ROWS)} rows are absent here`,
    },
  ]);
  assert.deepEqual(reasonsOf(report), { "d.large 202601": "partial, repaired" });
  assert.equal(
    await dr.query("SELECT count(), uniqExact(k) FROM d.large SETTINGS max_memory_usage = 0"),
    `${ROWS}\t${ROWS}\n`,
  );
});
