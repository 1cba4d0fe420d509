/** `--drill`: rehearses a failback in a scratch database, which it makes and removes at both sites. */
import { Connection } from "../clickhouse/http/connection.ts";
import { logStatement } from "../run/log_statement.ts";
import { openHttpAccess } from "../clickhouse/http/http_access.ts";
import { SCRATCH_PREFIX, ScratchDatabase } from "../drill/scratch_database.ts";
import { scratchSite } from "../drill/scratch_site.ts";
import { PATIENCE } from "../clickhouse/http/statement_watch.ts";
import { pickReplicas } from "../run/pick_replicas.ts";
import { connect } from "../run/connect.ts";
import { resolveRole } from "../dns/resolve_role.ts";
import { notRemoved } from "../drill/remove_scratch.ts";
import { pretendPassive, runDrill } from "../drill/run_drill.ts";
import { drilledServers } from "../drill/drilled_servers.ts";
import type { DrillStep } from "../model/drill.ts";
import type { Settings } from "../model/settings.ts";
import { drillJson, type DrillVerdict, renderDrillVerdict, renderStep } from "../report/render_drill.ts";
import { loadState } from "../state/state_file.ts";
import type { Context } from "./context.ts";
import { json, print } from "./print.ts";

/** A scratch database older than this, in milliseconds, cannot belong to a drill that is still running. */
const ABANDONED_MS = 3_600_000;
/** Milliseconds that a site may be silent before the drill gives up: no data depends on the answer, and somebody is watching. */
const SILENT_MS = 20_000;
/** Milliseconds from the signal to the last words: `main` ends the process soon after. */
const OVERDUE_MS = 4000;

/** @returns the exit code: 0 if every step passed, else 1 */
export async function drill(context: Context): Promise<number> {
  const { flags, paint, redact, signal } = context;
  const { state } = await loadState(context.settings.stateFile, new Date(), true);
  const owner = `${SCRATCH_PREFIX}${context.settings.role}_${state.installation || "new"}_`;
  const started = Date.now();
  const database = `${owner}${started.toString(36)}`;
  const asking = { redact, signal, checkId: `drill${started.toString(36)}` };
  // Its tables are plain ones of the servers that are picked.
  const { settings, replicas } = await pickReplicas({ ...asking, settings: asDrillUser(context.settings) });
  await using ports = connect({ ...asking, settings });
  // What others stage is none of the drill's business, whatever its user may see.
  const staged = ports.here.stagingTables.bind(ports.here);
  ports.here.stagingTables = async () => (await staged()).filter(({ id }) => id.database === database);
  using http = openHttpAccess(settings.tls);
  const ofSite = (site: "local" | "remote") =>
    scratchSite(site, settings, (url, place) =>
      new ScratchDatabase(
        new Connection({
          site,
          endpoint: { ...settings[site], url },
          fetch: http.fetch,
          patience: { ...PATIENCE, silent: SILENT_MS },
          queryIdPrefix: `ch-sync-drill-${started.toString(36)}`,
          redact,
          signal,
          onStatement: (statement) => logStatement(statement, redact),
        }),
        database,
        place,
      ));
  const [here, there] = [ofSite("local"), ofSite("remote")];
  const steps: DrillStep[] = [];
  const onStep = (step: DrillStep) => {
    steps.push(step);
    if (!flags.json) print(redact(renderStep(step, paint)));
  };
  const apart = drilledServers(replicas, settings);
  if (apart !== null) onStep(apart);
  const conclude = (verdict: DrillVerdict) =>
    print(redact(flags.json ? json(drillJson(verdict, steps)) : renderDrillVerdict(verdict, paint)));
  const overdue = () => {
    const left = notRemoved({ here, there, database });
    if (left !== null) onStep(left);
    conclude("stopped");
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => timer = setTimeout(overdue, OVERDUE_MS), { once: true });
  try {
    const passed = await runDrill({
      ports: { ...ports, role: pretendPassive(settings) },
      here,
      there,
      replicas,
      database,
      settings,
      resolve: () => resolveRole(settings),
      leftovers: (names) => names.filter((name) => isAbandoned(name, owner, started)),
      onStep,
    });
    conclude(passed ? "passed" : signal.aborted ? "stopped" : "failed");
    return passed ? 0 : 1;
  } finally {
    clearTimeout(timer);
    await Promise.all([here.close(), there.close()]);
  }
}

/** The drill's own user, where there is one: it may touch nothing but scratch databases, in which it stages too. */
function asDrillUser(given: Settings): Settings {
  const settings = { ...given, stagingDatabase: null };
  const { drill, local, remote } = settings;
  if (drill === null) return settings;
  // A named collection holds the credentials of another user.
  return {
    ...settings,
    local: { ...local, ...drill },
    remote: { ...remote, ...drill },
    remoteCollection: null,
  };
}

function isAbandoned(name: string, owner: string, now: number): boolean {
  if (!name.startsWith(owner)) return false;
  const made = parseInt(name.slice(owner.length), 36);
  return Number.isFinite(made) && now - made > ABANDONED_MS;
}
