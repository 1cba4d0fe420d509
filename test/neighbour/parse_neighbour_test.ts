import assert from "node:assert/strict";
import { makeRedactor } from "../../src/log/redact.ts";
import { readNeighbour } from "../../src/neighbour/neighbour_file.ts";
import { parseNeighbour } from "../../src/neighbour/parse_neighbour.ts";
import { fc } from "../support/seed.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const redact = makeRedactor(["hunter2hunter2"]);
const parse = (value: unknown) =>
  parseNeighbour(new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)), redact);
const STATE = {
  last_check: "2026-11-26T04:00:00.000Z",
  failback_ready: true,
  ready_until: "2026-11-26T04:10:00.000Z",
  active_site: "primary",
  consecutive_clean: 3,
  last_error: null,
};

Deno.test("parseNeighbour() takes the fields that it knows, and times as other languages write them", () => {
  assert.deepEqual(parse({ ...STATE, more: { of: "it" } }), { kind: "state", state: STATE });
  assert.deepEqual(parse({ ...STATE, last_check: "2026-11-26 04:00:00+00:00" }), {
    kind: "state",
    state: STATE,
  });
  const { last_check, failback_ready, active_site } = STATE;
  const least = { last_check, failback_ready, active_site };
  assert.deepEqual(parse(least), {
    kind: "state",
    state: { ...least, ready_until: null, consecutive_clean: null, last_error: null },
  });
});

Deno.test("parseNeighbour() takes nothing of a file in which a field is wrong, absent or cut off", () => {
  const wrong = [
    ...["", "{", "[]", "null", '"ready"', JSON.stringify(STATE).slice(0, -20)],
    ...[{ last_check: undefined }, { last_check: "yesterday" }, { last_check: 1 }, {
      failback_ready: "true",
    }],
    ...[{ active_site: "here" }, { active_site: undefined }, { ready_until: "2026-99-99T00:00:00Z" }],
    ...[{ consecutive_clean: -1 }, { last_error: {} }, { ready_until: "2026-11-26T04:10:00+02:00" }],
  ].map((one) => typeof one === "string" ? one : { ...STATE, ...one });
  for (const one of wrong) assert.equal(parse(one).kind, "problem", JSON.stringify(one));
});

Deno.test("parseNeighbour() never throws, and shows of foreign text one short line without secrets", () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => assert.ok(parse(text).kind)));
  const shown = (last_error: string) => {
    const read = parse({ ...STATE, last_error });
    assert.ok(read.kind === "state");
    return read.state.last_error!;
  };
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 900 }), (text) => {
    const line = shown(text);
    assert.ok(line.length <= 201 && line.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line), line);
  }));
  assert.equal(
    shown("GET http://u:pw12345@vm:8428/ said Bearer abcdef0123 hunter2hunter2\nno"),
    "GET http://***@vm:8428/ said Bearer *** *** no",
  );
});

Deno.test("readNeighbour() says what is wrong with a file, and waits for no pipe", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/vm.json`;
  const problem = async (at = path) => {
    const read = await readNeighbour(at, redact);
    return read.kind === "problem" ? read.problem : null;
  };
  assert.equal(await problem(), "there is no such file");
  assert.equal(await problem(directory.path), "it is no file");
  await Deno.writeTextFile(path, JSON.stringify(STATE), { mode: 0o600 });
  assert.equal(await problem(), null);
  await Deno.chmod(path, 0o666);
  assert.match((await problem())!, /^other users may write to it/);
  await Deno.chmod(path, 0o600);
  // Through links, in directories of their own.
  const links = ["a", "b"].map((name) => `${directory.path}/${name}`);
  for (const link of links) await Deno.mkdir(link, { mode: 0o700 });
  await Deno.symlink(path, `${links[1]}/link`);
  await Deno.symlink("../b/link", `${links[0]}/link`);
  assert.equal(await problem(`${links[0]}/link`), null);
  for (const open of links) {
    await Deno.chmod(open, 0o777);
    assert.match((await problem(`${links[0]}/link`))!, /^other users may write to it/);
    await Deno.chmod(open, 0o700);
  }
  await Deno.truncate(path, 5 * 1024 * 1024);
  assert.equal(await problem(), "it is too large");
  await Deno.remove(path);
  await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.equal(await problem(), "it is no file");
});
