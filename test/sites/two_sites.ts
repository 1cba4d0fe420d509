/** Two real ClickHouse sites, as ch-sync meets them. */
import type { Endpoint } from "../../src/model/settings.ts";
import { grantedUsers, type LeastPrivilege } from "./granted_users.ts";
import { type Options, type Server, start, type User } from "./clickhouse_server.ts";

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
  /** More server options, and other rights or policies of the user `sync`. */
  readonly primary?: Partial<Options> & { readonly sync?: Partial<User> };
  readonly dr?: Partial<Options> & { readonly sync?: Partial<User> };
}

/** Starts both in a directory of their own, which goes when they are disposed of. */
export async function startTwoSites(options: TwoSitesOptions = {}): Promise<TwoSites> {
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-sites-" });
  const [primary, dr] = await Promise.all([
    startSite(`${directory}/primary`, "canary-primary-pw", options, options.primary),
    startSite(`${directory}/dr`, "canary-dr-pw", options, options.dr),
  ]);
  return {
    primary,
    dr,
    async [Symbol.asyncDispose]() {
      await Promise.all([primary.server.stop(), dr.server.stop()]);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Starts one of them at `path`; `startOneSite()` is for tests that need no other. */
export async function startSite(
  path: string,
  password: string,
  { users, leastPrivilege }: TwoSitesOptions,
  { sync, ...more }: Partial<Options> & { readonly sync?: Partial<User> } = {},
): Promise<Site> {
  const granted = leastPrivilege ? grantedUsers(leastPrivilege, password) : {};
  const options = { path, ...more, users: { sync: { password, ...sync }, ...granted, ...users } };
  let server = await start(options);
  const { httpPort, tcpPort } = server;
  const headers = { authorization: `Basic ${btoa(`sync:${password}`)}` };
  async function query(sql: string): Promise<string> {
    const response = await fetch(server.url, { method: "POST", body: sql, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${text.trim()}\n${sql}`);
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
      server = await start({ ...options, httpPort, tcpPort });
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
