import assert from "node:assert/strict";
import fc from "fast-check";
import { literal } from "../../src/clickhouse/quoting.ts";
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
    { numRuns: 1000 },
  );
});

Deno.test("makeRedactor() leaves text without secrets as it is", () => {
  const text = "Checking table: default.http_telemetry (100% of 'user' rows)";
  assert.equal(makeRedactor(["hunter2"])(text), text);
});
