/** The evidence for a failback as Markdown, to be attached to a change ticket. */
import type { Evidence, EvidenceTable } from "../model/evidence.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { counted } from "../text/readable.ts";
import { pauseLine } from "../verdict/pause_words.ts";

/** The first line of every such document: a file that begins otherwise is not overwritten. */
export const EVIDENCE_TITLE = "# ch-sync: evidence for a failback";

/** What holds for both, a line each; none where vm-sync is not asked. */
export function bothLines({ safe, neighbour, safe_for_both }: Evidence): string[] {
  if (!neighbour) return [];
  const word = (ready: boolean) => ready ? "ready" : "not ready";
  const said = `ch-sync: ${word(safe)}; vm-sync: ${word(neighbour.ready)}`;
  return [
    safe_for_both ? `SAFE FOR BOTH (${said})` : `NOT SAFE FOR BOTH (${said})`,
    ...neighbour.reasons.map((reason) => `vm-sync: ${reason}`),
  ];
}

export function renderEvidence(evidence: Evidence): string {
  const { paused, verdict, reasons, made_at, ch_sync, sites, checks, tables, not_proven, ignored_columns } =
    evidence;
  const through = checks.verified_through ?? "no time";
  const open = tables.flatMap(({ table, findings }) => findings.map((found) => ({ table, ...found })));
  const lines = [
    EVIDENCE_TITLE,
    "",
    ...(paused ? [`**${escape(pauseLine(paused))}.**`, ""] : []),
    `**${verdict}.** Made at ${made_at} by ch-sync ${escape(ch_sync)}.`,
    "",
    ...boldFirst(bothLines(evidence)),
    ...(reasons.length > 0 ? ["Why not:", "", ...reasons.map((reason) => `- ${escape(reason)}`)] : [
      `Every row of the active site that was settled before ${through} is here, in every table that is compared. ` +
      (ignored_columns.length === 0 ? "" : `${sayIgnored(ignored_columns)} `) +
      (not_proven.length === 0 ? "" : `${sayUnproven(not_proven)} `) +
      `${counted(checks.consecutive_clean, "check")} in a row ${
        checks.consecutive_clean === 1 ? "was" : "were"
      } clean (${checks.wanted} ${checks.wanted === 1 ? "is" : "are"} wanted), ` +
      `${checks.clean_since === null ? "" : `the first one at ${checks.clean_since}, `}the last one at ` +
      `${checks.last_check}; the verdict holds until ${checks.ready_until}.`,
    ]),
    "",
    "## Sites",
    "",
    ...grid(
      ["site", "role", "address", "ClickHouse", "time zone"],
      sites.map((
        { name, role, url, others, version, timezone },
      ) => [
        name,
        role,
        others.length === 0 ? url : `${url} (a replica; not read: ${others.join(", ")})`,
        version ?? "–",
        timezone ?? "–",
      ]),
    ),
    ...shardLines(evidence),
    "",
    "## Tables",
    "",
    "cityHash64 is the sum of the hashes of all settled rows: it does not depend on the order of rows, and counts repeated " +
    "ones. `=` says that this site has the same ones.",
    "",
    ...grid(
      [
        "table",
        "verdict",
        "partitions",
        "rows of the active site",
        "cityHash64",
        "here",
        "oldest digest",
      ],
      tables.map(tableCells),
    ),
    "",
    "## What was found",
    "",
    ...(open.length === 0 ? ["Nothing."] : grid(
      ["table", "partition", "reason", "clean", "missing", "only here", "in words"],
      open.map((found) => [
        found.table,
        found.partition ?? "–",
        found.reason,
        found.clean ? "yes" : "NO",
        found.rows_missing,
        found.rows_surplus,
        found.detail,
      ]),
    )),
    "",
    "## Left out, and warnings",
    "",
    ...items([
      `excluded by pattern: ${evidence.excluded_patterns.join(", ")}`,
      ...evidence.not_synced.map(({ table, engine }) => `not synced: ${table} (${engine})`),
      ...evidence.warnings,
      ...tables.flatMap(({ table, warnings }) => warnings.map((warning) => `${table}: ${warning}`)),
    ]),
    "",
    "## Settings",
    "",
    ...items(Object.entries(evidence.settings).map(([name, value]) => `${name}=${value}`)),
    "",
  ];
  return lines.join("\n");
}

/** Every address of sites that have several; none where both have one. */
function shardLines({ sites }: Evidence): string[] {
  const rows = sites.flatMap(({ name, shards = [] }) =>
    shards.flatMap(({ shard, replicas }) =>
      replicas.map(({ url, read, version }) => [
        name,
        String(shard),
        url,
        read ? "yes" : version === null ? "no answer" : "no",
        version ?? "–",
      ])
    )
  );
  return rows.length === 0 ? [] : ["", ...grid(["site", "shard", "replica", "read", "ClickHouse"], rows)];
}

function sayIgnored(columns: Evidence["ignored_columns"]): string {
  return `Rows count as the same whatever they hold in ${
    columns.map(escape).join(", ")
  }, which each site fills for itself ` +
    "(IGNORE\\_COLUMNS): these values were not compared.";
}

function boldFirst([first, ...rest]: readonly string[]): string[] {
  if (first === undefined) return [];
  return [`**${escape(first)}.**`, "", ...rest.length > 0 ? [...items(rest), ""] : []];
}

function sayUnproven(tables: Evidence["not_proven"]): string {
  const named = tables.map(({ table, detail }) => `${escape(table)} (${escape(detail)})`);
  return `Of ${
    tables.length === 1 ? "a table" : `${tables.length} tables`
  } that views fill this is not proven: ${named.join("; ")}.`;
}

function tableCells(table: EvidenceTable): string[] {
  const { active, here, rows_surplus } = table;
  const more = rows_surplus === "0" ? "other rows" : `${counted(BigInt(rows_surplus), "row")} more`;
  return [
    table.table,
    table.verdict.replace("_", " "),
    String(table.partitions),
    active.rows,
    active.cityhash64,
    here ? "=" : table.verdict === "complete" ? more : "–",
    table.oldest_digest ?? "–",
  ];
}

function grid(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((cells) => line(cells.map(escape)))];
}

function items(texts: readonly string[]): string[] {
  return texts.map((text) => `- ${escape(text)}`);
}

/** Escapes text for Markdown: it becomes no markup, no link, and no line or cell of its own. */
function escape(text: string): string {
  return escapeControls(text).replace(/[\\`*_[\]<>|#~&!]/g, (char) => `\\${char}`);
}
