/** Picks, for one check, the replica of each site that is read: asks all of them, where a site has several. */
import type { Side } from "../check/replicas/believe.ts";
import { lookAtReplica } from "../check/replicas/look_at_replica.ts";
import { siteReplicas } from "../check/replicas/one_shard.ts";
import { afterLook, byName, choose, doubtsAbout, type Member } from "../check/replicas/pick_replica.ts";
import { isExcluded, isPassing } from "../check/tables/select_tables.ts";
import { Connection } from "../clickhouse/http/connection.ts";
import { readMember } from "../clickhouse/catalog/read_member.ts";
import { openHttpAccess } from "../clickhouse/http/http_access.ts";
import { PATIENCE } from "../clickhouse/http/statement_watch.ts";
import { ReadableClickHouse } from "../clickhouse/readable_site.ts";
import {
  decodeStaging,
  listStaging,
  queryIdPrefix,
  type StagingRow,
} from "../clickhouse/repair/leftover_statements.ts";
import { ONE_ADDRESS_EACH, type PickedReplicas, type SiteReplicas } from "../model/replica_pick.ts";
import type { Look } from "../model/replication.ts";
import type { Settings } from "../model/settings.ts";
import type { SiteName } from "../model/site.ts";
import type { StagingTable } from "../model/staging.ts";
import { errorText } from "../text/error_text.ts";
import { logStatement } from "./log_statement.ts";

/** Milliseconds between looks at a preferred replica that is behind: it may have caught up in a moment. */
const PAUSES_MS = [100, 400];

/** Milliseconds that a replica may be silent before it is passed over. */
const SILENT_MS = 20_000;

export interface PickOptions {
  readonly settings: Settings;
  readonly redact: (text: string) => string;
  readonly checkId: string;
  readonly signal: AbortSignal;
  /** How often each address is asked which server it is: behind one there may be several. Default: once. */
  readonly times?: number;
}

export interface Picked {
  /** Name the picked replicas. */
  readonly settings: Settings;
  readonly replicas: PickedReplicas;
}

/** Sites with one address are asked nothing. Never throws: a site of which no replica answers is told of by the check. */
export async function pickReplicas(options: PickOptions): Promise<Picked> {
  const { settings } = options;
  const { replicas: { local, remote }, shards, localShards } = settings;
  if (local.length + remote.length + shards.length + localShards.length === 0) {
    return { settings, replicas: ONE_ADDRESS_EACH };
  }
  using http = openHttpAccess(settings.tls);
  const pick = (site: "local" | "remote", urls: readonly string[], shard = 0) =>
    urls.length === 0 ? null : pickOne(options, http.fetch, site, urls, shard);
  const pickEach = async (site: "local" | "remote", shards: Settings["shards"]) =>
    (await Promise.all(shards.map((shard, at) => pick(site, shard.map(({ url }) => url), at + 1))))
      .flatMap((one) => one ?? []);
  const [here, there, each, eachHere] = await Promise.all([
    pick("local", local),
    pick("remote", remote.map(({ url }) => url)),
    pickEach("remote", shards),
    pickEach("local", localShards),
  ]);
  const replicas = { local: here, remote: there, shards: each, localShards: eachHere };
  return { settings: settingsOfPick(settings, replicas), replicas };
}

function settingsOfPick(
  settings: Settings,
  { local, remote, shards, localShards }: PickedReplicas,
): Settings {
  const ofShards = (named: Settings["shards"], read: readonly SiteReplicas[]) =>
    named.map((shard, at) => shard.filter(({ url }) => url === read[at]?.url));
  const picked = ofShards(settings.shards, shards);
  const own = ofShards(settings.localShards, localShards);
  const first = picked[0]?.[0] ?? settings.replicas.remote.find(({ url }) => url === remote?.url);
  return {
    ...settings,
    local: { ...settings.local, url: own[0]?.[0]?.url ?? local?.url ?? settings.local.url },
    remote: { ...settings.remote, url: first?.url ?? settings.remote.url },
    remoteNative: first?.native ?? settings.remoteNative,
    shards: picked,
    localShards: own,
  };
}

async function pickOne(
  options: PickOptions,
  over: typeof fetch,
  site: "local" | "remote",
  urls: readonly string[],
  shard: number,
): Promise<SiteReplicas> {
  const side: Side = site === "local" ? "here" : "active";
  await using stack = new AsyncDisposableStack();
  const asking = urls.map((url, at) => {
    const connection = connectionTo(options, over, site, url, `${shard}p${at}`);
    stack.defer(() => connection.close());
    const { connectTimeoutMs } = options.settings;
    return {
      url,
      side,
      connection,
      reader: new ReadableClickHouse({ connection, url, fetch: over, connectTimeoutMs }),
    };
  });
  const { excludePatterns, role } = options.settings;
  let members = await Promise.all(
    asking.map((asked) => firstLook(asked, excludePatterns, site === "local" ? role : null, options.times)),
  );
  for (const pause of PAUSES_MS) {
    const answering = members.filter(({ server }) => server !== null);
    const [preferred] = answering;
    // Where it keeps up, its parts are those that the last check saw.
    if (!preferred || !doubtsAbout(preferred, answering, side).mayPass || options.signal.aborted) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    members = await Promise.all(members.map(async (member, at) => {
      const doubted = member.server !== null && doubtsAbout(member, answering, side).count > 0;
      return doubted ? await lookAgain(asking[at]!, member) : member;
    }));
  }
  return siteReplicas(choose(members, side), members, side);
}

function connectionTo(
  { settings, redact, checkId, signal }: PickOptions,
  over: typeof fetch,
  site: "local" | "remote",
  url: string,
  place: string,
): Connection {
  return new Connection({
    site,
    endpoint: { ...settings[site], url },
    fetch: over,
    queryIdPrefix: queryIdPrefix(settings.role, `${checkId}s${place}`), // two of them may be one server
    patience: { ...PATIENCE, quick: SILENT_MS, silent: SILENT_MS },
    redact,
    signal,
    onStatement: (statement) => logStatement(statement, redact),
  });
}

interface Asked {
  readonly url: string;
  readonly side: Side;
  readonly connection: Connection;
  readonly reader: ReadableClickHouse;
}

/** @param role of this site, at which feeds may have been left open; null: it is the other one */
async function firstLook(
  asked: Asked,
  excludePatterns: readonly string[],
  role: SiteName | null,
  times = 1,
): Promise<Member> {
  const nothing: Look = { facts: null, logs: new Map() };
  const silent = (problem: string): Member => ({
    url: asked.url,
    server: null,
    silent: problem,
    tables: new Map(),
    feeds: [],
    against: new Map(),
    last: nothing,
  });
  const problem = await asked.reader.ping();
  if (problem !== null) return silent(problem);
  try {
    const [{ server, tables }, feeds] = await Promise.all([
      readMember(asked.connection, asked.url, times),
      role === null ? [] : openFeeds(asked.connection, role),
    ]);
    const counted = [...byName(tables)].filter(([name, { id }]) =>
      !isExcluded(name, excludePatterns) && !isPassing({ id })
    );
    const told = { url: asked.url, server, silent: "", feeds };
    const member: Member = { ...told, tables: new Map(counted), against: new Map(), last: nothing };
    return afterLook(member, await lookAt(asked, member));
  } catch (error) {
    return silent(errorText(error));
  }
}

async function openFeeds(connection: Connection, role: SiteName): Promise<StagingTable[]> {
  const rows = await connection.rows<StagingRow>(listStaging(role));
  return rows.map((row) => decodeStaging(row, [], role)).filter(({ feed }) => feed !== null);
}

async function lookAgain(asked: Asked, member: Member): Promise<Member> {
  try {
    return afterLook(member, await lookAt(asked, member));
  } catch (error) {
    return { ...member, server: null, silent: errorText(error) };
  }
}

async function lookAt({ reader }: Asked, member: Member): Promise<Look> {
  const tables = [...member.tables.values()];
  return await lookAtReplica(reader, {
    replicated: tables.flatMap(({ id, engine }) => engine.startsWith("Replicated") ? [id] : []),
    distributed: tables.some(({ engine }) => engine === "Distributed"),
  });
}
