/** A server of another version: its engine behind a front, as it has no listeners of its own. */
import type { Options, Server } from "../sites/clickhouse_server.ts";
import type { OldEngine } from "./engines.ts";
import { NOT_TAKEN } from "./not_taken.ts";
import { engineFolder } from "./wheel.ts";

const FRONT = new URL("./front.py", import.meta.url).pathname;

/**
 * Starts it with these users, who may do anything: a front knows no rights. Their profiles count as far as the engine knows
 * the settings; log levels are not taken.
 *
 * @param late tells errors with status 200, as older servers do once they have begun to answer: by a header, or in the body
 * @throws with the engine's own words if it does not start; `NOT_TAKEN` where more is wanted than a front knows
 */
export function frontOf(
  engine: OldEngine,
  late: "header" | "body" | null = null,
): (options: Options) => Promise<Server> {
  return async (options) => {
    const { path, host = "127.0.0.1", tcpPort = 0, httpPort = 0, users = {}, timezone } = options;
    const unknown = beyondFronts(options);
    if (unknown) throw new Error(`${NOT_TAKEN}: its front knows no ${unknown}`);
    const folder = await engineFolder(engine);
    await Deno.mkdir(path, { recursive: true });
    const ports = [httpPort, tcpPort].map(String);
    const child = new Deno.Command("/usr/bin/python3", {
      args: [
        FRONT,
        folder,
        `${path}/data`,
        host,
        ...ports,
        JSON.stringify(Object.fromEntries(
          Object.entries(users).map(([name, { password = "", profile }]) => [name, {
            password,
            profile: settingsOf(profile),
          }]),
        )),
        ...late ? [late] : [],
      ],
      env: { PYTHONDONTWRITEBYTECODE: "1", ...(timezone ? { TZ: timezone } : {}) },
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    let told = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      told += chunk;
      if (told.includes("\n")) break;
    }
    const end = async () => {
      await child.stdin.close().catch(() => {});
      await child.status;
      await said;
    };
    if (!told.includes("\n")) {
      await child.stdin.close().catch(() => {});
      throw new Error(`ClickHouse ${engine.version} did not start: ${(await said).trim()}`);
    }
    const bound: { readonly http: number; readonly tcp: number } = JSON.parse(told);
    return {
      url: `http://${host}:${bound.http}`,
      host,
      httpPort: bound.http,
      tcpPort: bound.tcp,
      pid: child.pid,
      stop: end,
      async kill() {
        child.kill("SIGKILL");
        await end();
      },
      [Symbol.asyncDispose]: end,
    };
  };
}

function beyondFronts({ users = {}, config, zookeeper }: Options): string | null {
  const all = Object.values(users);
  if (all.some(({ rowPolicies }) => rowPolicies)) return "row policies";
  if (all.some(({ profile }) => profile?.["constraints"])) return "constraints of profiles";
  return config ? "configuration" : zookeeper !== undefined ? "ZooKeeper" : null;
}

/** The settings of a profile as texts. */
function settingsOf(profile: Readonly<Record<string, unknown>> = {}) {
  return Object.fromEntries(Object.entries(profile).map(([name, value]) => [name, String(value)]));
}
