/** Keeping secrets out of everything that is printed, stored or sent. */

/** Secrets shorter than this are only masked where they stand in quotes: text without its every "a" says nothing. */
const SHORT = 4;

/** A function that replaces secrets by `***`, in the forms in which statements, URLs and JSON quote them. */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter(Boolean).flatMap((secret) => {
    const written = [secret, sqlEscaped(secret), JSON.stringify(secret).slice(1, -1), encoded(secret)];
    if (secret.length >= SHORT) return written;
    return written.flatMap((form) => [`'${form}'`, `"${form}"`]);
  });
  // The longest first: a secret may be part of another one.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const short = new Set(ordered.filter((form) => /^(['"]).*\1$/s.test(form) && !secrets.includes(form)));
  return (text) => {
    let clean = text;
    for (const form of ordered) {
      clean = clean.replaceAll(form, short.has(form) ? `${form[0]}***${form[0]}` : "***");
    }
    return clean.replace(REMOTE_CALL, "$1'***'").replace(URL_CREDENTIALS, "$1***@");
  };
}

/** The last argument of `remote('host', db, table, 'user', 'password')`, whatever it is. */
const REMOTE_CALL = /(\bremote(?:Secure)?\((?:[^()']|'(?:[^'\\]|\\.)*')*,\s*)'(?:[^'\\]|\\.)*'/gi;
const URL_CREDENTIALS = /(\bhttps?:\/\/)[^\s/@]+@/gi;

function sqlEscaped(secret: string): string {
  return secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}

function encoded(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret; // half of a surrogate pair has no encoding
  }
}
