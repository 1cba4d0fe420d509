/** Writes docs/transcripts.md: what ch-sync prints in known situations, on two real servers. */
import { environmentOf, installChSync } from "../test/support/program/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../test/support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../test/support/sites/two_sites.ts";

const INTRO = `# Transcripts

*What does ch-sync print in each situation?*

Run against two real servers. \`deno task transcripts\` writes this page; a test compares it with what the program prints now.
Times, addresses and random names are replaced by fixed ones; long lines of SQL are cut off.
`;

/** Columns of a line of SQL. */
const WIDTH = 160;

/** The page as it should be. */
export async function makeTranscripts(): Promise<string> {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  // One table after the other: of two beside each other, either may be done first.
  const inOrder = { MAX_CONCURRENT_TABLES: "1" };
  await using atDr = await installChSync({ ...environmentOf("dr", dr, primary), ...inOrder });
  await using atPrimary = await installChSync({
    ...environmentOf("primary", primary, dr),
    ...inOrder,
    ACTIVE_SITE: "primary",
  });
  const parts: string[] = [INTRO];
  const show = async (title: string, args: readonly string[], where = atDr) => {
    const { code, stdout, stderr } = await where.run(args);
    const text = [stderr, stdout].map((text) => text.trimEnd()).filter(Boolean).join("\n");
    const lines = fixed(text, sites).split("\n").map((line) =>
      line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line
    );
    parts.push(
      `\n## ${title}\n\n    $ ch-sync ${args.map(quoted).join(" ")}\n${
        lines.map((line) => `    ${line}`.trimEnd()).join("\n")
      }\n    $ echo $?\n    ${code}\n`,
    );
  };
  await onBoth(sites, "CREATE DATABASE shop", telemetryTable("shop.http"), telemetryTable("shop.orders"));
  for (const table of ["shop.http", "shop.orders"]) {
    for (const day of ["2026-01-01", "2026-01-02"]) {
      for (const site of [primary, dr]) await load(site, table, day, 1000);
    }
  }
  await show("Before the first check", ["--status"]);
  await show("Before the first check: what must hold", ["--doctor"]);
  await show("Nothing is missing", ["--once"]);
  await show("At the active site", ["--once"], atPrimary);

  await load(primary, "shop.http", "2026-01-03", 1000);
  await load(primary, "shop.orders", "2026-01-03", 1000);
  await load(dr, "shop.orders", "2026-01-03", 1000, "toHour(ts) != 5");
  await show("After an outage: the plan", ["--dry-run"]);
  await show("After an outage: the plan with its statements", [
    "--dry-run",
    "--sql",
    "--table",
    "shop.orders",
  ]);
  await show("After an outage: a part of the plan", [
    "--dry-run",
    "--table",
    "shop.h*",
    "--to",
    "2026-01-03",
  ]);
  await show("After an outage: the repair", ["--once"]);
  for (let n = 0; n < 2; n++) await atDr.run(["--once"]);
  await show("Ready", ["--status"]);
  await show("Ready: evidence for the change ticket", ["--evidence", "failback.md"]);

  await primary.query(telemetryTable("shop.fresh"));
  await onBoth(sites, telemetryTable("shop.drifted"), telemetryTable("shop.erased"));
  await primary.query("ALTER TABLE shop.drifted ADD COLUMN region String");
  for (const site of [primary, dr]) await load(site, "shop.erased", "2026-01-01", 100);
  await dr.query("DELETE FROM shop.erased WHERE service = 'service-1'");
  await load(primary, "shop.http", "2026-01-04", 1000);
  await show("Much is wrong", ["--once"]);
  await show("Much is wrong: how it stands", ["--status"]);
  await show("Much is wrong: how it came to that", ["--history", "4"]);
  await show("Much is wrong: is it safe?", ["--evidence", "failback.md"]);
  await show("A rehearsal", ["--drill"]);
  return parts.join("");
}

/** As a shell wants it. */
function quoted(word: string): string {
  return /[*?!]/.test(word) ? `'${word}'` : word;
}

/** What differs from run to run, replaced. */
function fixed(text: string, { primary, dr }: TwoSites): string {
  return text
    .replaceAll(primary.url, "http://primary.example:8123").replaceAll(dr.url, "http://dr.example:8123")
    .replaceAll(`127.0.0.1:${primary.tcpPort}`, "primary.example:9000")
    .replaceAll(`127.0.0.1:${dr.tcpPort}`, "dr.example:9000")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "2026-01-05T03:04:05.678Z")
    .replace(/made within [^,\n]+,/g, "made within 15 seconds,")
    .replace(/_chsync_dr_[0-9a-z]+_/g, "_chsync_dr_0123abcdm5x1_")
    .replace(/(toInt64\(`ts`\) < )\d+(?=, 1\))/g, "$11767582245")
    .replace(/ch_sync_drill_dr_[0-9a-z]+_[0-9a-z]+/g, "ch_sync_drill_dr_0123abcd_m5x1")
    .replace(/[\d.]+ [KMGT]iB free here/g, "500.0 GiB free here")
    .replace(/^(ok|FAILED)( +)[\d.]+ s /gm, "$1      0.3 s ")
    .replace(/in (about \d+ seconds?|less than a second)(?=;| at|$)/gm, "in less than a second")
    .replace(/made within [^,]+,/g, "made within 10 minutes,")
    .replace(/( of \d+ Jan) 2026/g, "$1")
    .replace(
      /(rows since |everything through )(?!00:00 UTC of \d Jan)[\d:]+ UTC of \d+ \w{3}( 20\d\d)?/g,
      "$103:04:05 UTC of 5 Jan",
    )
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+ s /g, "2026-01-05 03:04:05   1 s ")
    .replace(/\(\d+ days\)/g, "(326 days)")
    .replace(/about [\d.]+ (B|KiB|MiB) to move/g, "about 9.5 KiB to move")
    .replace(/rows, about [\d.]+ (B|KiB|MiB), in/g, "rows, about 19.0 KiB, in")
    .replace(/\) in \d+ seconds?$/gm, ") in 0 seconds");
}

if (import.meta.main) {
  const path = new URL("../docs/transcripts.md", import.meta.url);
  await Deno.writeTextFile(path, await makeTranscripts());
}
