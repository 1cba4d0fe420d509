/** A real ZooKeeper, by which Replicated tables replicate: one process, on loopback. */
import { needsPackage } from "./debian_packages.ts";
import { unpackedPackages } from "./unpacked_packages.ts";
import { freePort } from "./free_port.ts";

/** From its start on, on a busy machine. */
const STARTED_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 50;
const ANSWERS_WITHIN_MS = 500;

/** The command that starts it, with its configuration at the end. */
const command = (java: string, jars: string) => [
  java,
  "-Xmx128m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Dzookeeper.jmx.log4j.disable=true",
  "-cp",
  `${jars}/zookeeper.jar:${jars}/slf4j-simple.jar`,
  "org.apache.zookeeper.server.ZooKeeperServerMain",
];

const PATHS = { java: "/usr/bin/java", jars: "/usr/share/java" } as const;

/** Of the system; installed first, or unpacked where this is not root, if they are missing. */
async function programs(): Promise<string[]> {
  const { java, jars } = PATHS;
  if (Deno.uid() !== 0 && !(await isThere(java) && await isThere(`${jars}/zookeeper.jar`))) {
    return await unpacked();
  }
  await needsPackage("default-jre-headless", java);
  await needsPackage("zookeeper", `${jars}/zookeeper.jar`);
  return command(java, jars);
}

/** What Java needs of other libraries for programs without windows, every system has. */
async function unpacked(): Promise<string[]> {
  const names = ["default-jre-headless", "libzookeeper-java"];
  const root = await unpackedPackages(names, /^(lib.*-java|openjdk-.*-jre-headless)$/);
  for await (const { name } of Deno.readDir(`${root}/usr/lib/jvm`)) {
    const java = `${root}/usr/lib/jvm/${name}/bin/java`;
    if (/openjdk/.test(name) && await isThere(java)) return command(java, root + PATHS.jars);
  }
  throw new Error(`There is no java below ${root}/usr/lib/jvm`);
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/** Ends with whoever started it, also where that one is killed: its input closes then. */
const RUN = '"$0" "$@" > /dev/null & echo $!; cat; kill -KILL $!';

interface Running {
  readonly child: Deno.ChildProcess;
  /** Of ZooKeeper itself. */
  readonly pid: number;
}

export interface ZooKeeper extends AsyncDisposable {
  readonly port: number;
  /** Answers nothing any more, and keeps every connection, until it resumes. */
  hang(): void;
  resume(): void;
  /** Ends it. */
  kill(): Promise<void>;
  /** Starts it again after `kill()`, with its data and port. */
  restart(): Promise<void>;
}

/**
 * @param directory of its data, which does not exist yet
 * @throws if Java or ZooKeeper is missing and cannot be installed; if it does not start
 */
export async function startZooKeeper(directory: string): Promise<ZooKeeper> {
  const java = await programs();
  const port = freePort();
  await Deno.mkdir(directory, { recursive: true });
  const configuration = [
    "tickTime=500",
    `dataDir=${directory}`,
    `clientPort=${port}`,
    "clientPortAddress=127.0.0.1",
    "maxClientCnxns=0",
    "admin.enableServer=false",
    "4lw.commands.whitelist=srvr",
  ];
  await Deno.writeTextFile(`${directory}/zoo.cfg`, configuration.join("\n"));
  const run = async (): Promise<Running> => {
    const child = new Deno.Command("sh", {
      args: ["-c", RUN, ...java, `${directory}/zoo.cfg`],
      // Ctrl-C is for whoever started it.
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const told = child.stdout.getReader();
    const { value } = await told.read();
    await told.cancel();
    return { child, pid: Number(new TextDecoder().decode(value)) };
  };
  let running = await run();
  // An open port is not enough.
  const serving = async () => {
    const deadline = performance.now() + STARTED_WITHIN_MS;
    while (!(await said(port)).includes("standalone")) {
      if (performance.now() > deadline) {
        throw new Error("ZooKeeper did not start: start its java by hand to see why");
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  };
  const kill = async () => {
    await running.child.stdin.close().catch(() => {});
    await running.child.status;
  };
  await serving().catch(async (error) => {
    await kill();
    throw error;
  });
  return {
    port,
    hang: () => Deno.kill(running.pid, "SIGSTOP"),
    resume: () => Deno.kill(running.pid, "SIGCONT"),
    kill,
    async restart() {
      running = await run();
      await serving();
    },
    [Symbol.asyncDispose]: kill,
  };
}

/** What it says of itself; empty: it does not answer yet. While it starts it may take a connection and never answer. */
async function said(port: number): Promise<string> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const bytes = new Uint8Array(1024);
    await connection.write(new TextEncoder().encode("srvr"));
    const answer = readAll(connection, bytes);
    const patience = new Promise<number>((resolve) => setTimeout(() => resolve(0), ANSWERS_WITHIN_MS));
    return new TextDecoder().decode(bytes.subarray(0, await Promise.race([answer, patience])));
  } catch {
    return "";
  }
}

/** @returns how many bytes came before the end */
async function readAll(connection: Deno.Conn, bytes: Uint8Array): Promise<number> {
  let length = 0;
  for (let read: number | null = 0; read !== null && length < bytes.length; length += read ?? 0) {
    read = await connection.read(bytes.subarray(length)).catch(() => null);
  }
  return length;
}
