/** The rules of the house: who may import whom, which files decide and which act, how long files get, which names say nothing. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** Rooms that make up a check and speak of it, lowest first: each may import those before it. They know of no edge. */
const INSIDE = ["model", "text", "verdict", "check", "report"];

/** Rooms that touch the world, each one side of it. Besides the rooms inside they know `files`, and never each other. */
const EDGES = [
  "clickhouse",
  "config",
  "control",
  "dns",
  "log",
  "metrics",
  "neighbour",
  "notify",
  "pause",
  "state",
  "status",
  "systemd",
  "telemetry",
];

/** Which rooms (and single files) of `src` the files of a room may import from, besides their own. `main.ts` knows all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(INSIDE.map((room, at) => [room, INSIDE.slice(0, at)])),
  files: [],
  ...Object.fromEntries(EDGES.map((room) => [room, [...INSIDE, "files", "build.ts"]])),
  // What puts edges together.
  doctor: [...INSIDE, "clickhouse"],
  drill: [...INSIDE, "clickhouse"],
  run: [...INSIDE, ...EDGES, "files"],
  daemon: [...INSIDE, ...EDGES, "files", "run"],
  commands: [...INSIDE, ...EDGES, "files", "run", "daemon", "doctor", "drill", "build.ts", "cli.ts"],
};

/**
 * The files that act: that wait, ask a site or a port, read a clock or a file. `room/*` stands for all of a room.
 *
 * Every other file decides. It gets values and answers values, and may import only files that decide: so nothing can act
 * behind its back, and a file that begins to act fails here until it is named, which a reviewer sees.
 */
const ACTS: readonly string[] = [
  "check/ports/*",
  "commands/*",
  "daemon/*",
  "doctor/*",
  "drill/*",
  "files/*",
  "main.ts",
  "run/*",
  "systemd/*",
  "telemetry/*",
  "check/begin_report.ts",
  "check/check.ts",
  "check/check_options.ts",
  "check/compare/compare_merged.ts",
  "check/compare/compare_cells.ts",
  "check/compare/compare_partitions.ts",
  "check/compare/compare_rows.ts",
  "check/compare/compare_table.ts",
  "check/compare/comparison_context.ts",
  "check/compare/count_besides.ts",
  "check/compare/find_axis.ts",
  "check/compare/left_out.ts",
  "check/compare/look_for_hidden.ts",
  "check/compare/partition_reader.ts",
  "check/compare/scattered_keys.ts",
  "check/judge/name_twin_columns.ts",
  "check/memory/lasting_proofs.ts",
  "check/memory/proof_key.ts",
  "check/open/open_sites.ts",
  "check/open/still_so.ts",
  "check/plan/examine_context.ts",
  "check/plan/examine_page.ts",
  "check/plan/plan_page.ts",
  "check/plan/examine_table.ts",
  "check/plan/plan_tables.ts",
  "check/plan/tables_at_a_time.ts",
  "check/repair/clear_leftover_staging.ts",
  "check/repair/drop_outdated_kept.ts",
  "check/repair/repair_tables.ts",
  "check/repair/repair_together.ts",
  "check/repair/space_held.ts",
  "check/sample/sample_table.ts",
  "check/shards/covered_servers.ts",
  "check/shards/examine_clusters.ts",
  "check/shards/examine_shards.ts",
  "check/shards/sharded_site.ts",
  "check/replicas/doubt_again.ts",
  "check/replicas/doubt_buffers.ts",
  "check/replicas/doubt_tables.ts",
  "check/replicas/look_at_replica.ts",
  "check/replicas/look_at_sites.ts",
  "check/replicas/look_further.ts",
  "check/replicas/same_table.ts",
  "check/tables/agree_on_hashes.ts",
  "check/tables/choose_partitions.ts",
  "check/tables/discover.ts",
  "check/tables/find_tables.ts",
  "check/tables/refuse_table.ts",
  "check/tables/unpaired_tables.ts",
  "check/tables/unstable_partitions.ts",
  "check/views/begin_proof.ts",
  "check/views/explain_views.ts",
  "check/views/fed_targets.ts",
  "check/views/prove_covered.ts",
  "check/views/prove_derived.ts",
  "check/views/prove_groups.ts",
  "check/views/refine_sums.ts",
  "clickhouse/catalog/preflight.ts",
  "clickhouse/catalog/create_here.ts",
  "clickhouse/dialect/known_settings.ts",
  "clickhouse/catalog/ask_road.ts",
  "clickhouse/http/ping.ts",
  "clickhouse/catalog/read_clusters.ts",
  "clickhouse/catalog/read_member.ts",
  "clickhouse/catalog/read_other_servers.ts",
  "clickhouse/catalog/read_parts.ts",
  "clickhouse/catalog/read_placement.ts",
  "clickhouse/catalog/read_replication.ts",
  "clickhouse/compare/number_spans.ts",
  "clickhouse/compare/partitions_between.ts",
  "clickhouse/catalog/read_server.ts",
  "clickhouse/catalog/read_view_kind.ts",
  "clickhouse/compare/read_covered.ts",
  "clickhouse/compare/read_differences.ts",
  "clickhouse/compare/read_merged.ts",
  "clickhouse/compare/read_near_rows.ts",
  "clickhouse/compare/read_sample.ts",
  "clickhouse/compare/read_twin_columns.ts",
  "clickhouse/compare/read_visibility.ts",
  "clickhouse/compare/ask_hashes.ts",
  "clickhouse/compare/cell_digests.ts",
  "clickhouse/first_shard.ts",
  "clickhouse/http/asked_together.ts",
  "clickhouse/http/bounded_body.ts",
  "clickhouse/http/connection.ts",
  "clickhouse/http/connection_options.ts",
  "clickhouse/http/follow.ts",
  "clickhouse/http/http_access.ts",
  "clickhouse/http/native_certificate.ts",
  "clickhouse/http/open_client.ts",
  "clickhouse/http/sent_statement.ts",
  "clickhouse/http/slots.ts",
  "clickhouse/http/statement_watch.ts",
  "clickhouse/http/unless_refused.ts",
  "clickhouse/http/wary_fetch.ts",
  "clickhouse/http/within_memory.ts",
  "clickhouse/readable_site.ts",
  "clickhouse/repair/attach_parts.ts",
  "clickhouse/repair/caught_up.ts",
  "clickhouse/repair/claim_in_keeper.ts",
  "clickhouse/repair/ask_targets.ts",
  "clickhouse/repair/batch_repair.ts",
  "clickhouse/repair/claim_partition.ts",
  "clickhouse/repair/claim_together.ts",
  "clickhouse/repair/copy_slice.ts",
  "clickhouse/repair/drop_made.ts",
  "clickhouse/repair/feed_views.ts",
  "clickhouse/repair/find_staging.ts",
  "clickhouse/repair/fit_parts.ts",
  "clickhouse/repair/free_space.ts",
  "clickhouse/repair/fresh_look.ts",
  "clickhouse/repair/got_shares.ts",
  "clickhouse/repair/hold_partition.ts",
  "clickhouse/repair/in_turn.ts",
  "clickhouse/repair/insert_refused.ts",
  "clickhouse/repair/keep_aside.ts",
  "clickhouse/repair/part_hashes.ts",
  "clickhouse/repair/part_load.ts",
  "clickhouse/repair/parts_now.ts",
  "clickhouse/repair/partition_proofs.ts",
  "clickhouse/repair/partition_repair.ts",
  "clickhouse/repair/same_table.ts",
  "clickhouse/repair/shard_share.ts",
  "clickhouse/repair/shards_repair.ts",
  "clickhouse/repair/stage_over_shards.ts",
  "clickhouse/repair/stage_rows.ts",
  "clickhouse/repair/told_hashes.ts",
  "clickhouse/sql/remote_options.ts",
  "clickhouse/writable_shards.ts",
  "clickhouse/writable_site.ts",
  "config/env_file.ts",
  "config/exposed_files.ts",
  "config/settings_digest.ts",
  "control/ask.ts",
  "control/line.ts",
  "control/listen.ts",
  "dns/resolve_role.ts",
  "log/configure_log.ts",
  "log/status_line.ts",
  "log/uncaught.ts",
  "metrics/recorder.ts",
  "neighbour/neighbour_file.ts",
  "notify/heartbeat.ts",
  "notify/message_file.ts",
  "notify/outbox.ts",
  "notify/webhook.ts",
  "pause/pause_file.ts",
  "pause/repairs_wait.ts",
  "state/fresh_pages.ts",
  "state/lock.ts",
  "state/memory_database.ts",
  "state/memory_file.ts",
  "state/memory_place.ts",
  "state/repair_record.ts",
  "state/state_file.ts",
  "status/connections.ts",
  "status/http_answer.ts",
  "status/login.ts",
  "status/server.ts",
];

/** What deciding must not do: wait, look at the world, read the clock, roll dice, load code. */
const IMPURE =
  /\basync\b|\bawait\b|\bPromise\.|\bnew (?:Promise|Worker|WebSocket)\b|\bDeno\b|\bTemporal\b|\bfetch\(|\bDate\.now\b|\bnew Date\(\)|\bconsole\.|\bperformance\.|\bset(?:Timeout|Interval)\(|\bcrypto\.|\bMath\.random\b|\bglobalThis\b|\bprocess\.|\bimport\(|\bimport\.meta\b/;

/** What deciding files may take from packages: functions from values to values. */
const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@clickhouse/client-web": ["ClickHouseError", "SettingsMap"],
  "hono/html": ["html", "raw"],
  "node:crypto": ["createPrivateKey", "createPublicKey", "X509Certificate"],
  "node:net": ["isIP"],
  "node:util": ["parseArgs", "styleText"],
};

interface Source {
  /** Below the root of the repository. */
  readonly path: string;
  /** The first folder below the top; the file's own name where it is in none. */
  readonly room: string;
  readonly text: string;
}

function sources(top: string): Source[] {
  const found: Source[] = [];
  const walk = (directory: URL) => {
    for (const entry of Deno.readDirSync(directory)) {
      const url = new URL(`${entry.name}${entry.isDirectory ? "/" : ""}`, directory);
      if (entry.isDirectory) walk(url);
      else if (entry.name.endsWith(".ts")) {
        const path = url.pathname.slice(ROOT.pathname.length);
        found.push({ path, room: path.split("/")[1] ?? "", text: Deno.readTextFileSync(url) });
      }
    }
  };
  walk(new URL(`${top}/`, ROOT));
  return found;
}

/** Code without its comments; `//` in an address is none. */
const bare = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*/g, "");

/** Files that a file imports, types included, whatever the form of the import. */
function imports({ path, text }: Source): string[] {
  return [...bare(text).matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]+)"/g)].map((match) =>
    new URL(match[1]!, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length)
  );
}

/** What a file takes from packages, types left out: `name of package`; `*` where it is not told by name. */
function packages({ text }: Source): { readonly module: string; readonly name: string }[] {
  const statements = bare(text).matchAll(/^import\s+(?!type\b)(?:([^;"]*?)\s*from\s*)?"([^."][^"]*)"/gm);
  return [...statements].flatMap(([, what = "", module = ""]) => {
    const named = /^\{([\s\S]*)\}$/.exec(what.trim())?.[1];
    const names = named === undefined ? ["*"] : named.split(",").map((name) => name.trim()).filter(Boolean);
    return names.filter((name) => !name.startsWith("type ")).map((name) => ({ module, name }));
  });
}

function acts(path: string): boolean {
  return ACTS.some((name) =>
    name.endsWith("/*") ? path.startsWith(`src/${name.slice(0, -1)}`) : path === `src/${name}`
  );
}

/** The program of the status page: a text here, which acts in the browser of whoever reads the page. */
const BROWSERS = "src/status/script.ts";

/** Why a file does not merely decide; none: it does. */
function actions(source: Source): string[] {
  if (source.path === BROWSERS) return imports(source).map((target) => `imports ${target}`);
  const word = IMPURE.exec(bare(source.text))?.[0];
  return [
    ...(word === undefined ? [] : [`says ${word}`]),
    ...imports(source).filter(acts).map((target) => `imports ${target}`),
    ...packages(source).filter(({ module, name }) => !PURE_PACKAGES[module]?.includes(name))
      .map(({ module, name }) => `imports ${name} of ${module}`),
  ];
}

Deno.test("every file imports only from the rooms that its own may know", () => {
  const wrong = sources("src").filter(({ path }) => path.split("/").length > 2).flatMap((source) => {
    const allowed = MAY_IMPORT[source.room];
    assert.ok(allowed, `${source.path} is in a room that MAY_IMPORT does not name`);
    return imports(source)
      .filter((target) => target.startsWith("src/"))
      .filter((target) => ![source.room, ...allowed].includes(target.split("/")[1]!))
      .map((target) => `${source.path} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("no file imports itself, however far round", () => {
  const files = new Map(sources("src").map((source) => [source.path, imports(source)]));
  const done = new Set<string>();
  const visit = (path: string, route: readonly string[]): void => {
    assert.ok(!route.includes(path), [...route, path].join(" -> "));
    if (done.has(path)) return;
    for (const target of files.get(path) ?? []) visit(target, [...route, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
});

Deno.test("nothing in src imports tests or scripts", () => {
  const wrong = sources("src").flatMap((source) =>
    imports(source).filter((target) => /^(test|scripts)\//.test(target)).map((target) =>
      `${source.path}: ${target}`
    )
  );
  assert.deepEqual(wrong, []);
});

Deno.test("a file that ACTS does not name decides: it neither waits nor looks at the world, nor knows a file that does", () => {
  const wrong = sources("src").filter(({ path }) => !acts(path)).flatMap((source) =>
    actions(source).map((why) => `${source.path} ${why}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("ACTS names only files that are there and that act", () => {
  const all = sources("src");
  const idle = ACTS.filter((name) =>
    name.endsWith("/*")
      ? !all.some(({ path }) => path.startsWith(`src/${name.slice(0, -1)}`))
      : !all.some((source) => source.path === `src/${name}` && actions(source).length > 0)
  );
  assert.deepEqual(idle, []);
});

Deno.test("only main exits the process", () => {
  const exits = sources("src").filter(({ text }) => /Deno\.exit\(/.test(text)).map(({ path }) => path);
  assert.deepEqual(exits, ["src/main.ts"]);
});

Deno.test("no file of src or scripts is longer than 250 lines", () => {
  const long = [...sources("src"), ...sources("scripts")]
    .map(({ path, text }) => ({ path, lines: text.split("\n").length }))
    .filter(({ lines }) => lines > 250);
  assert.deepEqual(long, []);
});

Deno.test("names of files say what is inside", () => {
  const vague = [...sources("src"), ...sources("test"), ...sources("scripts")]
    .map(({ path }) => path)
    .filter((path) => /(^|\/)(utils?|helpers?|common|misc|managers?|types)(_test)?\.ts$/.test(path));
  assert.deepEqual(vague, []);
});

Deno.test("no file exports by default, and no test is left out", () => {
  const files = [...sources("src"), ...sources("test"), ...sources("scripts")];
  const pattern = new RegExp(
    ["export default", "ignore: true", "\\.only\\(", "Deno\\.test\\.ignore"].join("|"),
  );
  const wrong = files.filter(({ path, text }) => path !== "test/architecture_test.ts" && pattern.test(text));
  assert.deepEqual(wrong.map(({ path }) => path), []);
});
