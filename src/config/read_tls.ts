/** Certificates and keys, read and tried before a check needs them. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { KeyPair, TlsSettings } from "../model/settings.ts";
import type { ValueReader } from "./read_values.ts";

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** From `CA_FILE`, `CLIENT_CERT_FILE` and `CLIENT_KEY_FILE`. What cannot be used is noted as a mistake. */
export function readTls(values: ValueReader, readFile: (path: string) => string): TlsSettings {
  const authorities = certificates(values, "CA_FILE", readText(values, "CA_FILE", readFile));
  return { authorities, client: readPair(values, "CLIENT", readFile) };
}

/**
 * A certificate and its key from `<prefix>_CERT_FILE` and `<prefix>_KEY_FILE`; null: neither is set. What cannot be used,
 * and one without the other, is noted as a mistake.
 */
export function readPair(
  values: ValueReader,
  prefix: "CLIENT" | "STATUS",
  readFile: (path: string) => string,
): KeyPair | null {
  const [certName, keyName] = [`${prefix}_CERT_FILE`, `${prefix}_KEY_FILE`];
  const [certificate, key] = [certName, keyName].map((name) => readText(values, name, readFile));
  const [shown] = certificates(values, certName, certificate ?? null);
  if (values.raw(certName) && !values.raw(keyName)) {
    values.reject(keyName, `is required with ${certName}`);
  } else if (values.raw(keyName) && !values.raw(certName)) {
    values.reject(certName, `is required with ${keyName}`);
  }
  if (key === undefined || key === null) return null;
  if (!belongs(key, shown)) {
    values.reject(keyName, `must hold the private key of ${certName} in PEM, without a passphrase`);
  }
  return certificate === undefined || certificate === null ? null : { certificate, key };
}

function readText(values: ValueReader, name: string, readFile: (path: string) => string): string | null {
  const path = values.raw(name);
  if (path === undefined) return null;
  try {
    return readFile(path);
  } catch {
    values.reject(name, "cannot be read: check the path and its mode");
    return null;
  }
}

/** Each on its own, as PEM. The runtime would take a file without any and trust nobody more. */
function certificates(values: ValueReader, name: string, text: string | null): string[] {
  if (text === null) return [];
  const found = text.match(CERTIFICATES) ?? [];
  if (found.length === 0 || !found.every(isCertificate)) {
    values.reject(name, "must hold certificates in PEM, from -----BEGIN CERTIFICATE----- on");
    return [];
  }
  return found;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** A key whose certificate could not be read is judged by itself. */
function belongs(key: string, certificate: string | undefined): boolean {
  try {
    createPrivateKey(key); // of a public key alone the same could be told
    if (certificate === undefined) return true;
    // The runtime of the binary has no checkPrivateKey().
    const [own, shown] = [createPublicKey(key), new X509Certificate(certificate).publicKey]
      .map((half) => half.export({ type: "spki", format: "der" }).toString("hex"));
    return own === shown;
  } catch {
    return false;
  }
}
