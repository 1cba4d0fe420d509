/** ch-sync as its users run it: a process with arguments, environment and a working directory of its own. */
import { RUNTIME_FLAGS } from "../../../scripts/build/runtime.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { needsPackage } from "../sites/debian_packages.ts";
import type { Site } from "../sites/two_sites.ts";

const MAIN = new URL("../../../src/main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** A compiled ch-sync to test instead of the source. */
const PROGRAM = Deno.env.get("CH_SYNC_PROGRAM");
const FROM_SOURCE = ["run", ...RUNTIME_FLAGS, `--config=${CONFIG}`, MAIN];

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: Deno.ChildProcess;
  /** What it has logged so far. */
  log(): string;
  /** Waits until the log holds the text; throws after 20 s. */
  logged(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

export interface ChSync extends AsyncDisposable {
  /** Working directory; the state is in `data/`. */
  readonly directory: string;
  run(args: readonly string[], environment?: Record<string, string>): Promise<Finished>;
  start(args: readonly string[], environment?: Record<string, string>): Running;
  /** What a terminal of its own shows, stdout and stderr alike. */
  onTerminal(args: readonly string[], environment?: Record<string, string>): Promise<string>;
  /** The state file as an object; null: there is none. */
  state(): Promise<Record<string, unknown> | null>;
}

/** The environment of ch-sync at one site of two. */
export function environmentOf(role: Settings["role"], here: Site, there: Site): Record<string, string> {
  return {
    ROLE: role,
    LOCAL_CH_URL: here.url,
    LOCAL_CH_USER: here.writer.user,
    LOCAL_CH_PASSWORD: here.writer.password,
    REMOTE_CH_URL: there.url,
    REMOTE_CH_PORT: String(there.tcpPort),
    REMOTE_CH_USER: there.reader.user,
    REMOTE_CH_PASSWORD: there.reader.password,
    DNS_RECORD: "clickhouse.example",
    PRIMARY_IP: "192.0.2.1",
    DR_IP: "192.0.2.2",
    ACTIVE_SITE: role === "dr" ? "primary" : "dr",
  };
}

/**
 * An installation: a directory in which ch-sync runs with this environment and no other.
 *
 * @param program a compiled ch-sync; null: the source
 */
export async function installChSync(
  environment: Record<string, string>,
  program: string | null = PROGRAM ?? null,
): Promise<ChSync> {
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-installed-" });
  const alive = new Set<Deno.ChildProcess>();
  function start(args: readonly string[], more: Record<string, string> = {}): Running {
    const child = new Deno.Command(program ?? Deno.execPath(), {
      args: [...program ? [] : FROM_SOURCE, ...args],
      cwd: directory,
      clearEnv: true,
      env: { ...inherited(), ...environment, ...more },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    alive.add(child);
    child.status.then(() => alive.delete(child));
    let log = "";
    const reading = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
    })();
    const finished = (async () => {
      const [stdout, { code }] = await Promise.all([child.stdout.text(), child.status, reading]);
      return { code, stdout, stderr: log };
    })();
    return {
      child,
      log: () => log,
      async logged(text) {
        for (let tries = 0; !log.includes(text); tries++) {
          if (tries > 400) throw new Error(`The log never said ${text}:\n${log}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      finished,
    };
  }
  return {
    directory,
    start,
    run: (args, more) => start(args, more).finished,
    async onTerminal(args, more = {}) {
      await needsPackage("bsdutils", "/usr/bin/script");
      const command = [program ?? Deno.execPath(), ...program ? [] : FROM_SOURCE, ...args]
        .map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      const { stdout } = await new Deno.Command("/usr/bin/script", {
        args: ["--quiet", "--return", "--command", command, "/dev/null"],
        cwd: directory,
        clearEnv: true,
        env: { ...inherited(), TERM: "xterm", ...environment, ...more },
        stdin: "null",
        stdout: "piped",
      }).output();
      return new TextDecoder().decode(stdout);
    },
    async state() {
      const text = await Deno.readTextFile(`${directory}/data/ch-sync-state.json`).catch(() => null);
      return text === null ? null : JSON.parse(text);
    },
    async [Symbol.asyncDispose]() {
      // A test that failed may have left a daemon behind.
      for (const child of alive) child.kill("SIGKILL");
      await Promise.all([...alive].map(({ status }) => status));
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** What the runtime itself needs to find its cache. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH"].flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
