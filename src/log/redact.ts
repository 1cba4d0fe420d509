/** Keeping secrets out of everything that is printed, stored or sent. */
import { maskRemoteCalls } from "./mask_remote_calls.ts";

/** Secrets shorter than this are only masked where they stand in quotes: text without its every "a" says nothing. */
const SHORT = 4;

/** `user:password@` in a URL, up to the last `@` before the path. No scheme is longer, and a longer search takes long. */
const URL_CREDENTIALS = /\b([a-z][a-z\d+.-]{0,20}:\/\/)[^\s/]*@/gi;

/** What an `Authorization` header holds, should somebody send it back. */
const AUTHORIZATION = /\b(Basic|Bearer)\s+(?=[\w+/=.~-]*[A-Z\d=])[\w+/=.~-]{4,}/g;

/**
 * A function that replaces secrets by `***`, in the forms in which statements, URLs and JSON write them. Whatever the
 * secrets are, it masks the password of `remote(…)` and the credentials in URLs.
 */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const long = formsOf(secrets.filter((secret) => secret.length >= SHORT));
  const short = formsOf(secrets.filter((secret) => secret !== "" && secret.length < SHORT));
  return (text) => {
    let clean = maskAll(text, long);
    clean = maskRemoteCalls(clean).replace(URL_CREDENTIALS, "$1***@").replace(AUTHORIZATION, "$1 ***");
    for (const form of short) {
      for (const quote of ["'", '"']) {
        clean = clean.replaceAll(`${quote}${form}${quote}`, `${quote}***${quote}`);
      }
    }
    return maskAll(clean, long);
  };
}

/** Goes on until no form is left: what stands beside a mask may make up a secret with it. Each mask shortens the text. */
function maskAll(text: string, forms: readonly string[]): string {
  let clean = text;
  while (forms.some((form) => clean.includes(form))) {
    for (const form of forms) clean = clean.replaceAll(form, "***");
  }
  return clean;
}

/** Every form of every secret, the longest first: a secret may be part of another one. */
function formsOf(secrets: readonly string[]): string[] {
  const forms = secrets.flatMap((secret) =>
    [secret, sqlEscaped(secret), secret.replaceAll("'", "''"), normalUrl(secret)].flatMap((written) => [
      written,
      JSON.stringify(written).slice(1, -1),
      percentEncoded(written),
      new URLSearchParams([["", written]]).toString().slice(1),
    ])
  );
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** As `clickhouse/quoting.ts` writes it. */
function sqlEscaped(secret: string): string {
  return secret.replaceAll("\\", "\\\\").replaceAll("\0", "\\0").replaceAll("'", "\\'");
}

/** A webhook as error texts show it: `https://HOST` becomes `https://host/`. */
function normalUrl(secret: string): string {
  return /^https?:/i.test(secret) && URL.canParse(secret) ? new URL(secret).href : secret;
}

function percentEncoded(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret; // half of a surrogate pair has no encoding
  }
}
