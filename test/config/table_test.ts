import assert from "node:assert/strict";
import { RefusedValue } from "../../src/config/setting.ts";
import { namedSettings, SECTIONS, SETTINGS } from "../../src/config/table/table.ts";

function neverRead(path: string): never {
  throw new Error(path);
}

Deno.test("the table holds each name once, old ones too, with meaning and accepted values", () => {
  const names = SETTINGS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[A-Z][A-Z_]+$/);
  for (const { name, meaning, accepts } of SETTINGS) {
    assert.ok(meaning !== "" && accepts !== "", name);
    assert.ok(!/[|\n]/.test(meaning + accepts) && !/\.$/.test(meaning) && !accepts.endsWith("."), name);
  }
});

Deno.test("every setting stands in one section, and every section has a title", () => {
  assert.equal(SECTIONS.flatMap(namedSettings).length, SETTINGS.length);
  assert.equal(new Set(SECTIONS.map(({ title }) => title)).size, SECTIONS.length);
});

Deno.test("every default is accepted, and every setting that is required has an example that is", () => {
  for (const { name, default: value, required, example, parse } of SETTINGS) {
    if (value !== null) assert.ok(!(parse(value, neverRead) instanceof RefusedValue), name);
    assert.equal(example !== undefined, required === true, name);
    const texts = typeof example === "string" ? [example] : Object.values(example ?? {});
    for (const text of texts) assert.ok(!(parse(text, neverRead) instanceof RefusedValue), name);
  }
});

Deno.test("the table marks everything that may hold a secret", () => {
  assert.deepEqual(SETTINGS.filter(({ secret }) => secret).map(({ name }) => name).sort(), [
    "DRILL_PASSWORD",
    "HEARTBEAT_URL",
    "LOCAL_CH_PASSWORD",
    "NOTIFY_WEBHOOK",
    "REMOTE_CH_PASSWORD",
  ]);
  assert.deepEqual(SETTINGS.filter(({ secretFile }) => secretFile).map(({ name }) => name).sort(), [
    "CLIENT_KEY_FILE",
    "DRILL_PASSWORD_FILE",
    "LOCAL_CH_PASSWORD_FILE",
    "REMOTE_CH_PASSWORD_FILE",
    "STATUS_KEY_FILE",
    "STATUS_PASSWORD_FILE",
  ]);
});
