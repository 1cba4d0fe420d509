/** Real ClickHouse servers (HTTP and native TCP) for tests, each in a Deno child process. */
import { engineLibrary } from "./engine.ts";
import { freePort } from "./free_port.ts";

/** From the start of its process on, on a busy machine with a slow disk. */
const STARTED_WITHIN_MS = 60_000;

export interface User {
  password?: string;
  /** GRANT statements without GRANT and "TO user", and REVOKE ones without "FROM user". Left out: all rights. */
  grants?: string[];
  /** `readonly` of its profile. */
  readonly?: 2;
  /** What else its profile holds: settings, and `constraints`, as in users.xml. */
  profile?: Record<string, unknown>;
  /** Row policies: a condition by `database.table`, both plain words. */
  rowPolicies?: Record<string, string>;
}

export interface Options {
  /** Data directory; reuse it to restart a server with its data. */
  path: string;
  host?: string;
  /** Default: free ports. */
  tcpPort?: number;
  httpPort?: number;
  /** Left out: only `default`, without a password and with all rights. */
  users?: Record<string, User>;
  /** A ZooKeeper's port: Replicated tables work. */
  zookeeper?: number;
  /** More server configuration, as in config.xml. */
  config?: Record<string, unknown>;
  /** Of the server: the embedded engine takes it from the environment, not from its configuration. */
  timezone?: string;
  /** Log to `${path}/server.log` from this level on. */
  logLevel?: "fatal" | "error" | "warning" | "information" | "debug" | "trace";
  /** Gives up the start. */
  signal?: AbortSignal | undefined;
}

export interface Server extends AsyncDisposable {
  url: string;
  host: string;
  tcpPort: number;
  httpPort: number;
  pid: number;
  /** Ends the server the clean way. */
  stop(): Promise<void>;
  /** Ends the server with SIGKILL. */
  kill(): Promise<void>;
}

/**
 * Starts a server and waits until it answers; fetches the engine first if it is not there yet.
 *
 * @throws with the server's own words if it does not start; what the signal was aborted with
 */
export async function start(options: Options): Promise<Server> {
  for (let tries = 1;; tries++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Whatever kept it from its ports, or from starting at all, may be gone: with other ports it is tried twice more.
      const chosen = options.tcpPort !== undefined || options.httpPort !== undefined;
      if (chosen || options.signal?.aborted || tries === 3) throw error;
      const why = error instanceof Error ? error.message : String(error);
      Deno.stderr.writeSync(new TextEncoder().encode(`A server is started once more: ${why}\n`));
    }
  }
}

async function startOnce(options: Options): Promise<Server> {
  const { path, host = "127.0.0.1", users, config = {}, zookeeper, signal } = options;
  // A server that is started again listens where it did.
  const { tcpPort = freePort(), httpPort = freePort() } = options;
  const library = await engineLibrary({ signal });
  for (const port of [tcpPort, httpPort]) Deno.listen({ hostname: host, port }).close(); // throws if in use
  const interserver = zookeeper === undefined ? null : freePort();
  await Deno.mkdir(path, { recursive: true });
  const [ready, log] = [`${path}/ports.tsv`, `${path}/server.log`];
  for (const file of [ready, log]) await Deno.remove(file).catch(() => {});
  await Deno.writeTextFile(
    `${path}/config.xml`,
    xml({
      clickhouse: {
        users_config: "config.xml",
        quotas: { default: {} },
        // The session that starts the listeners logs in as `default` without a password, so this
        // user must stay like that. Next to other users it has no rights but the ones needed there.
        users: Object.fromEntries(
          Object.entries({ default: users ? { grants: startersRights(interserver !== null) } : {}, ...users })
            .map(([name, u]) => [name, userConfig(name, u)]),
        ),
        // Idle keep-alive connections would hold up stop() for five seconds and make it unclean.
        max_keep_alive_requests: 1,
        ...(interserver === null ? {} : {
          zookeeper: {
            node: { host: "127.0.0.1", port: zookeeper },
            // The engine gives all servers one UUID, by which they would end each other's session.
            sessions_path: `/clickhouse/sessions/${interserver}`,
          },
          interserver_http_port: interserver,
          interserver_listen_host: host,
        }),
        ...config,
        // clickhouse-local turns some settings on that a server has off.
        profiles: {
          default: { implicit_select: 0, allow_introspection_functions: 0 },
          readonly_2: { readonly: 2 },
          ...profilesOf(users ?? {}),
          ...(config["profiles"] as Record<string, unknown> | undefined),
        },
      },
    }),
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--allow-ffi",
      import.meta.resolve("./clickhouse_main.ts"),
      library,
      String(interserver ?? "-"),
      `--path=${path}`,
      `--config-file=${path}/config.xml`,
      `--listen_host=${host}`,
      `--tcp_port=${tcpPort}`,
      `--http_port=${httpPort}`,
      `--server_logs_file=${log}`,
      `--log-level=${options.logLevel ?? "warning"}`,
      "--disable_suggestion",
      "--progress=off",
      "--history_file=/dev/null",
      "--query",
      `SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; ${
        interserver === null ? "" : START_INTERSERVER
      } SELECT getServerPort('tcp_port'), getServerPort('http_port') INTO OUTFILE '${ready}' FORMAT TSV`,
    ],
    ...(interserver === null ? {} : { cwd: path }),
    env: options.timezone ? { TZ: options.timezone } : {},
    // Ctrl-C is for whoever started it, who then ends it the clean way.
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let ended = false;
  child.status.then(() => ended = true);

  async function stop() {
    await child.stdin.close().catch(() => {});
    const { success, code, signal } = await child.status;
    if (!success && signal != "SIGKILL") {
      throw new Error(`ClickHouse ended with ${signal ?? code}: ${await stderr}`);
    }
  }
  async function kill() {
    if (!ended) child.kill("SIGKILL");
    await stop();
  }

  const deadline = performance.now() + STARTED_WITHIN_MS;
  while (!ended && !signal?.aborted && performance.now() < deadline) {
    const text = await Deno.readTextFile(ready).catch(() => "");
    if (text.endsWith("\n")) {
      const [tcpPort = 0, httpPort = 0] = text.split("\t").map(Number);
      const url = `http://${host}:${httpPort}`;
      return { url, host, tcpPort, httpPort, pid: child.pid, stop, kill, [Symbol.asyncDispose]: stop };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const end = ended ? "it ended" : `it was not ready within ${STARTED_WITHIN_MS / 1000} s`;
  await kill().catch(() => {});
  signal?.throwIfAborted();
  const said = [await stderr, await Deno.readTextFile(log).catch(() => "")].map((text) => text.trim());
  throw new Error(
    `A ClickHouse server of tests and demo did not start: ${end}\n${said.filter(Boolean).join("\n")}`.trim(),
  );
}

/** See `enableReplication()`. */
const START_INTERSERVER =
  "SELECT * FROM file('fifo', LineAsString, 's String') FORMAT Null; SYSTEM START LISTEN HTTP;";

/** What the session that starts the listeners may do. */
function startersRights(replicates: boolean): string[] {
  return ["SYSTEM LISTEN ON *.*", ...(replicates ? ["READ ON FILE", "CREATE TEMPORARY TABLE ON *.*"] : [])];
}

/** A profile for each user that has one of its own. */
function profilesOf(users: Record<string, User>) {
  return Object.fromEntries(
    Object.entries(users).flatMap(([name, { readonly, profile }]) =>
      profile ? [[`of_${name}`, { ...(readonly ? { readonly } : {}), ...profile }]] : []
    ),
  );
}

function userConfig(name: string, { password = "", grants, readonly, profile, rowPolicies = {} }: User) {
  const databases = Object.entries(rowPolicies).map(([table, filter]) => {
    const [database = "", name = ""] = table.split(".");
    return { [database]: { [name]: { filter } } };
  });
  return {
    ...(databases.length > 0 ? { databases } : {}),
    password,
    networks: { ip: "::/0" },
    profile: profile ? `of_${name}` : readonly ? "readonly_2" : "default",
    quota: "default",
    ...grants
      ? { grants: { query: grants.map((g) => g.startsWith("REVOKE ") ? g : `GRANT ${g}`) } }
      : { access_management: 1, named_collection_control: 1 },
  };
}

/** An object as XML elements; an array repeats its element. */
function xml(value: unknown): string {
  if (value === null || typeof value != "object") {
    return String(value).replace(/[<&]/g, (c) => `&#${c.charCodeAt(0)};`);
  }
  return Object.entries(value)
    .flatMap(([name, v]) => [v].flat().map((item) => `<${name}>${xml(item)}</${name}>`))
    .join("\n");
}
