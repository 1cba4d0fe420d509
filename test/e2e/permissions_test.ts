/** The daemon from source with the permissions that it needs, for the hosts and the directory that it is told. */
import assert from "node:assert/strict";
import { PERMISSIONS } from "../../scripts/build/runtime.ts";
import { environmentOf } from "../support/program/ch_sync.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { sentencesOf, startWebhookSink } from "../support/receivers/webhook_sink.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

interface Ended {
  readonly code: number;
  readonly log: string;
}

Deno.test("the permissions are those of hosts, environment and files: no program, no FFI, no system", () => {
  assert.deepEqual(PERMISSIONS.toSorted(), ["--allow-env", "--allow-net", "--allow-read", "--allow-write"]);
});

Deno.test("a daemon works with exactly these permissions, narrowed to its hosts and its directory", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await using dns = await startDnsServer({ kind: "addresses", ips: ["192.0.2.1"] });
  await using sink = startWebhookSink();
  await using directory = await temporaryDirectory();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await Deno.mkdir(`${directory.path}/state`);
  await Deno.writeTextFile(`${directory.path}/.env`, "CHECK_INTERVAL=1\n", { mode: 0o600 });
  const environment = {
    ...environmentOf("dr", dr, primary),
    ACTIVE_SITE: "auto",
    DNS_SERVER: dns.address,
    NOTIFY_WEBHOOK: sink.url,
    STATE_FILE: `${directory.path}/state/state.json`,
  };
  const hosts = [primary.url, dr.url, sink.url].map((url) => new URL(url).host);
  const needed = {
    net: `--allow-net=${[...hosts, dns.address].join(",")}`,
    // process.env as a whole, to find misspelt variables.
    env: "--allow-env",
    read: `--allow-read=${directory.path}`,
    write: `--allow-write=${directory.path}/state`,
  };

  /** Runs the daemon until its log holds one of the texts, or it ends. */
  async function run(permissions: readonly string[], until: readonly string[]): Promise<Ended> {
    const { PATH = "", HOME = "", DENO_DIR } = Deno.env.toObject();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--unstable-net",
        "--frozen",
        `--config=${CONFIG}`,
        ...permissions,
        MAIN,
      ],
      cwd: directory.path,
      clearEnv: true,
      env: { PATH, HOME, ...DENO_DIR ? { DENO_DIR } : {}, ...environment },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let log = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      log += text;
      if (until.some((end) => log.includes(end))) {
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended by itself.
        }
      }
    }
    return { code: (await child.status).code, log };
  }

  await t.step("with all of them it repairs, records and tells", async () => {
    await load(primary, "d.t", "2026-01-01", 100);
    const { code, log } = await run(Object.values(needed), ["All tables in sync"]);
    assert.equal(code, 0, log);
    assert.doesNotMatch(log, /NotCapable|Requires .* access|WARN|ERROR/);
    assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
    assert.deepEqual(sentencesOf(sink.texts).map((text) => text.split(" ")[0]), ["⚠️", "✅"]);
    const written = [...Deno.readDirSync(directory.path)].map(({ name }) => name).sort();
    assert.deepEqual(written, [".env", "state"], "nothing is written but in the state directory");
  });

  for (const left of Object.keys(needed)) {
    await t.step(`without the one for ${left} it does not`, async () => {
      const rest = Object.entries(needed).filter(([name]) => name !== left).map(([, flag]) => flag);
      const { log } = await run(rest, ["Checking table", "Could not determine", "[ERROR]"]);
      assert.match(
        log,
        /Requires \w+ access|NotCapable|cannot be read|Could not determine|cannot write/i,
        log,
      );
      assert.ok(!log.includes("All tables in sync"), log);
    });
  }
});
