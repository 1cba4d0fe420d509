/** `--sample`: some rows that one site has and the other has not. Prints values, writes nothing. */
import { getLogger } from "@logtape/logtape";
import type { JudgedPartition } from "../check/judge/judged_partition.ts";
import { sampleTable } from "../check/sample/sample_table.ts";
import { UnknownTables } from "../check/tables/discover.ts";
import type { CheckReport } from "../model/report.ts";
import type { Sample } from "../model/sample.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { renderSample, sampleJson, whyNoSample } from "../report/render_sample.ts";
import { performDryRun } from "../run/perform_check.ts";
import { showProgress } from "../run/show_progress.ts";
import { loadState } from "../state/state_file.ts";
import type { Context } from "./context.ts";
import { greet } from "./open.ts";
import { json, print } from "./print.ts";

const log = getLogger(["ch-sync"]);

/**
 * @param name `database.table`, perhaps with a colon and a partition behind it
 * @returns the exit code: 0 if the table was compared, else 1
 * @throws {UsageProblem} if neither site has such a table, or such a partition
 */
export async function sample(context: Context, name: string): Promise<number> {
  const { flags, redact } = context;
  greet();
  const { report, sample } = await look(context, name);
  if (sample === null) {
    log.error("{text}", { text: whyNoSample(report, name) });
    return 1;
  }
  print(redact(flags.json ? json(sampleJson(sample)) : renderSample(sample)));
  return 0;
}

/** Names of tables and ids of partitions may both hold a colon: what a site knows as a table is one. */
async function look(context: Context, name: string) {
  const [, table, partition] = /^(.*):([^:]*)$/s.exec(name) ?? [];
  try {
    return await compare(context, name, []);
  } catch (error) {
    if (!(error instanceof UnknownTables) || !table || !partition) throw error;
    return await compare(context, table, [partition]);
  }
}

interface Looked {
  readonly report: CheckReport;
  /** Null: the table was not compared. */
  readonly sample: Sample | null;
}

async function compare(context: Context, table: string, partitions: readonly string[]): Promise<Looked> {
  const { state } = await loadState(context.settings.stateFile, new Date(), true);
  const judged = new Map<string, JudgedPartition>();
  const tables = new Set<string>();
  let found: Sample | null = null;
  using progress = showProgress(context.foot);
  const watcher = {
    judged(partition: JudgedPartition) {
      tables.add(partition.table);
      // The last word counts, where one is looked at twice.
      if (partition.partitionId !== null) judged.set(partition.partitionId, partition);
    },
  };
  const options = {
    ...context,
    state,
    only: new Set([table]),
    verify: true,
    watchers: [...progress.watchers, watcher],
    ...partitions.length > 0 ? { within: { from: null, to: null, partitions, open: false } } : {},
  };
  const report = await performDryRun(options, async (ports) => {
    if (tables.size > 1) {
      throw new UsageProblem(
        `--sample: ${table} stands for several tables, name one: ${[...tables].sort().join(", ")}`,
      );
    }
    const pair = [...judged.values()].find(({ pair }) => pair)?.pair;
    if (pair) found = await sampleTable(ports, pair, [...judged.values()], Math.floor(Date.now() / 1000));
  });
  return { report, sample: found };
}
