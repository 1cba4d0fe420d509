/** ch-sync over TLS: relays with certificates of an own authority in front of both servers. */
import assert from "node:assert/strict";
import { type ChSync, environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { type Authority, makeAuthority } from "../support/sites/certificates.ts";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { startTlsRelay } from "../support/links/tls_relay.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

/** Sites of which the DR server trusts the authority, as `remoteSecure()` needs it. */
function startSites(authority: Authority, more: Record<string, unknown> = {}): Promise<TwoSites> {
  const client = {
    ...more,
    caConfig: authority.certFile,
    verificationMode: "strict",
    loadDefaultCAFile: false,
    invalidCertificateHandler: { name: "RejectCertificateHandler" },
  };
  return startTwoSites({ dr: { config: { openSSL: { client } } } });
}

async function installAtDr(sites: TwoSites, more: Record<string, string>): Promise<ChSync> {
  return await installChSync({ ...environmentOf("dr", sites.dr, sites.primary), ...more });
}

Deno.test("over TLS, by HTTPS and by remoteSecure()", async (t) => {
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(`${directory.path}/ours`);
  const strangers = await makeAuthority(`${directory.path}/strangers`);
  const good = await authority.sign("server");
  await using sites = await startSites(authority);
  await using local = startTlsRelay(good, sites.dr.server.httpPort);
  await using remote = startTlsRelay(good, sites.primary.server.httpPort);
  await using native = startTlsRelay(good, sites.primary.tcpPort);
  const secure = {
    LOCAL_CH_URL: `https://localhost:${local.port}`,
    REMOTE_CH_URL: `https://127.0.0.1:${remote.port}`,
    REMOTE_CH_SECURE: "true",
    REMOTE_CH_HOST: "localhost",
    REMOTE_CH_PORT: String(native.port),
    CA_FILE: authority.certFile,
  };
  await using chSync = await installAtDr(sites, secure);
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 1000);

  await t.step("a repair goes through all three", async () => {
    const plan = await chSync.run(["--dry-run", "--sql"]);
    assert.equal(plan.code, 3, plan.stderr);
    assert.match(plan.stdout, /remoteSecure\('localhost:/);
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
    for (const relay of [local, remote, native]) assert.ok(relay.passed > 0);
  });

  /** The certificate of one site is bad: nothing is done, and the log says which one and what to do. */
  async function refused(wrong: Record<string, string>, expected: RegExp): Promise<void> {
    await using other = await installAtDr(sites, { ...secure, ...wrong });
    const { code, stderr, stdout } = await other.run(["--once"]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, expected);
    assert.ok(!(stderr + stdout).includes("canary"));
  }

  await t.step("an authority that nobody named", async () => {
    await refused({ CA_FILE: "" }, /\[WARN\] The local site's \/ping: .*set CA_FILE/);
    await refused({ CA_FILE: strangers.certFile }, /\[WARN\] The remote site's \/ping: .*UnknownIssuer/);
  });

  await t.step("a certificate for another name", async () => {
    await using relay = startTlsRelay(
      await authority.sign("elsewhere", { names: "DNS:elsewhere.example" }),
      sites.primary.server.httpPort,
    );
    await refused(
      { REMOTE_CH_URL: `https://127.0.0.1:${relay.port}` },
      /The remote site's \/ping: its certificate is for another name/,
    );
  });

  await t.step("a certificate that has expired", async () => {
    await using relay = startTlsRelay(
      await authority.sign("old", { days: -1 }),
      sites.primary.server.httpPort,
    );
    await refused(
      { REMOTE_CH_URL: `https://127.0.0.1:${relay.port}` },
      /The remote site's \/ping: its certificate has expired/,
    );
  });

  await t.step("https:// on a port without TLS, and http:// on one with it", async () => {
    await refused(
      { REMOTE_CH_URL: sites.primary.url.replace("http:", "https:") },
      /The remote site's \/ping: this port does not speak TLS/,
    );
    await refused(
      { REMOTE_CH_URL: `http://127.0.0.1:${remote.port}` },
      /The remote site's \/ping: this port does not speak HTTP/,
    );
  });

  await t.step(
    "a native port with a certificate for another name: taken by the server, and told by the doctor",
    async () => {
      await using relay = startTlsRelay(
        await authority.sign("native-elsewhere", { names: "DNS:elsewhere.example" }),
        sites.primary.tcpPort,
      );
      const doctor = async (more: Record<string, string>) => (await chSync.run(["--doctor"], more)).stdout;
      const elsewhere = await doctor({ REMOTE_CH_PORT: String(relay.port) });
      assert.match(elsewhere, /^ok {7}native protocol: /m);
      assert.match(
        elsewhere,
        /^warning {2}native certificate: localhost:\d+ shows one for another name.*\n +-> .*extendedVerification/m,
      );
      assert.match(
        await doctor({}),
        /^ok {7}native certificate: .* shows one for localhost; .*extendedVerification/m,
      );
      assert.match(
        await doctor({ CA_FILE: "", REMOTE_CH_PORT: String(native.port) }),
        /^skipped {2}native certificate: not examined: .*CA_FILE/m,
      );
      assert.doesNotMatch(await doctor({ REMOTE_CH_SECURE: "false" }), /native certificate/);
      await load(sites.primary, "d.t", "2026-01-04", 100);
      const { code, stderr } = await chSync.run(["--once"], { REMOTE_CH_PORT: String(relay.port) });
      assert.equal(code, 0, stderr);
      assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
    },
  );

  await t.step("a native port whose certificate the local server refuses", async () => {
    await load(sites.primary, "d.t", "2026-01-02", 1000);
    await load(sites.dr, "d.t", "2026-01-02", 10);
    await using relay = startTlsRelay(await strangers.sign("server"), sites.primary.tcpPort);
    await refused({ REMOTE_CH_PORT: String(relay.port) }, /openSSL, client, caConfig/);
  });
});

Deno.test("with extendedVerification, the local server refuses a native certificate for another name", async () => {
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(`${directory.path}/ours`);
  await using sites = await startSites(authority, { extendedVerification: true });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 100);
  for (const [names, code] of [["DNS:localhost", 0], ["DNS:elsewhere.example", 1]] as const) {
    await using relay = startTlsRelay(
      await authority.sign(`native-${code}`, { names }),
      sites.primary.tcpPort,
    );
    await using chSync = await installAtDr(sites, {
      REMOTE_CH_SECURE: "true",
      REMOTE_CH_HOST: "localhost",
      REMOTE_CH_PORT: String(relay.port),
      CA_FILE: authority.certFile,
    });
    await load(sites.primary, "d.t", `2026-01-0${2 + code}`, 10);
    const ended = await chSync.run(["--once"]);
    assert.equal(ended.code, code, ended.stderr);
    if (code === 1) {
      assert.match(ended.stderr, /does not accept the certificate of REMOTE_CH_HOST:REMOTE_CH_PORT/);
    }
  }
});

Deno.test("a server that asks for a client certificate gets it", async (t) => {
  await needsPackage("stunnel4", "/usr/bin/stunnel4");
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(`${directory.path}/ours`);
  const [server, client] = [await authority.sign("server"), await authority.sign("client")];
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 100);
  const port = freePort();
  const configuration = `${directory.path}/stunnel.conf`;
  await Deno.writeTextFile(
    configuration,
    `foreground = yes
pid =
[clickhouse]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${sites.primary.server.httpPort}
cert = ${server.certFile}
key = ${server.keyFile}
CAfile = ${authority.certFile}
verifyChain = yes
requireCert = yes
`,
  );
  await using relay = new Deno.Command("stunnel4", { args: [configuration], stderr: "piped" }).spawn();
  await untilItListens(relay);
  await using chSync = await installAtDr(sites, {
    REMOTE_CH_URL: `https://127.0.0.1:${port}`,
    CA_FILE: authority.certFile,
  });

  await t.step("with it", async () => {
    const shown = { CLIENT_CERT_FILE: client.certFile, CLIENT_KEY_FILE: client.keyFile };
    const { code, stderr } = await chSync.run(["--once"], shown);
    assert.equal(code, 0, stderr);
    assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
  });

  await t.step("without it", async () => {
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 1);
    assert.match(stderr, /The remote site's \/ping: .*CLIENT_CERT_FILE/);
  });
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** stunnel says so in its log, which is read on so that it never fills up. */
async function untilItListens({ stderr }: Deno.ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  (async () => {
    let log = "";
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
      log += text;
      if (log.includes("Configuration successful")) resolve();
    }
    reject(new Error(log));
  })();
  await promise;
}
