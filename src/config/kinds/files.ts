/** Kinds of settings that name files, which are read and validated at the start; and passwords. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { StatusPassword } from "../../model/settings.ts";
import { type Given, type ReadFile, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";

export interface Certificates {
  /** The file as it is. */
  readonly text: string;
  /** Each on its own, as PEM; one at least. */
  readonly each: readonly string[];
}

/** A password itself. */
export function password<S extends Spec>(spec: S): Setting<Given<S, string>> {
  return setting(spec, {
    accepts: "any text",
    anything: true,
    secret: true,
    verbatim: true,
    parse: (text) => text,
  });
}

/**
 * A file that holds a password: its content, without the newline at its end. An empty file holds none: the unit always
 * names a file, and systemd makes an empty one if the operator has none.
 */
export function passwordFile<S extends Spec>(spec: S): Setting<Given<S, string>> {
  return setting(spec, {
    accepts: "a readable file",
    secretFile: true,
    parse: (path, readFile) => {
      const content = read(path, readFile);
      return content instanceof RefusedValue ? content : content.replace(/\r?\n$/, "");
    },
  });
}

/** A hash of bcrypt. A cost above 14 takes seconds of processor time for each login attempt, which anybody can make. */
const HASH = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;

/** A file that holds a password that others log in with, or its bcrypt hash. */
export function guardedPasswordFile<S extends Spec>(spec: S): Setting<Given<S, StatusPassword>> {
  return setting(spec, {
    accepts: "a readable file",
    secretFile: true,
    parse: (path, readFile): StatusPassword | RefusedValue => {
      const content = read(path, readFile);
      if (content instanceof RefusedValue) return content;
      const text = content.replace(/\r?\n$/, "");
      if (text === "") return new RefusedValue("is empty: put the password into it, or remove it");
      const hashed = /^(?:[^:]*:)?\$2[abxy]\$/.test(text);
      return !hashed || HASH.test(text) ? { text, hashed } : new RefusedValue(
        "holds no hash that ch-sync accepts: it must begin with $2y$, $2b$ or $2a$, without a user, with a cost from 04 to " +
          "14, as htpasswd -nBC 10 '' | tr -d ':\\n' makes it",
      );
    },
  });
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Certificates in PEM. The runtime would accept a file without any, and trust nobody else. */
export function certificates<S extends Spec>(spec: S): Setting<Given<S, Certificates>> {
  return setting(spec, {
    accepts: "a readable file with certificates in PEM",
    parse: (path, readFile): Certificates | RefusedValue => {
      const text = read(path, readFile);
      if (text instanceof RefusedValue) return text;
      const each = text.match(CERTIFICATES) ?? [];
      return each.length > 0 && each.every(isCertificate)
        ? { text, each }
        : new RefusedValue("must hold certificates in PEM, from -----BEGIN CERTIFICATE----- on");
    },
  });
}

/** The private key of the certificate that the variable `of` names: the content of its file. */
export function privateKey<S extends Spec>(of: string, spec: S): Setting<Given<S, string>> {
  return setting(spec, {
    accepts: `a readable file with the private key of ${of} in PEM`,
    secretFile: true,
    parse: (path, readFile) => {
      const key = read(path, readFile);
      return key instanceof RefusedValue || isPrivateKey(key) ? key : new RefusedValue(wrongKey(of));
    },
  });
}

/** What is wrong with a text that is no key, or not the key of the certificate that the variable `of` names. */
export function wrongKey(of: string): string {
  return `must hold the private key of ${of} in PEM, without a passphrase`;
}

/** Whether a private key belongs to a certificate, both in PEM and both valid. */
export function belongs(key: string, certificate: string): boolean {
  try {
    // The runtime of the binary does not have checkPrivateKey().
    const [own, shown] = [createPublicKey(key), new X509Certificate(certificate).publicKey]
      .map((half) => half.export({ type: "spki", format: "der" }).toString("hex"));
    return own === shown;
  } catch {
    return false;
  }
}

function read(path: string, readFile: ReadFile): string | RefusedValue {
  try {
    return readFile(path);
  } catch {
    return new RefusedValue(
      "cannot be read by the user that ch-sync runs as: check the path and its mode, or, under systemd, hand it over by LoadCredential=",
    );
  }
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** False for a public key alone. */
function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}
