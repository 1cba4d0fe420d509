/** What would keep tables from being compared and repaired, or make that slow. Creates nothing, reads no row. */
import { agreeOnHashes } from "../check/tables/agree_on_hashes.ts";
import { discover } from "../check/tables/discover.ts";
import type { Discovery } from "../check/tables/discovery.ts";
import { namePlace } from "../check/tables/staging_place.ts";
import type { CheckPorts } from "../check/ports/check_ports.ts";
import { refuseDefinition } from "../check/tables/refuse_table.ts";
import type { Examination } from "../model/examination.ts";
import type { Settings } from "../model/settings.ts";
import type { ServerFacts } from "../model/site.ts";
import type { Table, TablePair } from "../model/table.ts";
import { definitionWarnings } from "../check/tables/table_warnings.ts";
import { counted, readableBytes, readableDuration } from "../text/readable.ts";
import { examineOtherServers } from "./examine_other_servers.ts";
import { failed, ok, warning } from "./graded.ts";

export interface ExaminedTables {
  readonly examinations: readonly Examination[];
  /** Those of this site that are synced. */
  readonly tables: readonly Table[];
  /** The same of the other site. */
  readonly tablesThere: readonly Table[];
}

export async function examineTables(
  ports: CheckPorts,
  settings: Settings,
  facts: { readonly local: ServerFacts; readonly remote: ServerFacts },
): Promise<ExaminedTables> {
  const { version } = facts.local;
  const options = { settings, only: null, accepted: new Set<string>(), dryRun: true, version };
  const found = await discover(ports, options);
  const versions = { here: facts.local, there: facts.remote };
  const pairs = await agreeOnHashes(ports, found.pairs, versions, new Map());
  const zones = { here: facts.local.timezone, there: facts.remote.timezone };
  const examinations: Examination[] = [];
  for (const pair of pairs) {
    if (found.ambiguous.has(pair.name)) {
      examinations.push(failed(`table ${pair.name}`, "two tables have this name", "rename one of them"));
    } else if (!found.derived.has(pair.name)) examinations.push(...await examineTable(ports, pair, zones));
  }
  for (const { table, findings } of found.unpaired) {
    examinations.push(
      ...findings.map(({ reason, detail, sql }) =>
        warning(
          `table ${table}`,
          `${reason}: ${detail}`,
          sql.length > 0 ? `here: ${sql.join("; ")}` : "look at it",
        )
      ),
    );
  }
  examinations.push(
    ...found.warnings.map((text) => warning("definitions", text, "make both sites the same")),
  );
  if (found.unnamed.here !== null) {
    examinations.push(failed("shards of the local site", found.unnamed.here));
  }
  if (pairs.length === 0) {
    const remedy = "grant SELECT on them at both sites, or look at CH_EXCLUDE_PATTERNS";
    examinations.push(failed("tables", "no table is seen at both sites", remedy));
  } else {
    const troubled = new Set(examinations.map(({ subject }) => subject));
    const fine = pairs.filter(({ name }) => !troubled.has(`table ${name}`)).length;
    const left = found.leftOut.length > 0
      ? `; ${counted(found.leftOut.length, "table of another engine is", "of other engines are")} not synced`
      : "";
    examinations.push(ok("tables", `${pairs.length} at both sites, ${fine} of them without a remark${left}`));
  }
  examinations.push(
    ...staging(found, settings),
    ...replicated(pairs),
    ...await examineOtherServers(ports, found),
    ...await disks(ports, pairs),
    ...await lateness(ports, settings, pairs),
  );
  return {
    examinations: examinations.map(eitherWay),
    tables: pairs.map(({ here }) => here),
    tablesThere: pairs.map(({ there }) => there),
  };
}

/** A check speaks of the active site, because it pulls from there; the doctor runs at both. */
function eitherWay(one: Examination): Examination {
  const { detail, remedy } = one;
  const other = (text: string) => text.replaceAll("the active site", "the other site");
  return { ...one, detail: other(detail), remedy: remedy && other(remedy) };
}

async function examineTable(
  ports: CheckPorts,
  pair: TablePair,
  zones: Parameters<typeof refuseDefinition>[2],
): Promise<Examination[]> {
  const subject = `table ${pair.name}`;
  const refusal = await refuseDefinition(ports, pair, zones);
  if (refusal) {
    const { reason, detail, sql } = refusal;
    return [failed(subject, `${reason}: ${detail}`, sql.length > 0 ? `here: ${sql.join("; ")}` : null)];
  }
  const found = definitionWarnings(pair)
    .map((text) => warning(subject, text, "make both sites the same"));
  const { partitionKey } = pair.here;
  if (partitionKey === "") {
    found.push(
      warning(
        subject,
        "it has no partition key: all of it is searched for any difference",
        "partition it by day",
      ),
    );
  } else if (/toStartOf(Hour|Minute|FiveMinute|FifteenMinutes|Interval)|toYYYYMMDDhh/i.test(partitionKey)) {
    found.push(
      warning(
        subject,
        `its partitions are small (${partitionKey}): every check has to list many of them`,
        "partition it by day",
      ),
    );
  }
  return found;
}

function replicated(pairs: readonly TablePair[]): Examination[] {
  const some = pairs.filter(({ here }) => here.engine.startsWith("Replicated"));
  if (some.length === 0) return [];
  const detail = `${
    counted(some.length, "table is", "tables are")
  } Replicated: what is repaired at one replica reaches the others`;
  return [ok("replicas", `${detail}; see docs/clusters.md for what ch-sync makes sure of`)];
}

/** Where staging tables lie. */
function staging({ pairs, stagingProblem, unstaged }: Discovery, settings: Settings): Examination[] {
  const subject = "staging tables";
  if (stagingProblem !== null) return [failed(subject, stagingProblem)];
  const first = pairs.find(({ name }) => unstaged.has(name));
  if (first) return [failed(subject, namePlace(first.here.id))];
  const { stagingDatabase } = settings;
  return stagingDatabase === null ? [] : [ok(subject, `in database ${stagingDatabase}`)];
}

/** Free space of each storage policy that a table uses. */
async function disks({ here }: CheckPorts, pairs: readonly TablePair[]): Promise<Examination[]> {
  const policyOf = ({ here }: TablePair) =>
    /storage_policy = '([^']*)'/.exec(here.engineFull)?.[1] ?? "default";
  const found: Examination[] = [];
  for (const [policy, [pair]] of Map.groupBy(pairs, policyOf)) {
    const free = await here.freeBytes(pair!.here.id);
    const subject = `disks of storage policy ${policy}`;
    if (free === null) {
      const remedy = "grant SELECT ON system.disks and system.storage_policies at the local site";
      found.push(warning(subject, "the free space is unknown", remedy));
    } else if (free < LITTLE_BYTES) {
      found.push(
        warning(
          subject,
          `only ${readableBytes(free)} are free here`,
          "free some space: copies are staged before they are moved in",
        ),
      );
    } else found.push(ok(subject, `${readableBytes(free)} free here`));
  }
  return found;
}

const LITTLE_BYTES = 10 * 2 ** 30;
/** Tables with late rows that are named. */
const LATE_NAMED = 10;

/** Rows that arrive later than the settle window look missing first, and a copy of them would double them. */
async function lateness(
  { there }: CheckPorts,
  { settleSeconds }: Settings,
  pairs: readonly TablePair[],
): Promise<Examination[]> {
  const lags = await there.arrivalLags();
  if (lags === null) {
    return [warning("arrival of rows", "unknown", "grant SELECT ON system.parts at the remote site")];
  }
  const known = new Set(pairs.map(({ there }) => `${there.id.database}.${there.id.name}`));
  const late = [...lags].filter(([table, lag]) => known.has(table) && lag > settleSeconds)
    // Seconds say nothing here: tables that are as many hours late go by their names.
    .toSorted(([one, a], [other, b]) =>
      Math.floor(b / 3600) - Math.floor(a / 3600) || (one < other ? -1 : 1)
    );
  if (late.length === 0) {
    return [ok("arrival of rows", `within SETTLE_SECONDS=${settleSeconds} of their time in the last week`)];
  }
  const named = late.slice(0, LATE_NAMED).map(([table, lag]) => `${table} (${readableDuration(lag)})`).join(
    ", ",
  );
  const more = late.length > LATE_NAMED ? ` and ${late.length - LATE_NAMED} more` : "";
  const remedy =
    "if collectors are often that late, raise SETTLE_SECONDS; before an import into both sites, or a RESTORE, pause repairs " +
    "(docs/promises.md)";
  return [
    warning(
      "arrival of rows",
      `some arrived later than SETTLE_SECONDS=${settleSeconds} after their time in the last week: ${named}${more}`,
      remedy,
    ),
  ];
}
