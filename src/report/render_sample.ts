/** Rows of a sample as text and as JSON: values are escaped and bounded, whatever they hold. */
import type { CheckReport } from "../model/report.ts";
import type { Sample, SampledRow, ShownValue } from "../model/sample.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { counted, grouped } from "../text/readable.ts";

/** Names of columns are padded to this width, at most. */
const WIDTH = 30;

export function renderSample(sample: Sample): string {
  const { table, columns, missing, surplus, remarks } = sample;
  if (missing.length + surplus.length === 0) {
    return [`Table ${table}: no settled row differs between the sites in what was looked at`, ...remarks].map(
      escapeControls,
    )
      .join("\n");
  }
  const width = Math.min(WIDTH, Math.max(...columns.map((name) => name.length)));
  const block = (rows: readonly SampledRow[], title: string, label: (at: number) => string) =>
    rows.length === 0 ? [] : [
      `${title}:`,
      ...rows.flatMap((row, at) => ["", label(at) + about(row), ...valuesOf(sample, row, width)]),
      "",
    ];
  const lines = [
    `Table ${table}: ${counted(missing.length, "missing row")} and ${
      counted(surplus.length, "surplus row")
    }, 20 of each at most; ch-sync --dry-run counts all. ` +
    "Values may be secret: mind where this is kept",
    ...remarks,
    "",
    ...block(
      missing,
      "Missing here: the active site has them (a), and what is here instead (h)",
      (at) => `missing ${at + 1}`,
    ),
    ...block(surplus, "Only here (h), and what the active site has instead (a)", (at) => `surplus ${at + 1}`),
  ];
  return lines.map(escapeControls).join("\n").trimEnd();

  function valuesOf({ columns, missing }: Sample, row: SampledRow, width: number): string[] {
    const [own, other] = missing.includes(row) ? ["a", "h"] : ["h", "a"];
    const differing = new Set(row.twin?.differing);
    return columns.flatMap((name, at) => {
      const [value, twin] = [row.values[at], row.twin?.values[at]];
      const same = twin !== undefined && value?.text === twin.text && value?.bytes === twin.bytes;
      const head = `  ${differing.has(name) ? "*" : " "} ${name.padEnd(width)}`;
      if (twin === undefined || (same && !differing.has(name))) return [`${head}    ${inWords(value)}`];
      return [`${head}  ${own} ${inWords(value)}`, `    ${" ".repeat(width)}  ${other} ${inWords(twin)}`];
    });
  }
}

function about({ partitionId, times, twin }: SampledRow): string {
  const copies = times && times.active > 0n && times.here > 0n
    ? `, ${timesOf(times.active)} at the active site and ${timesOf(times.here)} here`
    : "";
  const beside = twin === null
    ? copies ? "" : ": no row like it at the other site"
    : `: ${twin.sameKey ? "the same key" : "nearly the same row"} at the other site, ${
      twin.differing.length === 0 ? "the same in every column" : `other ${twin.differing.join(", ")}`
    }${twin.atBoth ? " (a row that both sites have)" : ""}`;
  return `, partition ${partitionId}${copies}${beside}`;
}

function timesOf(count: bigint): string {
  return count === 1n ? "once" : `${grouped(count)} times`;
}

function inWords(value: ShownValue | undefined): string {
  if (value === undefined) return "";
  const { text, bytes } = value;
  if (text === null) return "NULL";
  const cut = bytes > new TextEncoder().encode(text).length ? `… (${bytes} bytes)` : "";
  return JSON.stringify(text) + cut;
}

/** For a program. Columns and values stand in the same order. */
export function sampleJson({ table, columns, missing, surplus, remarks }: Sample) {
  const rows = (some: readonly SampledRow[]) =>
    some.map(({ partitionId, times, values, twin }) => ({
      partition: partitionId,
      times: times && { active: Number(times.active), here: Number(times.here) },
      values,
      twin: twin && {
        same_key: twin.sameKey,
        at_both_sites: twin.atBoth,
        differing_columns: twin.differing,
        values: twin.values,
      },
    }));
  return { table, columns, missing: rows(missing), surplus: rows(surplus), remarks };
}

/** Why nothing of a table was compared, in a sentence. */
export function whyNoSample(
  { outcome, error, tables, warnings, active, unreachable }: CheckReport,
  name: string,
): string {
  if (outcome === "standby") {
    return `--sample shows what the passive site lacks, and this site is the active one: run it at the other site`;
  }
  if (outcome === "role_unknown") {
    return "--sample needs to know which site is active, and that is not known: see the log";
  }
  if (outcome === "site_unreachable") {
    return `--sample reads both sites, and one does not answer: ${unreachable.join(", ")}`;
  }
  if (outcome !== "completed") {
    return `Table ${name} was not compared: ${error ?? `the check ended (${outcome}, ${active})`}`;
  }
  const [refused] = tables.flatMap(({ findings }) => findings);
  if (refused) {
    return `Table ${refused.table} is not compared, so there are no rows to show: ${refused.reason}: ${refused.detail}`;
  }
  return `Nothing of table ${name} was compared${
    warnings.length > 0 ? `: ${warnings[0]}` : ": neither site holds a row of it"
  }`;
}
