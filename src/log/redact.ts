/** Keeping secrets out of everything that is printed, stored or sent. */
import { maskRemoteCalls } from "./mask_remote_calls.ts";
import { sought, spelledMask } from "./spelled.ts";

/** Shorter secrets are only masked in quotes: a text in which every "a" is masked says nothing. */
const SHORT = 4;

/** `user:password@` in a URL, up to the last `@` before the path. No scheme is longer, and a longer search would be slow. */
const URL_CREDENTIALS = /\b([a-z][a-z\d+.-]{0,20}:\/\/)[^\s/]*@/gi;

/** The value of an `Authorization` header, in case somebody sends it back. */
const AUTHORIZATION = /\b(Basic|Bearer)\s+(?=[\w+/=.~-]*[A-Z\d=])[\w+/=.~-]{4,}/g;

/** Takes a secret out of a text. */
type Mask = (text: string) => string;

/**
 * A function that replaces secrets with `***`, in every form in which statements, URLs, HTML, JSON and HTTP write them.
 * Whatever the secrets are, it masks the password of `remote(…)` and the credentials in URLs.
 */
export function makeRedactor(secrets: readonly string[]): Mask {
  // The longest first: a secret may be part of another one.
  const known = [...new Set(secrets.flatMap((secret) => [secret, normalUrl(secret)]))]
    .filter((secret) => secret !== "")
    .sort((a, b) => b.length - a.length);
  const long = known.filter((secret) => secret.length >= SHORT).flatMap(masksOf);
  const short = known.filter((secret) => secret.length < SHORT).flatMap(quotedMasksOf);
  return (text) => {
    let clean = maskAll(text, long);
    clean = maskRemoteCalls(clean).replace(URL_CREDENTIALS, "$1***@").replace(AUTHORIZATION, "$1 ***");
    for (const mask of short) clean = mask(clean);
    return maskAll(clean, long);
  };
}

/** Repeats until no form is left, as masking may join the text around it into a secret. Each mask shortens the text. */
function maskAll(text: string, masks: readonly Mask[]): string {
  for (let clean = text;;) {
    const before = clean;
    for (const mask of masks) clean = mask(clean);
    if (clean === before) return clean;
  }
}

function masksOf(secret: string): Mask[] {
  const wanted = sought(secret);
  // If a secret is mostly backslashes and quotes, too little of it is left to search for.
  const spelled: Mask = wanted.length >= SHORT
    ? spelledMask(wanted, "***", secret.endsWith("\\"))
    : (text) => literal(secret).reduce((clean, form) => clean.replaceAll(form, "***"), text);
  return [
    spelled,
    ...[...inBase64(secret), inHexadecimal(secret)].map((pattern): Mask => (text) =>
      text.replace(pattern, "***")
    ),
  ];
}

function quotedMasksOf(secret: string): Mask[] {
  const wanted = sought(secret);
  return [`'`, `"`].map((quote): Mask =>
    wanted.length > 0
      ? spelledMask([...sought(quote), ...wanted, ...sought(quote)], `${quote}***${quote}`)
      : (text) => text.replaceAll(quote + secret + quote, `${quote}***${quote}`)
  );
}

function literal(secret: string): string[] {
  return [
    JSON.stringify(sqlEscaped(secret)).slice(1, -1),
    JSON.stringify(secret).slice(1, -1),
    sqlEscaped(secret),
    secret,
  ];
}

/** As src/clickhouse/sql/quoting.ts writes it. */
function sqlEscaped(secret: string): string {
  return secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}

/** The two signs of base64: as they are, as in URLs, and quoted. */
const SIGNS: Readonly<Record<string, string>> = {
  "+": "(?:[+-]|%2[bB]|\\\\+u002[bB]|&#43;|&#[xX]2[bB];|&plus;)",
  "/": "(?:\\\\*[/]|_|%2[fF]|\\\\+u002[fF]|&#47;|&#[xX]2[fF];|&sol;)",
};

/**
 * The secret in base64, with something in front of it. Three bytes make four characters, so there are three possible
 * alignments; of each, the characters that do not depend on what stands around it.
 */
function inBase64(secret: string): RegExp[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].map((before) => {
    const encoded = new Uint8Array([...new Uint8Array(before), ...bytes]).toBase64();
    const sure = encoded.slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6));
    return new RegExp([...sure].map((char) => SIGNS[char] ?? char).join(""), "g");
  });
}

function inHexadecimal(secret: string): RegExp {
  return new RegExp(new TextEncoder().encode(secret).toHex(), "gi");
}

/** A webhook as error texts show it: `https://HOST` becomes `https://host/`. */
function normalUrl(secret: string): string {
  return /^https?:/i.test(secret) && URL.canParse(secret) ? new URL(secret).href : secret;
}
