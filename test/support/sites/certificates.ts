/** An authority of the test's own, and certificates that it signs, made by openssl. */
import assert from "node:assert/strict";
import { needsPackage } from "./debian_packages.ts";

/** A certificate and its key: as PEM, and the files that hold them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CertificateOptions {
  /** Names that it holds: `DNS:localhost`, `IP:127.0.0.1`. */
  readonly names?: string;
  /** Negative: it has expired. */
  readonly days?: number;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export interface Authority {
  readonly certFile: string;
  sign(name: string, options?: CertificateOptions): Promise<Certificate>;
}

/** Makes an authority in `directory`. */
export async function makeAuthority(directory: string): Promise<Authority> {
  await needsPackage("openssl", "/usr/bin/openssl");
  await Deno.mkdir(directory, { recursive: true });
  const at = (name: string) => `${directory}/${name}`;
  const subject = ["-subj", `/CN=authority of ${directory.split("/").at(-1)}`];
  await openssl(
    "req",
    "-x509",
    ...KEY,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-days",
    "30",
    ...subject,
  );
  return {
    certFile: at("ca.pem"),
    async sign(name, { names = "DNS:localhost,IP:127.0.0.1", days = 30 } = {}) {
      const [keyFile, request, certFile] = [at(`${name}.key`), at(`${name}.csr`), at(`${name}.pem`)];
      await openssl("req", ...KEY, "-keyout", keyFile, "-out", request, "-subj", `/CN=${name}`);
      // Not an authority: both Deno and ClickHouse refuse one in a server's place.
      await Deno.writeTextFile(at(`${name}.ext`), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
      const by = [
        "-CA",
        at("ca.pem"),
        "-CAkey",
        at("ca.key"),
        "-CAcreateserial",
        "-extfile",
        at(`${name}.ext`),
      ];
      await openssl("x509", "-req", "-in", request, "-out", certFile, "-days", String(days), ...by);
      const [cert, key] = await Promise.all([Deno.readTextFile(certFile), Deno.readTextFile(keyFile)]);
      return { cert, key, certFile, keyFile };
    },
  };
}

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args }).output();
  assert.ok(success, `openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
