import assert from "node:assert/strict";
import { readSettings } from "../../src/config/read_settings.ts";
import { makeAuthority } from "../support/sites/certificates.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { EXAMPLE } from "../support/data/example_environment.ts";

Deno.test("CA_FILE, CLIENT_CERT_FILE and CLIENT_KEY_FILE are read and tried", async () => {
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(directory.path);
  const [one, other] = [await authority.sign("one"), await authority.sign("other")];
  const write = (name: string, text: string) => {
    Deno.writeTextFileSync(`${directory.path}/${name}`, text);
    return `${directory.path}/${name}`;
  };
  const read = (changes: Record<string, string>) =>
    readSettings({ ...EXAMPLE, ...changes }, Deno.readTextFileSync);
  const problems = (changes: Record<string, string>) => {
    const result = read(changes);
    return result.kind === "mistakes"
      ? result.mistakes.map(({ variable, problem }) => `${variable} ${problem}`)
      : [];
  };

  const two = write("two.pem", `a comment\n${Deno.readTextFileSync(authority.certFile)}\n${one.cert}`);
  const good = read({ CA_FILE: two, CLIENT_CERT_FILE: one.certFile, CLIENT_KEY_FILE: one.keyFile });
  assert.equal(good.kind, "settings");
  if (good.kind === "settings") {
    assert.equal(good.settings.tls.authorities.length, 2);
    assert.deepEqual(good.settings.tls.client, { certificate: one.cert, key: one.key });
  }
  const noCertificates = "CA_FILE must hold certificates in PEM, from -----BEGIN CERTIFICATE----- on";
  assert.deepEqual(problems({ CA_FILE: write("empty", "") }), [noCertificates]);
  assert.deepEqual(problems({ CA_FILE: one.keyFile }), [noCertificates]);
  assert.deepEqual(problems({ CA_FILE: write("cut", one.cert.replace(/\n.{60}/, "\n")) }), [noCertificates]);
  assert.deepEqual(problems({ CA_FILE: "/nowhere" }), [
    "CA_FILE cannot be read by the user that ch-sync runs as: check the path and its mode, or, under systemd, hand it over by LoadCredential=",
  ]);
  assert.deepEqual(problems({ CLIENT_CERT_FILE: one.certFile }), [
    "CLIENT_KEY_FILE is required with CLIENT_CERT_FILE",
  ]);
  assert.deepEqual(problems({ CLIENT_KEY_FILE: one.keyFile }), [
    "CLIENT_CERT_FILE is required with CLIENT_KEY_FILE",
  ]);
  const wrongKey = [
    "CLIENT_KEY_FILE must hold the private key of CLIENT_CERT_FILE in PEM, without a passphrase",
  ];
  assert.deepEqual(problems({ CLIENT_CERT_FILE: one.certFile, CLIENT_KEY_FILE: other.keyFile }), wrongKey);
  assert.deepEqual(problems({ CLIENT_CERT_FILE: one.certFile, CLIENT_KEY_FILE: one.certFile }), wrongKey);

  const listen = { STATUS_LISTEN: "127.0.0.1:80" };
  const page = read({ ...listen, STATUS_CERT_FILE: one.certFile, STATUS_KEY_FILE: one.keyFile });
  assert.ok(page.kind === "settings");
  assert.deepEqual(page.settings.status!.tls, { certificate: one.cert, key: one.key });
  assert.deepEqual(problems({ ...listen, STATUS_CERT_FILE: one.certFile }), [
    "STATUS_KEY_FILE is required with STATUS_CERT_FILE",
  ]);
  assert.match(
    problems({ STATUS_CERT_FILE: one.certFile, STATUS_KEY_FILE: other.keyFile }).join(),
    /STATUS_KEY_FILE must hold the private key of STATUS_CERT_FILE/,
  );
});
