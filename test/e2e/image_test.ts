/**
 * The image of the Dockerfile, built and run without a daemon on a bare Debian. The program in it is what
 * `CH_SYNC_PROGRAM` names; without it, a script that knows `--version` and `/healthz`.
 */
import assert from "node:assert/strict";
import { type Ran, ran } from "../support/program/bare_debian.ts";
import { type Containers, containersIn } from "../support/program/containers.ts";
import { freePort } from "../support/sites/free_port.ts";
import { layRelease } from "../support/program/release_folder.ts";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const PROGRAM = Deno.env.get("CH_SYNC_PROGRAM") ?? null;
/** As docker-compose.yml and the manifest have it. */
const HARDENED = [
  "--read-only",
  "--read-only-tmpfs=false",
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  "--volume=state:/var/lib/ch-sync",
];
/** Sites that do not answer: what is looked at is the process. */
const SETTINGS = [
  "ROLE=dr",
  "LOCAL_CH_URL=http://127.0.0.1:1",
  "REMOTE_CH_URL=http://127.0.0.2:1",
  "DNS_RECORD=clickhouse.example",
  "PRIMARY_IP=192.0.2.1",
  "DR_IP=192.0.2.2",
  "ACTIVE_SITE=primary",
].map((setting) => `--env=${setting}`);

async function must(running: Promise<{ readonly code: number; readonly said: string }>): Promise<string> {
  const { code, said } = await running;
  assert.equal(code, 0, said);
  return said.trim();
}

Deno.test("the image of the Dockerfile", async (t) => {
  await using folder = await temporaryDirectory();
  const archive = `${folder.path}/archive`;
  await layRelease(archive, "1.0.0", PROGRAM);
  await Deno.writeTextFile(`${archive}/.env`, "LOCAL_CH_PASSWORD=hunter2\n");
  const found = await containersIn(folder.path);
  if (typeof found === "string") {
    const name = `no container runs here, so its parts are tried one by one: ${found}`;
    await t.step(name, (t) => tryParts(t, archive));
    return;
  }
  await using containers = found;
  const { podman, run } = containers;
  const inside = (...command: string[]) => podman("exec", "ch-sync", ...command);

  await t.step("is built in an unpacked release archive", async () => {
    await must(containers.build(archive, "ch-sync"));
  });

  await t.step("runs as nobody in particular, on a root that cannot be written", async () => {
    await must(run("--detach", "--name=ch-sync", ...HARDENED, ...SETTINGS, "ch-sync"));
    // The health check that the image brings.
    await until(() => podman("healthcheck", "run", "ch-sync"), containers);
    assert.equal(await must(inside("id", "-u")), "10001");
    assert.equal(
      await must(
        inside("sh", "-c", "touch /x /tmp/x /etc/x 2>/dev/null; ls /x /tmp/x /etc/x 2>/dev/null; true"),
      ),
      "",
    );
    assert.match(await must(inside("stat", "-c", "%a %u", "/var/lib/ch-sync")), /^700 10001$/);
    assert.match(await must(inside("cat", "/proc/1/status")), /^CapEff:\t0+\n[^]*^NoNewPrivs:\t1$/m);
  });

  await t.step("keeps its state on the volume", async () => {
    await until(() => inside("ls", "/var/lib/ch-sync/ch-sync-state.json"), containers);
    await must(inside("ch-sync", "pause", "--for", "2h"));
    if (PROGRAM) await must(inside("ls", "/var/lib/ch-sync/pause"));
  });

  await t.step("holds licences, and no configuration", async () => {
    assert.equal(await must(inside("ls", "/usr/share/doc/ch-sync")), "LICENSE\nTHIRD_PARTY_LICENSES");
    assert.equal(await must(inside("sh", "-c", "find / -xdev -name '.env*' 2>/dev/null || true")), "");
  });

  await t.step("is healthy while the process answers, on whatever port, and not otherwise", async () => {
    const check = await must(
      podman("image", "inspect", "--format={{json .Config.Healthcheck.Test}}", "ch-sync"),
    );
    const [, ...command]: string[] = JSON.parse(check);
    const health = (listen: string) =>
      podman("exec", `--env=STATUS_LISTEN=${listen}`, "ch-sync", ...command).then(({ code }) => code === 0);
    assert.deepEqual(
      [
        await health("127.0.0.1:8080"),
        await health("0.0.0.0:8080"),
        await health("off"),
        await health("127.0.0.1:8081"),
      ],
      [true, true, true, false],
    );
  });

  await t.step("ends by itself when it is asked to", async () => {
    await must(podman("stop", "--time=30", "ch-sync"));
    assert.equal(await must(podman("inspect", "--format={{.State.ExitCode}}", "ch-sync")), "0");
    await must(podman("rm", "ch-sync"));
  });

  await t.step("runs one command, and finds the state of the container before it", async () => {
    const said = await must(run("--rm", ...HARDENED, "ch-sync", "--version"));
    assert.match(said, /^ch-sync \d+\.\d+\.\d+/);
    const found = await must(run("--rm", ...HARDENED, "--entrypoint=ls", "ch-sync", "/var/lib/ch-sync"));
    assert.match(found, /^ch-sync-state\.json$/m);
  });
});

/** What can be told of the image without running it. */
async function tryParts(t: Deno.TestContext, archive: string): Promise<void> {
  const dockerfile = (await Deno.readTextFile(`${archive}/Dockerfile`)).replaceAll("\\\n", " ");
  const [, check = ""] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [shell = "", ...command]: string[] = JSON.parse(check);

  await t.step("what it copies is in the archive", async () => {
    assert.match(dockerfile, /^USER 10001:10001$/m);
    const copied = [...dockerfile.matchAll(/^COPY (?:--\S+ )*(.+) \S+$/gm)].flatMap(([, from = ""]) =>
      from.split(" ")
    );
    assert.ok(copied.length >= 3);
    for (const name of copied) {
      const path = name.replace("${PROGRAM}", "ch-sync").replace(/\[(.)\]$/, "$1");
      await Deno.stat(`${archive}/${path}`);
    }
  });

  await t.step("the health check tells a process that answers from one that does not", async () => {
    const [port, other] = [freePort(), freePort()];
    const env = { STATUS_LISTEN: `127.0.0.1:${port}`, STATE_FILE: `${archive}/ch-sync-state.json` };
    const given = Object.fromEntries(SETTINGS.map((setting) => setting.replace("--env=", "").split("=")));
    const child = new Deno.Command(`${archive}/ch-sync`, {
      cwd: archive,
      env: { ...given, ...env },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const health = (listen: string) =>
      ran(shell, command, { env: { STATUS_LISTEN: listen } }).then(({ code }) => code === 0);
    for (let tries = 0; !await health(env.STATUS_LISTEN); tries++) {
      assert.ok(tries < 600);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual([await health("off"), await health(`127.0.0.1:${other}`)], [true, false]);
    child.kill("SIGTERM");
    await child.status;
  });
}

/** Waits until a program succeeds. */
async function until(call: () => Promise<Ran>, { podman }: Containers): Promise<void> {
  for (let tries = 0;; tries++) {
    const { code, said } = await call();
    if (code === 0) return;
    assert.ok(tries < 600, `${said}\n${(await podman("logs", "ch-sync")).said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test("docker-compose takes the file, and it hardens the container as the image is tested", async () => {
  await needsPackage("docker-compose", "/usr/bin/docker-compose");
  await using folder = await temporaryDirectory();
  await layRelease(folder.path, "1.0.0", null);
  await Deno.copyFile(`${folder.path}/.env.dr`, `${folder.path}/.env`);
  const { code, said } = await ran("docker-compose", ["config"], { cwd: folder.path });
  assert.equal(code, 0, said);
  const lines = [
    "container_name: ch-sync",
    "read_only: true",
    "- ALL",
    "- no-new-privileges:true",
    "- state:/var/lib/ch-sync:rw",
    "ROLE: dr",
  ];
  for (const line of lines) {
    assert.ok(said.split("\n").some((found) => found.trim() === line), `${line}:\n${said}`);
  }
});
