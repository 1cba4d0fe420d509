/** The page of a daemon with a certificate and the hash of a password. */
import assert from "node:assert/strict";
import { hash } from "bcryptjs";
import { makeAuthority } from "../support/sites/certificates.ts";
import { installChSync } from "../support/program/ch_sync.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const PASSWORD = "canary'of the page";

Deno.test("a daemon serves its page by HTTPS to who knows the password, and logs who does not", async () => {
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(directory.path);
  const { certFile, keyFile } = await authority.sign("page");
  const hashed = await hash(PASSWORD, 10);
  await Deno.writeTextFile(`${directory.path}/password`, `${hashed}\n`, { mode: 0o600 });
  await using chSync = await installChSync({
    ROLE: "dr",
    LOCAL_CH_URL: "http://127.0.0.1:9",
    REMOTE_CH_URL: "http://127.0.0.1:11",
    DNS_RECORD: "clickhouse.example",
    PRIMARY_IP: "192.0.2.1",
    DR_IP: "192.0.2.2",
    ACTIVE_SITE: "primary",
    STATUS_LISTEN: "127.0.0.1:0",
    STATUS_PASSWORD_FILE: `${directory.path}/password`,
    STATUS_CERT_FILE: certFile,
    STATUS_KEY_FILE: keyFile,
  });
  const daemon = chSync.start([]);
  await daemon.logged("Status page: ");
  const address = /Status page: (https:\S+)/.exec(daemon.log())![1]!;
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authority.certFile)] });
  const ask = async (password: string) => {
    const authorization = `Basic ${new TextEncoder().encode(`ch-sync:${password}`).toBase64()}`;
    const response = await fetch(address, { client, headers: { authorization } });
    return `${response.status} ${await response.text()}`;
  };
  assert.match(await ask(PASSWORD), /^200 .*NOT READY/s);
  for (const wrong of [hashed, "canary-guess"]) assert.match(await ask(wrong), /^401 /);
  await daemon.logged("A wrong password for the status page came from 127.0.0.1");
  daemon.child.kill("SIGTERM");
  const { code, stderr } = await daemon.finished;
  assert.equal(code, 0);
  assert.ok(!stderr.includes("canary") && !stderr.includes(hashed), stderr);
});
