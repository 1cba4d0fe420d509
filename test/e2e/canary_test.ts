/** Secrets planted wherever ch-sync gets them, and every byte that comes out of it searched for them. */
import assert from "node:assert/strict";
import { makeAuthority } from "../support/sites/certificates.ts";
import { type ChSync, environmentOf, type Finished, installChSync } from "../support/program/ch_sync.ts";
import { startEchoServer } from "../support/receivers/echo_server.ts";
import { leaks } from "../support/program/leaks.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { startWebhookSink } from "../support/receivers/webhook_sink.ts";

/** In every secret; no other process on this machine knows it. */
const WORD = `canary${crypto.randomUUID().slice(0, 8)}`;
/** Characters that each way of writing a secret escapes in a way of its own. */
const AWKWARD = `${WORD} pa'ss\\wo"rd+/=é%&`;

/** Process arguments of everything on this machine that is not this test's own doing. */
function processArguments(): string {
  const texts: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      texts.push(Deno.readTextFileSync(`/proc/${name}/cmdline`));
    } catch {
      // It has ended meanwhile.
    }
  }
  return texts.join("\n");
}

async function filesIn(directory: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isFile) texts.push(name, await Deno.readTextFile(`${directory}/${name}`));
  }
  return texts.join("\n");
}

Deno.test("no secret leaves ch-sync, whatever it does and whatever fails", async (t) => {
  await using directory = await temporaryDirectory();
  const client = await (await makeAuthority(directory.path)).sign("client");
  const [writer, reader, inCollection, ofPage, ofDrill] = ["writer", "reader", "collection", "page", "drill"]
    .map((who) => `${who} ${AWKWARD}`);
  await using sites = await startTwoSites({
    primary: { users: {} },
    users: {
      w: { password: writer! },
      r: { password: reader! },
      c: { password: inCollection! },
      drill: { password: ofDrill! },
    },
  });
  const { primary, dr } = sites;
  await using sink = startWebhookSink();
  await using monitor = startWebhookSink();
  await using echo = startEchoServer();
  const passwordFile = `${directory.path}/password`;
  await Deno.writeTextFile(passwordFile, `${reader}\n`);
  const pagePasswordFile = `${directory.path}/page-password`;
  await Deno.writeTextFile(pagePasswordFile, `${ofPage}\n`);
  const secrets = [
    writer!,
    reader!,
    inCollection!,
    ofPage!,
    ofDrill!,
    new URL(sink.url).pathname,
    `${WORD}-env-file`,
    client.key.split("\n").slice(1, 3).join(""),
    `${WORD}-heartbeat`,
  ];
  const { REMOTE_CH_PASSWORD: _unused, ...plain } = environmentOf("dr", dr, primary);
  const environment = {
    ...plain,
    LOCAL_CH_USER: "w",
    LOCAL_CH_PASSWORD: writer!,
    REMOTE_CH_USER: "r",
    REMOTE_CH_PASSWORD_FILE: passwordFile,
    NOTIFY_WEBHOOK: sink.url,
    HEARTBEAT_URL: `${monitor.url}/${WORD}-heartbeat`,
    DRILL_USER: "drill",
    DRILL_PASSWORD: ofDrill!,
    CLIENT_CERT_FILE: client.certFile,
    CLIENT_KEY_FILE: client.keyFile,
    LOG_LEVEL: "debug",
  };
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"), telemetryTable("d.u"));
  await dr.query(
    `CREATE NAMED COLLECTION other_site AS host = '127.0.0.1', port = ${primary.tcpPort}, user = 'c', ` +
      `password = '${inCollection!.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
  );
  let day = 1;
  const gap = async () => {
    await load(primary, "d.t", `2026-01-${String(day++).padStart(2, "0")}`, 50);
  };

  let bytes = 0;
  const found: string[] = [];
  const search = (where: string, text: string) => {
    bytes += text.length;
    for (const leak of leaks(text, [...secrets, WORD])) found.push(`${where}: ${leak}`);
  };
  const codes: number[] = [];
  const logs: string[] = [];
  /** Runs it, looks at the process list meanwhile, and searches all that it printed and wrote. */
  async function run(chSync: ChSync, args: string[], more: Record<string, string> = {}): Promise<Finished> {
    const running = chSync.start(args, more);
    const looking = setInterval(() => search(`arguments of ${args}`, processArguments()), 20);
    const finished = await running.finished;
    clearInterval(looking);
    codes.push(finished.code);
    search(`stdout of ${args}`, finished.stdout);
    search(`stderr of ${args}`, finished.stderr);
    logs.push(finished.stderr);
    search(`files of ${args}`, await filesIn(`${chSync.directory}/data`).catch(() => ""));
    return finished;
  }

  await using chSync = await installChSync(environment);
  await t.step("every command, as text and as JSON", async () => {
    for (const LOG_FORMAT of ["text", "json"]) {
      await gap();
      for (const args of [["--dry-run"], ["--dry-run", "--json"], ["--once"], ["--once", "--json"]]) {
        await run(chSync, args, { LOG_FORMAT });
      }
      for (const args of [["--status"], ["--status", "--json"], ["--help"], ["--version"]]) {
        await run(chSync, args, { LOG_FORMAT });
      }
    }
    assert.deepEqual(codes.splice(0), [3, 3, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0]);
    // The statements that hold passwords were among what was searched.
    for (
      const copied of [
        /\[DEBUG\] Statement .*INSERT INTO .*remote\(.*'\*\*\*'/,
        /"debug".*INSERT INTO .*remote\(/,
      ]
    ) {
      assert.ok(logs.some((log) => copied.test(log)), String(copied));
    }
  });

  await t.step("doctor, drill and evidence, where all is well and where it is not", async () => {
    await gap();
    for (const more of [{}, { REMOTE_CH_URL: echo.url }, { LOCAL_CH_PASSWORD: `wrong ${AWKWARD}` }]) {
      for (
        const args of [["--doctor"], ["--doctor", "--json"], ["--drill"], ["--evidence", "data/failback.md"]]
      ) {
        await run(chSync, args, more);
      }
    }
    assert.deepEqual(codes.splice(0), [0, 0, 0, 3, 1, 1, 1, 1, 1, 1, 0, 1]);
  });

  await t.step("with a named collection", async () => {
    await gap();
    for (const args of [["--dry-run", "--sql"], ["--once"]]) {
      await run(chSync, args, { REMOTE_COLLECTION: "other_site" });
    }
    assert.deepEqual(codes.splice(0), [3, 0]);
  });

  await t.step("a daemon, stopped in the middle of its life", async () => {
    await gap();
    const daemon = chSync.start([], { CHECK_INTERVAL: "1" });
    await daemon.logged("All tables in sync");
    search("arguments of the daemon", processArguments());
    for (const args of [["check"], ["accept", "d.t"]]) await run(chSync, args);
    const wrong = { CHECK_INTERVAL: reader!, STAGING_DATABASE: writer!, LOCAL_CH_PASSWORD: `new ${AWKWARD}` };
    await run(chSync, ["reload"], wrong);
    assert.deepEqual(codes.splice(0), [0, 2, 2]);
    daemon.child.kill("SIGTERM");
    const { stdout, stderr, code } = await daemon.finished;
    assert.equal(code, 0);
    search("the daemon", stdout + stderr);
  });

  await t.step(
    "every page of a daemon, to those who have the password and to those who have not",
    async () => {
      const basic = (text: string) => `Basic ${new TextEncoder().encode(text).toBase64()}`;
      const [right, wrong] = [basic(`ch-sync:${ofPage}`), basic(`ch-sync:wrong ${AWKWARD}`)];
      const failures = [{}, { REMOTE_CH_URL: echo.url }, { LOCAL_CH_PASSWORD: `wrong ${AWKWARD}` }];
      for (const more of failures) {
        await gap();
        const serving = {
          CHECK_INTERVAL: "1",
          STATUS_LISTEN: "127.0.0.1:0",
          STATUS_PASSWORD_FILE: pagePasswordFile,
        };
        const daemon = chSync.start([], { ...more, ...serving });
        await daemon.logged("Status page: ");
        const address = /Status page: (\S+)/.exec(daemon.log())![1]!;
        await daemon.logged("Active site:");
        const statuses = new Set<number>();
        for (let times = 0; times < 5; times++) {
          for (const authorization of [right, wrong]) {
            for (const path of ["", "?table=d.t", "state.json", "metrics", "readyz", "healthz", "nowhere"]) {
              const response = await fetch(new URL(path, address), { headers: { authorization } });
              statuses.add(response.status);
              search(`${path} of the page`, JSON.stringify([...response.headers]));
              search(`${path} of the page`, await response.text());
            }
          }
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        assert.deepEqual([200, 401, 404].filter((status) => !statuses.has(status)), []);
        assert.ok(!statuses.has(500));
        daemon.child.kill("SIGTERM");
        const { stdout, stderr } = await daemon.finished;
        search("a daemon with a page", stdout + stderr);
      }
    },
  );

  await t.step("mistakes in the configuration", async () => {
    const envFile = `${directory.path}/spoilt.env`;
    await Deno.writeTextFile(
      envFile,
      `NOTIFY_WEBHOOKS=${WORD}-env-file\nLOCAL_CH_PASSWORT=${WORD}-env-file\nLOCAL_CH_PASSWORD='${WORD}-env-file\nx`,
    );
    await run(chSync, ["--once", "--env-file", envFile]);
    await run(chSync, ["--once"], { LOCAL_CH_URL: `http://me:${encodeURIComponent(writer!)}@127.0.0.1:1` });
    await run(chSync, ["--once"], { NOTIFY_WEBHOOK: `${WORD}-env-file` });
    await run(chSync, ["--once"], { REMOTE_CH_PASSWORD: reader! });
    await run(chSync, ["--once"], { CA_FILE: passwordFile, CLIENT_KEY_FILE: passwordFile });
    await run(chSync, ["--once", "--table", "d.nowhere"]);
    await run(chSync, ["--frobnicate"]);
    assert.deepEqual(codes.splice(0), [2, 2, 2, 2, 2, 2, 2]);
  });

  await t.step("failures at either site", async () => {
    await load(dr, "d.t", "2026-01-20", 10);
    await gap();
    await load(primary, "d.t", "2026-01-20", 50);
    const failures: Record<string, string>[] = [
      { LOCAL_CH_PASSWORD: `wrong ${AWKWARD}` },
      { REMOTE_CH_USER: "nobody" },
      { REMOTE_CH_PORT: "9" },
      { REMOTE_CH_PORT: String(primary.server.httpPort) },
      { REMOTE_CH_SECURE: "true" },
      { REMOTE_CH_URL: "http://127.0.0.1:9" },
      { REMOTE_CH_URL: primary.url.replace("http:", "https:") },
      { LOCAL_CH_URL: "http://127.0.0.1:9" },
      { REMOTE_COLLECTION: "none_such" },
      { ACTIVE_SITE: "auto", DNS_SERVER: "127.0.0.1:9" },
      // A server, or a proxy in its place, that sends back whatever it was sent.
      { REMOTE_CH_URL: echo.url },
      { LOCAL_CH_URL: echo.url },
      { STATE_FILE: "/proc/ch-sync-state.json" },
    ];
    for (const more of failures) {
      await run(chSync, ["--once"], more);
      await run(chSync, ["--dry-run", "--json"], { ...more, LOG_FORMAT: "json" });
    }
    const all = codes.splice(0);
    // A dry run writes nothing, so a folder in which nothing can be written is in its way only if it may not look there.
    const planned = all.pop();
    assert.ok(planned === 1 || planned === 3, String(planned));
    assert.ok(all.every((code) => code === 1), all.join());
    assert.ok(echo.requests > 2, "the echo was heard");
  });

  await t.step("a webhook that fails, redirects, or is not there", async () => {
    for (const status of [404, 308]) {
      sink.behaviour = { status };
      await gap();
      await run(chSync, ["--once"]);
    }
    await gap();
    const { stderr } = await run(chSync, ["--once"], {
      NOTIFY_WEBHOOK: `http://127.0.0.1:9/${WORD}-env-file`,
    });
    assert.match(stderr, /(messages have|message has) not been sent yet/, "a queue on disk was searched");
    assert.ok(await Deno.stat(`${chSync.directory}/data/ch-sync-messages.json`));
    sink.behaviour = { status: 200 };
  });

  await t.step("a monitor that fails, redirects, or is not there", async () => {
    assert.ok(monitor.requests > 0, "it was pinged before");
    for (const status of [308, 500]) {
      monitor.behaviour = { status };
      const { stderr } = await run(chSync, ["--once"], { LOG_FORMAT: "json" });
      assert.match(stderr, /HEARTBEAT_URL did not accept the ping/);
    }
    await run(chSync, ["--once"], { HEARTBEAT_URL: `http://127.0.0.1:9/${WORD}-env-file` });
    await run(chSync, ["--once"], { HEARTBEAT_URL: `${WORD}-env-file` });
  });

  await t.step("a state file that is damaged, by a secret at that", async () => {
    await Deno.writeTextFile(`${chSync.directory}/data/ch-sync-state.json`, "{");
    await run(chSync, ["--status"]);
    await run(chSync, ["--once"]);
  });

  search("messages", sink.bodies.join("\n"));
  assert.deepEqual(found, []);
  assert.ok(bytes > 100_000, `${bytes} characters were searched`);
  assert.ok(sink.bodies.length > 0);
});
