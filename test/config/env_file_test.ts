import assert from "node:assert/strict";
import fc from "fast-check";
import { readEnvironment } from "../../src/config/env_file.ts";
import { describeMistake } from "../../src/config/mistake.ts";

/** What is read of a file with this text. */
function read(text: string, process: Record<string, string> = {}) {
  const { environment, mistakes } = readEnvironment(process, "/etc/ch-sync.env", () => text);
  return { environment, mistakes: mistakes.map(describeMistake) };
}

function missing(path: string): never {
  throw new Deno.errors.NotFound(path);
}

Deno.test("readEnvironment() lets the process win over the file", () => {
  const { environment } = read("ROLE=dr\nLOG_LEVEL=debug\nNOTIFY_WEBHOOK=https://x\n", {
    ROLE: "primary",
    NOTIFY_WEBHOOK: "",
  });
  assert.deepEqual(environment, { ROLE: "primary", LOG_LEVEL: "debug", NOTIFY_WEBHOOK: "" });
});

Deno.test("readEnvironment() does without .env, but not without the file that was asked for", () => {
  assert.deepEqual(readEnvironment({ A: "1" }, null, missing), { environment: { A: "1" }, mistakes: [] });
  assert.deepEqual(readEnvironment({}, "/nowhere", missing).mistakes.map(describeMistake), [
    "--env-file /nowhere cannot be read: check the path and its mode",
  ]);
});

Deno.test("readEnvironment() reports a .env that is there and cannot be read", () => {
  const denied = () => {
    throw new Deno.errors.PermissionDenied("no");
  };
  assert.equal(readEnvironment({}, null, denied).mistakes.length, 1);
});

Deno.test("readEnvironment() reports the lines that would be ignored or cut, without their text", () => {
  const text = [
    "# comment",
    "",
    "ROLE: dr hunter2",
    "hunter2",
    "two words=hunter2",
    "export LOG_LEVEL=debug",
    "A='hunter2' more",
    "B=hun#ter2",
    "C=fine # comment",
    "D='fine#' # comment",
    "E=#",
    "F=",
  ].join("\r\n");
  const { environment, mistakes } = read(text);
  assert.deepEqual(mistakes, [
    "/etc/ch-sync.env line 3 must be NAME=value, a comment or blank",
    "/etc/ch-sync.env line 4 must be NAME=value, a comment or blank",
    "/etc/ch-sync.env line 5 must be NAME=value, a comment or blank",
    "/etc/ch-sync.env line 7 must have nothing after the quote ' that ends its value",
    "/etc/ch-sync.env line 8 must have quotes around a value with #, which begins a comment otherwise",
  ]);
  assert.equal(environment.LOG_LEVEL, "debug");
  assert.equal(environment.C, "fine");
});

Deno.test("readEnvironment() takes values of several lines, and reports a quote that is never closed", () => {
  const { environment, mistakes } = read("A='one\ntwo'\nB=1\nC=\"open\nD=2\nstray\n");
  assert.equal(environment.A, "one\ntwo");
  assert.equal(environment.D, "2");
  assert.deepEqual(mistakes, [
    '/etc/ch-sync.env line 4 must close the quote " that it opens',
    "/etc/ch-sync.env line 6 must be NAME=value, a comment or blank",
  ]);
});

Deno.test("readEnvironment() passes over a byte order mark", () => {
  assert.deepEqual(read("\uFEFFROLE=dr"), { environment: { ROLE: "dr" }, mistakes: [] });
});

Deno.test("readEnvironment() reads every value in single quotes back, or reports it", () => {
  const value = fc.string({ unit: "grapheme" }).filter((text) => !/['\r]/.test(text));
  fc.assert(fc.property(value, value, (one, two) => {
    const { environment, mistakes } = read(`ONE='${one}'\nTWO='${two}'\n`);
    assert.deepEqual(mistakes, []);
    assert.deepEqual({ ...environment }, { ONE: one, TWO: two });
  }));
});
