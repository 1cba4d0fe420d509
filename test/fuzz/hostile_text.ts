/** Text as strangers write it: names, defaults, errors, answers. */
import { fc } from "../support/seed.ts";
import { HOSTILE_NAMES } from "../support/data/hostile_names.ts";

/** Pieces that mean something to a shell, a terminal, SQL, HTML, a chat, a log or a parser of ours. */
const PIECES = [
  "'; DROP TABLE d.t; --",
  "') UNION ALL SELECT password FROM system.users --",
  "`; DROP TABLE d.t; --",
  "\\",
  "\\'",
  "'",
  '"',
  "`",
  "\0",
  "\x1b[2J\x1b[1;1H",
  "\x1b]0;title\x07",
  "\x9b31m",
  "\x08\x7f",
  "\r\n[INFO] FAILBACK READY",
  "\n[ERROR] forged",
  "\u2028",
  "\u202e\u2066",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "&lt;",
  "@channel",
  "<!here>",
  "<@U0123>",
  "<https://evil.example|click>",
  "[click](https://evil.example)",
  "*bold*",
  "```",
  "remote('h:1', d.t, 'u', '",
  "remoteSecure(",
  "Code: 60. DB::Exception: ",
  " (UNKNOWN_TABLE)",
  "http://u:p@h/",
  "Basic c3luYzpwdw==",
  "${HOME}",
  "$(id)",
  "%s%n%25",
  "{braces:String}",
  "{{text}}",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "🦆👩‍👩‍👧",
  "\ud800",
  "\ufeff",
  "NaN",
  "-1",
  "1e999",
];

const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...PIECES, ...HOSTILE_NAMES), weight: 3 },
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
    maxLength: 8,
  }),
  fc.stringMatching(/^[a-z0-9_. ]{1,8}$/),
);

/** Any text, half of a surrogate pair included. */
export const hostileText: fc.Arbitrary<string> = fc.array(piece, { minLength: 1, maxLength: 6 }).map((
  pieces,
) => pieces.join(""));

/** Text that can be sent as UTF-8. */
export const sendableText: fc.Arbitrary<string> = hostileText.map((text) => text.toWellFormed());

/** Any value of JSON, with such texts and such names of fields. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.jsonValue(),
  fc.double(),
  fc.dictionary(hostileText, fc.oneof(hostileText, fc.jsonValue()), { maxKeys: 4, noNullPrototype: true }),
);

/** What a terminal obeys, and what starts another line. */
// deno-lint-ignore no-control-regex
export const CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
