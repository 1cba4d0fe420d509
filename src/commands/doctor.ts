/** `--doctor`: examines everything that ch-sync needs. Changes nothing at either site, takes no lock, writes no state. */
import { lookAtNativeCertificate } from "../clickhouse/http/native_certificate.ts";
import { ASKED_TIMES } from "../clickhouse/sql/server_run.ts";
import { pickReplicas } from "../run/pick_replicas.ts";
import { connect } from "../run/connect.ts";
import { resolveRole } from "../dns/resolve_role.ts";
import { examineCertificates, examineRightsOfEach, examineRoads } from "../doctor/examine_addresses.ts";
import { examineDns, nameServersOf } from "../doctor/examine_dns.ts";
import { examineGrants } from "../doctor/examine_grants.ts";
import { type DirectoryFacts, examineMachine } from "../doctor/examine_machine.ts";
import { examineReplicas } from "../doctor/examine_replicas.ts";
import { examineRole } from "../doctor/examine_role.ts";
import { examineServers } from "../doctor/examine_servers.ts";
import { examineTables } from "../doctor/examine_tables.ts";
import { examineTwins } from "../doctor/examine_twins.ts";
import { failed, skipped } from "../doctor/graded.ts";
import { errorText } from "../text/error_text.ts";
import type { Examination } from "../model/examination.ts";
import type { NumberedRun } from "../model/run.ts";
import type { Settings } from "../model/settings.ts";
import { MemoryFile } from "../state/memory_file.ts";
import { examinationsJson, renderExaminations } from "../report/render_examinations.ts";
import type { Context } from "./context.ts";
import { json, print } from "./print.ts";

/**
 * @param exposed a sentence for each file with secrets that every user may read
 * @returns the exit code: 0 if nothing failed, else 1
 */
export async function doctor(context: Context, exposed: readonly string[]): Promise<number> {
  const { settings, directory, flags, paint, redact } = context;
  const examinations: Examination[] = [
    ...examineMachine(settings, exposed, await probe(directory)),
    ...await examineDns(
      settings,
      nameServersOf(await Deno.readTextFile("/etc/resolv.conf").catch(() => "")),
      (server) => resolveRole({ ...settings, dns: { ...settings.dns, server } }),
    ),
    ...examineRole(settings),
    ...await examineSites(context),
    ...examineTwins(await lastRun(directory)),
  ];
  print(redact(flags.json ? json(examinationsJson(examinations)) : renderExaminations(examinations, paint)));
  return examinations.some(({ grade }) => grade === "failed") ? 1 : 0;
}

/** The last check that was kept, if there is one and it can be read. */
async function lastRun(directory: string): Promise<readonly NumberedRun[]> {
  try {
    using memory = await MemoryFile.open(directory, "", { readOnly: true });
    return memory.runs(null);
  } catch {
    return []; // checks say what is wrong with the memory
  }
}

async function examineSites({ redact, signal, ...context }: Context): Promise<Examination[]> {
  const asking = { redact, signal, checkId: `doctor${Date.now().toString(36)}` };
  const configured = context.settings;
  const picked = await pickReplicas({ ...asking, settings: configured, times: ASKED_TIMES });
  const { settings, replicas } = picked;
  await using ports = connect({ ...asking, ...picked });
  const { examinations, facts } = await examineServers(ports, settings, replicas, () => new Date());
  const each = await examineReplicas(ports, settings, replicas, new Date());
  let connections = 0;
  const connectAlso = (settings: Settings) =>
    connect({ ...asking, checkId: `${asking.checkId}a${++connections}`, settings });
  const roads = facts === null ? [] : await examineRoads(configured, replicas, connectAlso);
  const { tls, connectTimeoutMs } = settings;
  const certificates = await examineCertificates(
    configured,
    (address) => lookAtNativeCertificate(address, tls, connectTimeoutMs),
  );
  const unseen = {
    examinations: [skipped("tables", "both servers must answer first")],
    tables: [],
    tablesThere: [],
  };
  const found = facts === null ? unseen : await examineTables(ports, settings, facts)
    .catch((error) => ({ examinations: [failed("tables", errorText(error))], tables: [], tablesThere: [] }));
  const rights = await Promise.all((["local", "remote"] as const).map(async (side) => {
    const site = side === "local" ? ports.here : ports.there;
    const tables = side === "local" ? found.tables : found.tablesThere;
    const ofEach = await examineRightsOfEach(side, configured, replicas, connectAlso, {
      tables,
      read: settings,
    });
    return ofEach ?? await examineGrants(side, site, settings, tables, facts?.[side].version)
      .catch(() => [skipped(`rights at the ${side} site`, "its server must accept the user first")]);
  }));
  return [...examinations, ...roads, ...each, ...certificates, ...rights.flat(), ...found.examinations];
}

/** As much as a state may take, and more. */
const PROBE_BYTES = 64 * 1024;

/** Whether files can be made there, found out by making one and removing it again. */
async function probe(directory: string): Promise<DirectoryFacts> {
  try {
    const { mode } = await Deno.stat(directory);
    const file = `${directory}/.ch-sync-doctor-${crypto.randomUUID()}`;
    try {
      // A full disk still takes an empty file.
      await Deno.writeFile(file, new Uint8Array(PROBE_BYTES), { createNew: true, mode: 0o600 });
    } finally {
      await Deno.remove(file).catch(() => {});
    }
    return { kind: "writable", exposed: ((mode ?? 0) & 0o002) !== 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "absent" };
    return { kind: "denied", problem: errorText(error) };
  }
}
