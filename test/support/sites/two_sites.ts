/** Two real ClickHouse sites, as ch-sync meets them. */
import type { Endpoint } from "../../../src/model/settings.ts";
import { grantedUsers, type LeastPrivilege } from "./granted_users.ts";
import { type Options, type Server, start, type User } from "./clickhouse_server.ts";
import { type EngineOfRun, engineOfRun } from "../versions/engine_of_run.ts";

/** One site: a server and the user as which ch-sync logs in. */
export interface Site {
  /** The one that runs now. */
  readonly server: Server;
  /** Its data directory. */
  readonly path: string;
  readonly url: string;
  readonly host: string;
  readonly tcpPort: number;
  readonly endpoint: Endpoint;
  /** As whom ch-sync at this site logs in, and ch-sync at the other one; the user above unless grants.sql made them. */
  readonly writer: Endpoint;
  readonly reader: Endpoint;
  /** Runs a statement and returns the answer as text (TSV). Throws with the server's text. */
  query(sql: string): Promise<string>;
  /** Runs a SELECT and returns its rows. */
  rows<Row>(sql: string): Promise<Row[]>;
  /** Starts a server that was killed again, with its data and ports. */
  restart(): Promise<void>;
}

export interface TwoSites extends AsyncDisposable {
  readonly primary: Site;
  readonly dr: Site;
}

export interface TwoSitesOptions {
  /** More users, or other rights for `sync`. */
  readonly users?: Record<string, User>;
  /** ch-sync logs in as the users of scripts/grants.sql. */
  readonly leastPrivilege?: LeastPrivilege;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
  /** More server options, and other rights or policies of the user `sync`. */
  readonly primary?: SiteOptions;
  readonly dr?: SiteOptions;
}

/** The engine is that of all tests where none is named. */
export type SiteOptions = Partial<Options> & Partial<EngineOfRun> & { readonly sync?: Partial<User> };

/** Starts both in a directory of their own, which goes when they are disposed of, or do not start. */
export async function startTwoSites(options: TwoSitesOptions = {}): Promise<TwoSites> {
  const together = await startTogether("ch-sync-sites-", (directory) => [
    startSite(`${directory}/primary`, "canary-primary-pw", options, {
      ...engineOfRun("primary"),
      ...options.primary,
    }),
    startSite(`${directory}/dr`, "canary-dr-pw", options, { ...engineOfRun("dr"), ...options.dr }),
  ]);
  const [primary, dr] = together.sites as [Site, Site];
  return { primary, dr, [Symbol.asyncDispose]: () => together[Symbol.asyncDispose]() };
}

/** Starts sites in a new directory. Neither it nor any server is left if one does not start. */
export async function startTogether(
  prefix: string,
  starting: (directory: string) => readonly Promise<Site>[],
): Promise<AsyncDisposable & { readonly sites: readonly Site[] }> {
  await using unlessMoved = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix });
  unlessMoved.defer(() => Deno.remove(directory, { recursive: true }));
  const started = await Promise.allSettled(starting(directory));
  const sites = started.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  unlessMoved.defer(async () => {
    valuesOf(await Promise.allSettled(sites.map(({ server }) => server.stop())));
  });
  valuesOf(started);
  const all = unlessMoved.move();
  return { sites, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Throws what the first one failed with, once all have come to an end. */
function valuesOf<Value>(settled: readonly PromiseSettledResult<Value>[]): Value[] {
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

/** Starts one of them at `path`; `startOneSite()` is for tests that need no other. */
export async function startSite(
  path: string,
  password: string,
  { users, leastPrivilege, signal }: TwoSitesOptions,
  { sync, engine = start, tester, users: own, ...more }: SiteOptions = {},
): Promise<Site> {
  const granted = leastPrivilege ? grantedUsers(leastPrivilege, password) : {};
  const options = {
    path,
    signal,
    ...more,
    users: {
      sync: { password, ...sync },
      ...granted,
      ...users,
      ...own,
      ...tester ? { tester: tester.user } : {},
    },
  };
  let server = await engine(options);
  const { httpPort, tcpPort } = server;
  const login = tester ? `tester:${tester.user.password}` : `sync:${password}`;
  const headers = { authorization: `Basic ${btoa(login)}` };
  async function query(sql: string): Promise<string> {
    const response = await fetch(server.url, { method: "POST", body: tester?.worded(sql) ?? sql, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${tester?.told(text.trim()) ?? text.trim()}\n${sql}`);
    return text;
  }
  const endpoint = { url: server.url, user: "sync", password };
  const endpointOf = (name: string) => {
    const user = granted[name];
    return user ? { url: server.url, user: name, password: user.password ?? "" } : endpoint;
  };
  return {
    get server() {
      return server;
    },
    path,
    url: server.url,
    host: server.host,
    tcpPort: server.tcpPort,
    endpoint,
    writer: endpointOf("chsync_writer"),
    reader: endpointOf("chsync_reader"),
    query,
    async rows<Row>(sql: string) {
      const text = await query(`${sql} FORMAT JSONEachRow`);
      return text.split("\n").filter(Boolean).map((line): Row => JSON.parse(line));
    },
    async restart() {
      server = await engine({ ...options, httpPort, tcpPort });
    },
  };
}

/** The site as ch-sync's users reach it at another URL, such as that of a relay. */
export function reachedAt(site: Site, url: string): Site {
  const [endpoint, writer, reader] = [site.endpoint, site.writer, site.reader].map((of) => ({
    ...of,
    url,
  })) as [
    Endpoint,
    Endpoint,
    Endpoint,
  ];
  return { ...site, endpoint, writer, reader };
}
