import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { literal } from "../../src/clickhouse/sql/quoting.ts";
import { makeRedactor } from "../../src/log/redact.ts";

Deno.test("makeRedactor() masks a secret in every form in which it is written", () => {
  const secret = "p@XX'w\\YY\"+ x";
  const redact = makeRedactor([secret]);
  const forms = [
    secret,
    literal(secret),
    JSON.stringify(secret),
    JSON.stringify(literal(secret)),
    `'${secret.replaceAll("'", "''")}'`,
    encodeURIComponent(secret),
    new URLSearchParams({ password: secret }).toString(),
  ];
  for (const form of forms) {
    const clean = redact(`before ${form} after`);
    assert.match(clean, /^before \S*\*\*\*\S* after$/, form);
    assert.ok(!clean.includes("XX") && !clean.includes("YY"), clean);
  }
});

Deno.test("makeRedactor() masks short secrets only where they stand in quotes", () => {
  const redact = makeRedactor(["a", ""]);
  assert.equal(redact(`a table 'a' "a" 'ab'`), `a table '***' "***" 'ab'`);
});

Deno.test("makeRedactor() masks the longer of two secrets whole", () => {
  assert.equal(makeRedactor(["pass", "password"])("my password, my pass"), "my ***, my ***");
});

Deno.test("makeRedactor() masks a webhook as error texts spell it", () => {
  const redact = makeRedactor(["HTTPS://Hooks.Example/T/B/secret"]);
  assert.equal(
    redact("error sending request for url (https://hooks.example/T/B/secret)"),
    "error sending request for url (***)",
  );
});

Deno.test("makeRedactor() masks credentials in URLs, up to the last @", () => {
  const redact = makeRedactor([]);
  assert.equal(redact("http://me:p@ss@ch.example:8123/x@y"), "http://***@ch.example:8123/x@y");
  assert.equal(redact("see http://ch.example:8123 and a@b"), "see http://ch.example:8123 and a@b");
});

Deno.test("makeRedactor() masks what an Authorization header holds", () => {
  const redact = makeRedactor([]);
  assert.equal(redact("header: Basic c3luYzpwdw== sent"), "header: Basic *** sent");
  assert.equal(redact("Basic authentication, or a Bearer token"), "Basic authentication, or a Bearer token");
});

Deno.test("makeRedactor() lets no secret survive", () => {
  const piece = fc.oneof(fc.string(), fc.stringMatching(/^[*'"\\@/:%ab]*$/), fc.string({ unit: "binary" }));
  const secret = piece.filter((text) => text.length >= 4);
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1 }), fc.array(piece), fc.nat(), (secrets, texts, form) => {
      const written = secrets.map((secret) => [secret, literal(secret), JSON.stringify(secret)][form % 3]!);
      const around = texts.length > 0 ? texts : [" "];
      const text = written.flatMap((secret, index) => [around[index % around.length]!, secret]).join("");
      const clean = makeRedactor(secrets)(`${text} remote('h', d.t, 'u', ${literal(secrets[0]!)})`);
      for (const secret of secrets) assert.ok(!clean.includes(secret), clean);
    }),
    { numRuns: 500 },
  );
});

/** As programs in other languages write a text down. */
const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  sql: (text) => literal(text).slice(1, -1),
  doubled: (text) => text.replaceAll("'", "''"),
  percent: encodeURIComponent,
  lowerPercent: (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  wholePercent: (text) => [...new TextEncoder().encode(text)].map((byte) => `%${hex(byte, 2)}`).join(""),
  form: (text) => new URLSearchParams([["", text]]).toString().slice(1),
  named: (text) => text.replace(/[&<>"']/g, (char) => `&${NAMES[char]};`),
  decimal: (text) => [...text].map((char) => `&#${char.codePointAt(0)};`).join(""),
  hexadecimal: (text) => [...text].map((char) => `&#x${char.codePointAt(0)!.toString(16)};`).join(""),
  upperHexadecimal: (text) =>
    [...text].map((char) => `&#X00${hex(char.codePointAt(0)!, 1).toUpperCase()};`).join(""),
  unicode: (text) => text.replace(/[^ -~]|[<>&'"+\\\\]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`),
  upperUnicode: (text) => text.replace(/[^]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4).toUpperCase()}`),
  bytes: (text) => [...new TextEncoder().encode(text)].map((byte) => `\\x${hex(byte, 2)}`).join(""),
};
const NAMES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};
const hex = (number: number, width: number) => number.toString(16).padStart(width, "0");

const SECRET = fc.oneof(
  fc.string({ minLength: 6, maxLength: 20 }),
  fc.string({ minLength: 6, maxLength: 20, unit: "grapheme" }),
  fc.stringMatching(/^[a-z0-9]{2}[\x20-\x7e]{4,16}$/),
).filter((text) => text.replace(/[\\']/g, "").length >= 6 && text.isWellFormed());

Deno.test("makeRedactor() finds a secret however it is written, and written again", () => {
  const quoting = ["json", "sql", "named"];
  const way = fc.constantFrom(...Object.keys(WRITTEN));
  const ways: fc.Arbitrary<string[]> = fc.oneof(
    fc.tuple(way),
    fc.tuple(way, fc.constantFrom(...quoting)),
    fc.tuple(fc.constantFrom("json", "sql", "doubled"), way),
    fc.tuple(fc.constantFrom("json", "sql"), fc.constantFrom("json", "sql"), way),
  );
  fc.assert(
    fc.property(SECRET, ways, fc.constantFrom("", "%", "\\", "&#", '"'), (secret, way, before) => {
      const written = way.reduce((text, name) => WRITTEN[name]!(text), secret);
      const clean = makeRedactor([secret])(`see:${before}${written}:here`);
      assert.ok(clean.includes("***") && !clean.includes(written), `${way}: ${written} -> ${clean}`);
      // Quotes and backslashes around may stay, and no more.
      assert.ok(clean.length <= `see:${before}***:here`.length + 16, `${way}: ${written} -> ${clean}`);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("makeRedactor() finds a secret in base64, behind any text and before any other, also as URLs have it", () => {
  fc.assert(
    fc.property(
      SECRET,
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }),
      fc.boolean(),
      (secret, before, after, url) => {
        const bytes = new TextEncoder().encode(before + secret + after);
        const clean = makeRedactor([secret])(
          `see ${bytes.toBase64({ alphabet: url ? "base64url" : "base64" })} here`,
        );
        assert.ok(clean.includes("***"), clean);
        assert.ok(clean.length <= `see *** here`.length + 4 * (before.length + after.length) * 2 + 8, clean);
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("makeRedactor() finds user and password as HTTP sends them", () => {
  const header = (text: string) => new TextEncoder().encode(text).toBase64();
  const redact = makeRedactor(["pässwörd"]);
  for (const user of ["u", "us", "use"]) {
    assert.match(redact(`x${header(`${user}:pässwörd`)}`), /^x\w{1,6}\*\*\*\S{0,3}$/);
  }
});

Deno.test("makeRedactor() takes time in proportion to the text, whatever the text is", () => {
  const redact = makeRedactor(["s3cr3t'of\\writer", "%5C&amp;\\u005c"]);
  const time = (text: string) => {
    const begun = performance.now();
    redact(text);
    return performance.now() - begun;
  };
  for (const piece of ["\\", "%5C", "%25", "&amp;", "\\u005c", "s3cr3t", "'", "\\'", "s3\\"]) {
    time(piece.repeat(1000));
    assert.ok(time(piece.repeat(50_000)) < 20_000, piece);
  }
});

Deno.test("makeRedactor() leaves text without secrets as it is", () => {
  const text = "Checking table: default.http_telemetry (100% of 'user' rows)";
  assert.equal(makeRedactor(["hunter2"])(text), text);
});
